import { ceilTo, DAY, HOUR } from '../../shared/durations.ts';
import type { Gap } from '../../shared/engine/dataset.ts';
import type { RunTime } from '../../shared/engine/run-clock.ts';
import { settledTime } from '../../shared/measurements/windows.ts';
import { availableAfter, dayStart } from '../../shared/sources/availability.ts';
import type { RankedNamespacesState } from './state.ts';

/** What to do next for a process. */
export type HourTask =
  /** `missed` is the time that is lost if Atlas has ranked namespaces again. */
  | { kind: 'read'; hour: number; missed: Gap | null }
  /** The backlog is too long to request all of it. */
  | { kind: 'skip'; gap: Gap };

/**
 * How long an empty hour is requested again after its first read, because Atlas ranks an hour some time after its end.
 * The first run after that requests it a last time, however late that is; if it is still empty, nothing happened in it.
 */
const PATIENCE = 3 * HOUR;

/**
 * How far back the hours since the watermark are requested one by one. Atlas does not document how long it keeps them,
 * so the number of requests decides. With ten measured namespaces, the default, an hour costs 11 requests and a week of
 * one process 1848, and a project may send about 100 a minute. A longer configured backfill is requested too.
 */
export const MAX_BACKLOG = 7 * DAY;

/**
 * Returns what comes next: new hours in order up to one that fails, then empty ones, each once per tick. So an hour that is
 * filled late does not delay the others.
 *
 * @param advanceTo the time up to which new hours are expected; earlier than `time` if the process has left
 */
export function nextTask(
  state: RankedNamespacesState,
  { settle, backfill }: { settle: number; backfill: number },
  time: RunTime,
  advanceTo = time,
): HourTask | null {
  const settled = settledTime(advanceTo, settle, { step: HOUR });
  const oldest = settledTime(time, settle + Math.max(MAX_BACKLOG, backfill), { step: HOUR });
  const tooOld = (from: number): Gap | null =>
    from < oldest ? { from, to: oldest, reason: 'older than the collector requests' } : null;
  const gap = tooOld(state.watermark);
  if (gap && state.unavailableOn === null) return { kind: 'skip', gap };
  // The watermark of a process that left and came back can lie within an hour.
  const next = ceilTo(Math.max(state.watermark, oldest), HOUR);
  // The time before a refusal is not lost: Atlas had nothing until then.
  const refused = state.unavailableOn;
  const missed = refused === null ? null : tooOld(Math.max(state.watermark, dayStart(refused)));
  if (next < settled && !state.failed.has(next)) return { kind: 'read', hour: next, missed };
  const again = state.empty.find(
    ({ hour, lastRequestedAt }) => lastRequestedAt < requestTime(time) && !state.failed.has(hour),
  );
  return again ? { kind: 'read', hour: again.hour, missed: null } : null;
}

/**
 * Returns the state after a response for an hour. An hour with names leaves the list of empty hours and is never
 * requested again.
 *
 * If namespaces were given up, they probably fail for the next hours as well. These do not wait as long again, until the
 * process has caught up.
 */
export function hourRead(
  state: RankedNamespacesState,
  hour: number,
  { isEmpty, isGivenUp = false }: { isEmpty: boolean; isGivenUp?: boolean },
  { time, settle }: { time: RunTime; settle: number },
): RankedNamespacesState {
  const lastRequestedAt = requestTime(time);
  const before = state.empty.find((known) => known.hour === hour);
  const firstRequestedAt = before?.firstRequestedAt ?? lastRequestedAt;
  const waits = isEmpty && lastRequestedAt - firstRequestedAt < PATIENCE;
  const others = state.empty.filter((known) => known.hour !== hour);
  const failing = new Map(state.failing);
  failing.delete(hour);
  const isBehind = lastRequestedAt - (hour + HOUR + settle) >= PATIENCE;
  const continues = isGivenUp || (state.failing.get(hour) === hour && isBehind);
  if (continues && hour >= state.watermark) failing.set(hour + HOUR, hour + HOUR);
  return {
    watermark: Math.max(state.watermark, hour + HOUR),
    empty: waits
      ? [...others, { hour, firstRequestedAt, lastRequestedAt }].sort((a, b) => a.hour - b.hour)
      : others,
    failing,
    failed: state.failed,
    ...availableAfter(state, hour),
    idle: false,
  };
}

/** Returns the state after measurements of an hour failed. The hour is read again by the next run. */
export function hourFailed(state: RankedNamespacesState, hour: number, time: RunTime): RankedNamespacesState {
  const since = state.failing.get(hour) ?? requestTime(time);
  return {
    ...state,
    failing: new Map([...state.failing, [hour, since]]),
    failed: new Set([...state.failed, hour]),
    idle: false,
  };
}

/**
 * Returns for how long measurements of an hour have failed, in ms, but not more than the time since its end; 0 if the last
 * run that requested them got them.
 */
export function failingFor({ failing }: RankedNamespacesState, hour: number, time: RunTime): number {
  const since = failing.get(hour);
  return since === undefined ? 0 : Math.max(0, requestTime(time) - Math.max(since, hour + HOUR));
}

/** Returns the state after it is certain that nothing before an instant will be requested. */
export function hoursSkipped(state: RankedNamespacesState, to: number): RankedNamespacesState {
  return {
    ...state,
    watermark: to,
    empty: state.empty.filter(({ hour }) => hour >= to),
    failing: new Map([...state.failing].filter(([hour]) => hour >= to)),
  };
}

/**
 * Returns the time of a request. The tick counts, as for every window, so that repeating a tick requests nothing twice.
 */
function requestTime({ tick, now }: RunTime): number {
  return Math.min(tick, now);
}
