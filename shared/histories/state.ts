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
  /** The pass that reads the target; null before its first response. Only an unfinished one is stored. */
  pass: Pass | null;
}

/**
 * One reading of a target, from the start of the lookback to everything that had settled when it began. A pass can take
 * several runs, each with a few requests.
 */
export interface Pass {
  /** Where to continue. */
  from: number;
  /**
   * Where it ends. What settles later is left to the next pass, because that looks back again: an entry that came late
   * meanwhile is less than one lookback before this end.
   */
  until: number;
  /** Whether the last response from there was full. */
  wasFull: boolean;
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
    pass: null,
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
  // Earlier versions began each run with the lookback.
  pass: z
    .strictObject({ from: z.number(), until: z.number(), was_full: z.boolean() })
    .nullable()
    .default(null),
};

const storedHistory = z.object(historyFields);
type StoredHistory = z.infer<typeof storedHistory>;

export function encodeHistory({ begun, unavailableOn, span, lookback, pass }: HistoryState) {
  const unfinished =
    pass && pass.from < pass.until ? { from: pass.from, until: pass.until, was_full: pass.wasFull } : null;
  return { begun, unavailable_on: unavailableOn, span, overlap: { ...lookback }, pass: unfinished };
}

export function decodeHistory(
  { begun, unavailable_on, span, overlap, pass }: StoredHistory,
  watermark: number,
): HistoryState {
  return {
    watermark,
    begun,
    unavailableOn: unavailable_on,
    idle: unavailable_on !== null,
    span,
    lookback: overlap,
    pass: pass && { from: pass.from, until: pass.until, wasFull: pass.was_full },
  };
}

/** Returns the maximum stored size of a state in bytes: its hashes, and about 280 for everything else. */
export function historySize({ lookback }: HistoryState): number {
  return 280 + lookback.hashes.length + lookback.counts.length;
}

/**
 * Returns the state with its watermark moved back to an instant, after a fast clock had put it into the future. Entries
 * in the hashes are not written again. Reading continues where the hashes begin, because before that nothing shows what
 * is in the lake.
 */
export function pulledBack<State extends HistoryState>(state: State, instant: number): State {
  if (state.watermark - instant < WAITED_FOR) return state;
  const watermark = floorTo(instant, SECOND);
  return { ...state, watermark, lookback: lookbackUntil(state.lookback, watermark), pass: null };
}

/** Returns what must be kept of the state of a target that has long been gone, in case it comes back. */
export function dormant<State extends HistoryState>(state: State): State {
  return { ...state, lookback: emptyLookback(state.watermark), pass: null };
}
