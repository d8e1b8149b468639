import type { AtlasSession } from '../atlas/api.ts';
import type { AtlasError } from '../atlas/errors.ts';
import type { Clock } from '../clock.ts';
import { MINUTE } from '../durations.ts';

/** The time of a run, ms since the epoch. */
export interface RunTime {
  /** When the run was due. */
  tick: number;
  /** When the run started. */
  now: number;
}

/**
 * How far a tick may be ahead of Atlas's clock. The clocks of a schedule and of Atlas are never quite the
 * same.
 */
export const TICK_TOLERANCE = 5 * MINUTE;

/** A clock that is ahead by more than this is reported. */
const REPORTED = 2 * MINUTE;

/** The time of a run, by a clock that is never ahead of Atlas's. */
export interface RunClock {
  time: RunTime;
  /** How far the machine's clock is ahead of that clock, ms. */
  ahead: number;
  /** Why Atlas cannot be reached at all; null if it can. */
  unreachable: AtlasError | null;
}

/**
 * Reads Atlas's time. Replaces a tick from the future with the present, because watermarks must not pass the
 * present.
 */
export async function startClock(atlas: AtlasSession, clock: Clock, tick: number): Promise<RunClock> {
  const unreachable = await atlas.learnTime();
  const now = atlas.now();
  const ahead = clock.now() - now;
  if (ahead > REPORTED) {
    atlas.remarks.notes.add("the clock here is ahead of Atlas's: nothing is read beyond Atlas's time");
  }
  return { time: { tick: tick - now > TICK_TOLERANCE ? now : tick, now }, ahead, unreachable };
}
