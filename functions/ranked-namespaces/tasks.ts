import { ceilTo, DAY, HOUR } from '../../shared/durations.ts';
import type { Gap } from '../../shared/engine/dataset.ts';
import type { RunTime } from '../../shared/engine/run-clock.ts';
import { utcDay } from '../../shared/lake/format.ts';
import { settledTime } from '../../shared/measurements/windows.ts';
import type { RankedNamespacesState } from './state.ts';

/** What to do next for a process. */
export type HourTask =
  | { kind: 'read'; hour: number }
  /** Too much time has passed for all of it to be asked for. */
  | { kind: 'skip'; gap: Gap };

/**
 * For so long after it was first read an empty hour is asked for again: Atlas ranks an hour some time after its end.
 * Then there was nothing. The last time is in the first run after that, however late that takes place.
 */
const PATIENCE = 3 * HOUR;

/**
 * How far back the hours since the watermark are asked for one by one. How long Atlas keeps them is not documented, so that
 * this is a matter of requests: at the usual ten measured namespaces an hour costs eleven, a week of one process 1848,
 * and the bucket gives a project about 100 a minute. A longer backfill that was configured is asked for, too.
 */
export const LONGEST_BACKLOG = 7 * DAY;

/**
 * What comes next: new hours in order, and when there is none, those that were empty, each once in a tick. So an hour
 * that is filled late, or fails, holds nothing up.
 *
 * @param forward the time of the run as far as new hours go: earlier than `time` where none are expected
 */
export function nextTask(
  state: RankedNamespacesState,
  { settle, backfill }: { settle: number; backfill: number },
  time: RunTime,
  forward = time,
): HourTask | null {
  const settled = settledTime(forward, settle, { interval: HOUR });
  const oldest = settledTime(time, settle + Math.max(LONGEST_BACKLOG, backfill), { interval: HOUR });
  // What lies before a refusal is no loss: until then Atlas had nothing.
  if (state.watermark < oldest && state.unavailableOn === null) {
    return {
      kind: 'skip',
      gap: { from: state.watermark, to: oldest, reason: 'too far behind to be asked for' },
    };
  }
  // The watermark of a process that had left, and has come back, lies within an hour.
  const next = ceilTo(Math.max(state.watermark, oldest), HOUR);
  if (next < settled) return { kind: 'read', hour: next };
  const again = state.empty.find(({ lastAsked }) => lastAsked < askedAt(time));
  return again ? { kind: 'read', hour: again.hour } : null;
}

/** The state once an hour has been answered. One that has names is not in it any more, and is never asked for again. */
export function hourRead(
  state: RankedNamespacesState,
  hour: number,
  isEmpty: boolean,
  time: RunTime,
): RankedNamespacesState {
  const lastAsked = askedAt(time);
  const before = state.empty.find((known) => known.hour === hour);
  const firstAsked = before?.firstAsked ?? lastAsked;
  const waits = isEmpty && lastAsked - firstAsked < PATIENCE;
  const others = state.empty.filter((known) => known.hour !== hour);
  return {
    watermark: Math.max(state.watermark, hour + HOUR),
    empty: waits ? [...others, { hour, firstAsked, lastAsked }].sort((a, b) => a.hour - b.hour) : others,
    unavailableOn: null,
    nothingBefore: precedesRefusal(state, hour) ? refusalOf(state) : null,
    idle: false,
  };
}

/** Whether Atlas said after an hour that it has nothing at all for the process: then nothing of that hour is lost. */
export function precedesRefusal(state: RankedNamespacesState, hour: number): boolean {
  const day = refusalOf(state);
  return day !== null && utcDay(hour) < day;
}

function refusalOf({ unavailableOn, nothingBefore }: RankedNamespacesState): string | null {
  return unavailableOn ?? nothingBefore;
}

/** The state once it is settled that nothing before an instant will be asked for any more. */
export function hoursSkipped(state: RankedNamespacesState, to: number): RankedNamespacesState {
  return { ...state, watermark: to, empty: state.empty.filter(({ hour }) => hour >= to) };
}

/** The tick counts, as for every window, so that the same tick twice asks for nothing twice. */
function askedAt({ tick, now }: RunTime): number {
  return Math.min(tick, now);
}
