import type { Gap, Target, TargetState } from './dataset.ts';
import { floorTo } from './durations.ts';
import type { RunTime } from './windows.ts';

/** How long Atlas holds what a target has had, and how finely its marks are counted; ms. */
export interface Holding {
  retention: number;
  granule: number;
}

/**
 * Whether a target is listed no more and Atlas has dropped everything that it had: there is nothing left to ask for.
 * It may have lived until just before the first run that missed it, so its retention counts from there.
 */
export function isExpired(
  target: Pick<Target<TargetState>, 'missingSince'>,
  { retention }: Holding,
  time: RunTime,
): boolean {
  return target.missingSince !== null && time.now - target.missingSince > retention;
}

/** What an expired target may have had from its mark to the first run that missed it, and nobody has read; null when nothing. */
export function lostWithTarget(
  target: Pick<Target<TargetState>, 'missingSince' | 'state'>,
  holding: Holding,
  time: RunTime,
): Gap | null {
  if (target.missingSince === null || !isExpired(target, holding, time)) return null;
  const end = floorTo(target.missingSince, holding.granule);
  if (target.state.mark >= end) return null;
  return { from: target.state.mark, to: end, reason: 'no longer listed by Atlas, and its retention is over' };
}
