import type { StepResult } from '../engine/dataset.ts';
import { unavailableSince } from '../sources/availability.ts';
import { emptyLookback } from './lookback.ts';
import type { HistoryState } from './state.ts';

/** A step that Atlas refused, or for which it has nothing. Times in ms. */
interface RefusedStep<State extends HistoryState> {
  state: State;
  /** The start of the run. */
  startedAt: number;
  /** Up to where entries were due. */
  settled: number;
}

/**
 * Skips a target until tomorrow, because Atlas has nothing of this kind for it. A target that never had anything starts
 * on the day it gets some.
 */
export function skippedWithoutHistory<State extends HistoryState>(
  { state, settled, startedAt }: RefusedStep<State>,
  warning: string,
): StepResult<State> {
  const watermark = state.begun ? state.watermark : Math.max(state.watermark, settled);
  const lookback = state.begun ? state.lookback : emptyLookback(watermark);
  return skipped({ ...state, watermark, lookback }, startedAt, warning);
}

/** Skips a target until tomorrow. The watermark stays, so that a run with a sufficient role reads what Atlas still has. */
export function skippedWithoutRole<State extends HistoryState>(
  { state, startedAt }: Omit<RefusedStep<State>, 'settled'>,
  warning: string,
): StepResult<State> {
  return skipped(state, startedAt, warning);
}

function skipped<State extends HistoryState>(
  state: State,
  startedAt: number,
  warning: string,
): StepResult<State> {
  return {
    state: { ...state, pass: null, ...unavailableSince(startedAt), idle: true },
    tables: [],
    gaps: [],
    warnings: [warning],
  };
}
