import type { AtlasSession } from '../atlas/api.ts';
import type { AtlasError } from '../atlas/errors.ts';
import type { Clock } from '../clock.ts';
import { MINUTE } from '../durations.ts';

/** When the run takes place. */
export interface RunTime {
  /** When it was due. */
  tick: number;
  /** When it started. */
  now: number;
}

/** So much later than Atlas's clock a tick may be: a schedule's clock and Atlas's are never quite the same. */
export const TICK_TOLERANCE = 5 * MINUTE;

/** A clock that is ahead by more is reported. */
const REPORTED = 2 * MINUTE;

/** When a run takes place, by a clock that is never ahead of Atlas's. */
export interface RunClock {
  time: RunTime;
  /** By how much the machine's clock is ahead of it, ms. */
  ahead: number;
  /** Why Atlas cannot be asked at all. */
  trouble: AtlasError | null;
}

/** Finds out what time it is for Atlas. A tick from the future becomes the present: watermarks must not pass it. */
export async function startClock(atlas: AtlasSession, clock: Clock, tick: number): Promise<RunClock> {
  const trouble = await atlas.learnTime();
  const now = atlas.now();
  const ahead = clock.now() - now;
  if (ahead > REPORTED) {
    atlas.remarks.notes.add("the clock here is ahead of Atlas's: nothing is read beyond Atlas's time");
  }
  return { time: { tick: tick - now > TICK_TOLERANCE ? now : tick, now }, ahead, trouble };
}
