import type { Gap, Target, TargetState } from './dataset.ts';
import { floorTo } from './durations.ts';
import type { RunTime } from './windows.ts';

/** How long Atlas holds what a target has had, and how finely its marks are counted; ms. */
export interface Holding {
  retention: number;
  granule: number;
}

/** Whether a target is listed no more and Atlas has dropped everything that it had: there is nothing left to ask for. */
export function isExpired(
  target: Pick<Target<TargetState>, 'listed' | 'listedAt'>,
  { retention }: Holding,
  time: RunTime,
): boolean {
  return !target.listed && time.now - target.listedAt > retention;
}

/** What an expired target had from its mark to when it was last listed, and nobody has read; null when nothing. */
export function lostWithTarget(
  target: Pick<Target<TargetState>, 'listed' | 'listedAt' | 'state'>,
  holding: Holding,
  time: RunTime,
): Gap | null {
  if (!isExpired(target, holding, time)) return null;
  const end = floorTo(target.listedAt, holding.granule);
  if (target.state.mark >= end) return null;
  return { from: target.state.mark, to: end, reason: 'no longer listed by Atlas, and its retention is over' };
}
