import * as z from 'zod';
import type { Document } from '../../shared/cursors/document.ts';
import { floorTo, HOUR, SECOND } from '../../shared/durations.ts';
import { SELF, type StateCodec, type TargetState } from '../../shared/engine/dataset.ts';
import { WAITED_FOR } from '../../shared/engine/future-watermarks.ts';
import type { Availability } from '../../shared/sources/availability.ts';
import { emptyLookback, type Lookback, lookbackUntil } from './lookback.ts';

/** What is known of one host. Watermarks and spans are whole seconds, in ms. */
export interface HistoryState extends TargetState, Availability {
  /** Something has been read: anything lost from now on is a gap. */
  begun: boolean;
  /** How much time the next request covers. */
  span: number;
  lookback: Lookback;
  /**
   * Where this run continues, and whether its last response from there was full; null before its first response. It is
   * not stored: each run begins with the lookback.
   */
  reading: { from: number; wasFull: boolean } | null;
}

/** A first guess that suits most hosts: full responses halve it, small ones double it. */
const FIRST_SPAN = HOUR;

export function newHistory(watermark: number): HistoryState {
  return {
    watermark,
    begun: false,
    unavailableOn: null,
    idle: false,
    span: FIRST_SPAN,
    lookback: emptyLookback(watermark),
    reading: null,
  };
}

/** Version 1 had an empty name for the host itself. */
export const HISTORIES_VERSION = 2;

const storedSchema = z.array(
  z.strictObject({
    name: z.string().transform((name) => name || SELF),
    begun: z.boolean(),
    unavailable_on: z.string().nullable(),
    span: z.number(),
    overlap: z.strictObject({
      from: z.number(),
      hashes: z.instanceof(Uint8Array),
      counts: z.instanceof(Uint8Array),
    }),
  }),
);

export function encodeHistories(states: ReadonlyMap<string, HistoryState>): Document {
  return [...states].map(([name, { begun, unavailableOn, span, lookback }]) => ({
    name,
    begun,
    unavailable_on: unavailableOn,
    span,
    overlap: { ...lookback },
  }));
}

export function decodeHistories(
  stored: Document,
  watermarks: ReadonlyMap<string, number>,
): Map<string, HistoryState> {
  const states = new Map<string, HistoryState>();
  for (const { name, begun, unavailable_on, span, overlap } of storedSchema.parse(stored)) {
    const watermark = watermarks.get(name);
    if (watermark === undefined) continue;
    states.set(name, {
      watermark,
      begun,
      unavailableOn: unavailable_on,
      idle: unavailable_on !== null,
      span,
      lookback: overlap,
      reading: null,
    });
  }
  return states;
}

/** Returns the maximum stored size of a state in bytes: its hashes, and about 200 for everything else. */
export function historySize({ lookback }: HistoryState): number {
  return 200 + lookback.hashes.length + lookback.counts.length;
}

export const historiesCodec: StateCodec<HistoryState> = {
  stateVersion: HISTORIES_VERSION,
  encode: encodeHistories,
  decode: decodeHistories,
  sizeBound: historySize,
};

/**
 * Returns the state with its watermark moved back to an instant, after a fast clock had put it into the future. Entries
 * in the hashes are not written again. Reading continues where the hashes begin, because before that nothing shows what
 * is in the lake.
 */
export function pulledBack(state: HistoryState, instant: number): HistoryState {
  if (state.watermark - instant < WAITED_FOR) return state;
  const watermark = floorTo(instant, SECOND);
  return { ...state, watermark, lookback: lookbackUntil(state.lookback, watermark), reading: null };
}
