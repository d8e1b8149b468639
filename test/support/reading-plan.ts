import { MINUTE } from '../../shared/durations.ts';
import type { ReadingPlan } from '../../shared/measurements/windows.ts';

/** Returns the plan of a target of which every series is collected. */
export function planOf(settle: number, jitter = 0): ReadingPlan {
  return { settle, jitter, slack: 40 * MINUTE, selects: () => true };
}
