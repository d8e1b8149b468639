import * as z from 'zod';
import type { Document } from '../../shared/cursors/document.ts';
import { floorTo, HOUR } from '../../shared/durations.ts';
import { SELF, type StateCodec, type TargetState } from '../../shared/engine/dataset.ts';
import { WAITED_FOR } from '../../shared/engine/future-watermarks.ts';
import type { RunTime } from '../../shared/engine/run-clock.ts';
import { settledTime } from '../../shared/measurements/windows.ts';
import type { PastAvailability } from '../../shared/sources/availability.ts';

/** How far the hours of a process have been read; `watermark` is the end of the last hour that was read in order. */
export interface RankedNamespacesState extends TargetState, PastAvailability {
  /** Hours before the watermark whose response was empty and may still be filled, oldest first. */
  empty: readonly EmptyHour[];
  /**
   * Hours whose measurements fail, by their start, and since when, ms since the epoch. If a namespace of the hour before
   * was given up, the hour counts as failing since its start.
   */
  failing: ReadonlyMap<number, number>;
  /** Hours that failed in this run. They are not stored, so each run reads them again. */
  failed: ReadonlySet<number>;
}

/** Instants in ms since the epoch; an hour is identified by its start. */
export interface EmptyHour {
  hour: number;
  /** When it was first and last requested. */
  firstRequestedAt: number;
  lastRequestedAt: number;
}

/** Returns the state of a process that is seen for the first time. */
export function newState(time: RunTime, backfill: number): RankedNamespacesState {
  return {
    watermark: settledTime(time, backfill, { step: HOUR }),
    empty: [],
    failing: new Map(),
    failed: new Set(),
    unavailableOn: null,
    nothingBefore: null,
    idle: false,
  };
}

/**
 * Returns the state with its watermark moved back to the hour of an instant, after a fast clock had put it into the
 * future. Hours that were empty are requested again. Nothing is known of the earlier hours, so they are not written
 * twice.
 */
export function pulledBack(state: RankedNamespacesState, instant: number): RankedNamespacesState {
  if (state.watermark - instant < WAITED_FOR) return state;
  const watermark = floorTo(instant, HOUR);
  const empty = state.empty
    .filter(({ hour }) => hour < watermark)
    .map(({ hour }) => ({ hour, firstRequestedAt: instant - HOUR, lastRequestedAt: instant - HOUR }));
  const failing = new Map([...state.failing].filter(([hour, since]) => hour < watermark && since <= instant));
  return { ...state, watermark, empty, failing };
}

/** Version 1 stored each state under a key of a map. The key was empty, which DynamoDB rejects. */
export const RANKED_NAMESPACES_VERSION = 2;

/**
 * Waiting hours are stored as [hour, first requested, last requested]. Failing ones are stored among them, with the instant
 * before `since` as the last. Versions that do not know failing hours read them as waiting ones.
 */
const stateFields = {
  unavailable_on: z.string().nullable(),
  // The first cursors of version 1 lack this field.
  nothing_before: z.string().nullable().default(null),
  empty: z.array(z.tuple([z.number(), z.number(), z.number()])),
};
const storedSchema = z.array(z.strictObject({ name: z.string(), ...stateFields }));
const firstSchema = z.record(z.string(), z.strictObject(stateFields));

/** Three numbers of 13 digits, at 8 bytes each in DynamoDB, and the bytes around them. */
const BYTES_PER_EMPTY_HOUR = 40;
const BYTES_BESIDE = 120;

export function encodeStates(states: ReadonlyMap<string, RankedNamespacesState>): Document {
  return [...states].map(([name, { unavailableOn, nothingBefore, empty, failing }]) => ({
    name,
    unavailable_on: unavailableOn,
    nothing_before: nothingBefore,
    empty: [
      ...empty.map(({ hour, firstRequestedAt, lastRequestedAt }) => [
        hour,
        firstRequestedAt,
        lastRequestedAt,
      ]),
      ...[...failing].map(([hour, since]) => [hour, since, since - 1]),
    ],
  }));
}

export function decodeStates(
  stored: Document,
  watermarks: ReadonlyMap<string, number>,
  version: number,
): Map<string, RankedNamespacesState> {
  const states = new Map<string, RankedNamespacesState>();
  for (const known of readStates(stored, version)) {
    const { name, unavailable_on: unavailableOn, nothing_before: nothingBefore, empty: hours } = known;
    const watermark = watermarks.get(name);
    if (watermark === undefined) continue;
    states.set(name, {
      watermark,
      empty: hours
        .filter(([, first, last]) => last >= first)
        .map(([hour, firstRequestedAt, lastRequestedAt]) => ({ hour, firstRequestedAt, lastRequestedAt })),
      failing: new Map(hours.filter(([, first, last]) => last < first).map(([hour, since]) => [hour, since])),
      failed: new Set(),
      unavailableOn,
      nothingBefore,
      idle: unavailableOn !== null,
    });
  }
  return states;
}

function readStates(stored: Document, version: number): z.infer<typeof storedSchema> {
  if (version > 1) return storedSchema.parse(stored);
  return Object.entries(firstSchema.parse(stored)).map(([name, state]) => ({ name: name || SELF, ...state }));
}

/** Returns the maximum stored size of a state in bytes. */
export function stateSize({ empty, failing }: RankedNamespacesState): number {
  return BYTES_BESIDE + BYTES_PER_EMPTY_HOUR * (empty.length + failing.size);
}

export const rankedNamespacesCodec: StateCodec<RankedNamespacesState> = {
  stateVersion: RANKED_NAMESPACES_VERSION,
  encode: encodeStates,
  decode: decodeStates,
  sizeBound: stateSize,
};
