import * as z from 'zod';
import type { Document } from '../../shared/cursors/document.ts';
import { SELF } from '../../shared/engine/dataset.ts';
import type { HourState } from './hours.ts';

/** 1 named each state by a key of a map, which was empty: DynamoDB takes no such key. */
export const HOURS_VERSION = 2;

/** Hours that wait are stored as [hour, first asked, last asked]. */
const stateFields = {
  unavailable_on: z.string().nullable(),
  // The first cursors of version 1 are without it.
  nothing_before: z.string().nullable().default(null),
  empty: z.array(z.tuple([z.number(), z.number(), z.number()])),
};
const storedSchema = z.array(z.strictObject({ name: z.string(), ...stateFields }));
const firstSchema = z.record(z.string(), z.strictObject(stateFields));

/** Three numbers of 13 digits, which DynamoDB takes in 8 bytes each, and what surrounds them. */
const BYTES_PER_EMPTY_HOUR = 40;
const BYTES_BESIDE = 120;

export function encodeHours(states: ReadonlyMap<string, HourState>): Document {
  return [...states].map(([name, { unavailableOn, nothingBefore, empty }]) => ({
    name,
    unavailable_on: unavailableOn,
    nothing_before: nothingBefore,
    empty: empty.map(({ hour, firstAsked, lastAsked }) => [hour, firstAsked, lastAsked]),
  }));
}

export function decodeHours(
  stored: Document,
  watermarks: ReadonlyMap<string, number>,
  version: number,
): Map<string, HourState> {
  const states = new Map<string, HourState>();
  for (const known of readStates(stored, version)) {
    const { name, unavailable_on: unavailableOn, nothing_before: nothingBefore, empty } = known;
    const watermark = watermarks.get(name);
    if (watermark === undefined) continue;
    states.set(name, {
      watermark,
      empty: empty.map(([hour, firstAsked, lastAsked]) => ({ hour, firstAsked, lastAsked })),
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

/** The most bytes that a state can take when stored. */
export function hoursSizeBound({ empty }: HourState): number {
  return BYTES_BESIDE + BYTES_PER_EMPTY_HOUR * empty.length;
}
