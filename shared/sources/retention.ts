import { ceilTo, floorTo } from '../durations.ts';
import type { Target } from '../engine/cursor.ts';
import type { Gap, TargetState } from '../engine/dataset.ts';
import type { RunTime } from '../engine/run-clock.ts';

/** How long Atlas keeps the data of a target, and the interval of its watermarks; ms. */
export interface Retention {
  retention: number;
  interval: number;
}

/**
 * Returns whether a target is no longer listed, or only without data, and Atlas has dropped all of its data.
 * The target may have existed until just before the first run that missed it, so its retention counts from
 * there.
 */
export function isExpired(
  target: Pick<Target<TargetState>, 'missingSince'>,
  { retention }: Retention,
  time: RunTime,
): boolean {
  return target.missingSince !== null && time.now - target.missingSince > retention;
}

/** Returns the reason for the gap of an expired target. */
export function lostReason({ cursor }: Pick<Target<TargetState>, 'cursor'>): string {
  return `${cursor.hasData ? 'no longer listed by Atlas' : 'without data at Atlas'}, and its retention is over`;
}

/**
 * Returns the unread span of an expired target, from its watermark to the first run that missed it; null if
 * there is none.
 */
export function lostWithTarget(
  target: Pick<Target<TargetState>, 'missingSince' | 'cursor' | 'state'>,
  holding: Retention,
  time: RunTime,
): Gap | null {
  if (target.missingSince === null || !isExpired(target, holding, time)) return null;
  const end = floorTo(target.missingSince, holding.interval);
  if (target.state.watermark >= end) return null;
  return { from: target.state.watermark, to: end, reason: lostReason(target) };
}

/**
 * Returns the run time for new values of a target. A process without data is not expected to have values
 * younger than the first run that saw it without data, so reading further would only cost requests.
 */
export function advanceTime(
  target: Pick<Target<TargetState>, 'missingSince' | 'cursor'>,
  { interval }: Pick<Retention, 'interval'>,
  settle: number,
  time: RunTime,
): RunTime {
  if (target.cursor.hasData || target.missingSince === null) return time;
  return { ...time, tick: Math.min(time.tick, ceilTo(target.missingSince, interval) + settle) };
}
