import { ceilTo, floorTo } from '../durations.ts';
import type { Gap, Target, TargetState } from '../engine/dataset.ts';
import type { RunTime } from '../engine/run-clock.ts';

/** How long Atlas holds what a target has had, and how finely its watermarks are counted; ms. */
export interface Retention {
  retention: number;
  interval: number;
}

/**
 * Whether a target is listed no more, or only without data, and Atlas has dropped everything that it had: there is nothing left to ask for.
 * It may have lived until just before the first run that missed it, so its retention counts from there.
 */
export function isExpired(
  target: Pick<Target<TargetState>, 'missingSince'>,
  { retention }: Retention,
  time: RunTime,
): boolean {
  return target.missingSince !== null && time.now - target.missingSince > retention;
}

/** Why what an expired target had and nobody has read is a gap. */
export function lostReason({ silent }: Pick<Target<TargetState>, 'silent'>): string {
  return `${silent ? 'without data at Atlas' : 'no longer listed by Atlas'}, and its retention is over`;
}

/** The unread span of an expired target: from its watermark to the first run that missed it; null when there is none. */
export function lostWithTarget(
  target: Pick<Target<TargetState>, 'missingSince' | 'silent' | 'state'>,
  holding: Retention,
  time: RunTime,
): Gap | null {
  if (target.missingSince === null || !isExpired(target, holding, time)) return null;
  const end = floorTo(target.missingSince, holding.interval);
  if (target.state.watermark >= end) return null;
  return { from: target.state.watermark, to: end, reason: lostReason(target) };
}

/**
 * The time of the run as far as new values of a target go. Of a process without data none are expected that are younger
 * than the first run that saw it so: reading on would cost requests and bring nothing.
 */
export function forwardTime(
  target: Pick<Target<TargetState>, 'missingSince' | 'silent'>,
  { interval }: Pick<Retention, 'interval'>,
  settle: number,
  time: RunTime,
): RunTime {
  if (!target.silent || target.missingSince === null) return time;
  return { ...time, tick: Math.min(time.tick, ceilTo(target.missingSince, interval) + settle) };
}
