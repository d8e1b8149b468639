import type { Target } from '../engine/cursor.ts';
import type { Collector, Step } from '../engine/dataset.ts';
import { isUnavailableToday } from '../sources/availability.ts';
import { advanceTime, isExpired, lostWithTarget, type Retention } from '../sources/retention.ts';
import { emptyLookback } from './lookback.ts';
import type { HistoryState } from './state.ts';
import { isBehind, settledTime } from './windows.ts';

/** What to read of a target next. */
export interface NextWindow<State> {
  target: Target<State>;
  state: State;
  /** The time of the run, ms. */
  startedAt: number;
  /** The latest possible end of a window, ms. */
  settled: number;
}

/**
 * Returns how a collector of histories chooses the next step of a target: the gap of one that is gone for good, or the next
 * window of one that is behind.
 *
 * @param holding how long Atlas keeps entries
 * @param settle how long a run waits for late entries, ms
 * @param read returns the step that reads the next window
 */
export function historySteps<State extends HistoryState>(
  holding: Retention,
  settle: number,
  read: (next: NextWindow<State>) => Step<State> | null,
): Collector<State>['nextStep'] {
  return (target, time) => {
    const { state } = target;
    const gap = state.idle ? null : lostWithTarget(target, holding, time);
    if (gap) {
      const after = { ...state, watermark: gap.to, lookback: emptyLookback(gap.to), pass: null };
      return async () => ({ state: after, tables: [], gaps: [gap] });
    }
    if (isExpired(target, holding, time) || isUnavailableToday(state, time.now)) return null;
    const settled = settledTime(advanceTime(target, holding, settle, time), settle);
    return isBehind(state, settled) ? read({ target, state, startedAt: time.now, settled }) : null;
  };
}
