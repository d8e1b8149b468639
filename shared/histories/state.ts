import * as z from 'zod';
import { floorTo, HOUR, SECOND } from '../durations.ts';
import type { TargetState } from '../engine/dataset.ts';
import { WAITED_FOR } from '../engine/future-watermarks.ts';
import type { Availability } from '../sources/availability.ts';
import { emptyLookback, type Lookback, lookbackUntil } from './lookback.ts';

/** What is known of one target. Watermarks and spans are whole seconds, in ms. */
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

/** A first guess that suits most targets: full responses halve it, small ones double it. */
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

/** The stored form of a state without its watermark. */
export const historyFields = {
  begun: z.boolean(),
  unavailable_on: z.string().nullable(),
  span: z.number(),
  overlap: z.strictObject({
    from: z.number(),
    hashes: z.instanceof(Uint8Array),
    counts: z.instanceof(Uint8Array),
  }),
};

const storedHistory = z.object(historyFields);
type StoredHistory = z.infer<typeof storedHistory>;

export function encodeHistory({ begun, unavailableOn, span, lookback }: HistoryState) {
  return { begun, unavailable_on: unavailableOn, span, overlap: { ...lookback } };
}

export function decodeHistory(
  { begun, unavailable_on, span, overlap }: StoredHistory,
  watermark: number,
): HistoryState {
  return {
    watermark,
    begun,
    unavailableOn: unavailable_on,
    idle: unavailable_on !== null,
    span,
    lookback: overlap,
    reading: null,
  };
}

/** Returns the maximum stored size of a state in bytes: its hashes, and about 200 for everything else. */
export function historySize({ lookback }: HistoryState): number {
  return 200 + lookback.hashes.length + lookback.counts.length;
}

/**
 * Returns the state with its watermark moved back to an instant, after a fast clock had put it into the future. Entries
 * in the hashes are not written again. Reading continues where the hashes begin, because before that nothing shows what
 * is in the lake.
 */
export function pulledBack<State extends HistoryState>(state: State, instant: number): State {
  if (state.watermark - instant < WAITED_FOR) return state;
  const watermark = floorTo(instant, SECOND);
  return { ...state, watermark, lookback: lookbackUntil(state.lookback, watermark), reading: null };
}

/** Returns what must be kept of the state of a target that has long been gone, in case it comes back. */
export function dormant<State extends HistoryState>(state: State): State {
  return { ...state, lookback: emptyLookback(state.watermark), reading: null };
}
