import { ceilTo, DAY, floorTo, HOUR, MINUTE } from '../durations.ts';
import type { Gap } from '../engine/dataset.ts';
import { WAITED_FOR } from '../engine/future-watermarks.ts';
import type { RunTime } from '../engine/run-clock.ts';
import { utcDay } from '../lake/format.ts';
import { dayStart } from '../sources/availability.ts';
import type { SnapshotList } from './snapshot-list.ts';
import type { SnapshotState } from './state.ts';

/** What to do next for a list. */
export type SnapshotTask =
  /** Take the snapshot of a day or hour. Those before it that nobody can take any more were missed. */
  | { kind: 'read'; from: number; missed: Gap | null }
  /** The windows are too old to be read. */
  | { kind: 'skip'; gap: Gap };

/** How a dataset takes snapshots. In ms. */
export interface SnapshotPlan {
  /** The length of a window. Lists that Atlas answers only as of now have one snapshot in each. */
  interval: number;
  /** How long after its end a window counts as settled. */
  settle: number;
  backfill: number;
  /** How long after its watermark a list is left unread on purpose. */
  restMs: number;
}

type ListKind = Pick<SnapshotList, 'isOfWindow'>;

/**
 * How far back windows are read one by one. Atlas does not document how long it can compute them, so the number of
 * requests decides: 168 for a cluster with hourly windows. A longer configured backfill is read too.
 */
const MAX_BACKLOG = 7 * DAY;

/**
 * For windows that began longer ago, an empty response or a refusal means that Atlas may have dropped their data. Its
 * retention is not documented; 48 hours is the shortest documented retention of any metric.
 */
const LEAST_RETENTION = 48 * HOUR;

/** How long a cluster is read after it is no longer listed: as long as for other data. */
export const HOLDING = { retention: LEAST_RETENTION, interval: MINUTE };

const MISSED = 'no snapshot was taken in time, and Atlas answers only for the present';

/** Returns the state of a list that is seen for the first time. */
export function firstState(
  { isOfWindow }: ListKind,
  { interval, settle, backfill, restMs }: SnapshotPlan,
  time: RunTime,
): SnapshotState {
  const watermark = isOfWindow
    ? floorTo(settledTime(time, settle, interval) - backfill, interval)
    : floorTo(time.now, interval) - interval;
  // What Atlas dropped before the first run is not lost: nobody was there to read it.
  const nothingBefore = isOfWindow ? utcDay(time.now) : null;
  return { watermark, restMs, unavailableOn: null, nothingBefore, idle: false };
}

/** Returns the next snapshot of a list in this run, or null when nothing is due. */
export function nextTask(
  state: SnapshotState,
  { isOfWindow }: ListKind,
  plan: SnapshotPlan,
  time: RunTime,
): SnapshotTask | null {
  return isOfWindow ? nextWindow(state, plan, time) : nextPresent(state, plan, time);
}

function nextWindow(
  { watermark, unavailableOn }: SnapshotState,
  { interval, settle, backfill }: SnapshotPlan,
  time: RunTime,
): SnapshotTask | null {
  const settled = settledTime(time, settle, interval);
  const oldest = floorTo(settled - Math.max(MAX_BACKLOG, backfill), interval);
  const tooOld = (from: number): Gap | null =>
    from < oldest ? { from, to: oldest, reason: 'older than the collector requests' } : null;
  const gap = tooOld(watermark);
  if (gap && unavailableOn === null) return { kind: 'skip', gap };
  const next = ceilTo(Math.max(watermark, oldest), interval);
  if (next >= settled) return null;
  // The time before a refusal is not lost: Atlas had nothing until then. Whether the rest is, the answer tells.
  const missed = unavailableOn === null ? null : tooOld(Math.max(watermark, dayStart(unavailableOn)));
  return { kind: 'read', from: next, missed };
}

function nextPresent(
  { watermark }: SnapshotState,
  { interval }: SnapshotPlan,
  time: RunTime,
): SnapshotTask | null {
  // A late message must not take the snapshot of today for that of its tick.
  const from = floorTo(time.now, interval);
  if (watermark >= from) return null;
  const due = ceilTo(watermark + 1, interval);
  const missed = due < from ? { from: due, to: from, reason: MISSED } : null;
  return { kind: 'read', from, missed };
}

/**
 * Returns the unread time of a cluster that has left; null if there is none. Of a list that Atlas answers only as of
 * now, that is each whole day or hour before the first run that missed the cluster.
 */
export function lostWithCluster(
  { watermark, unavailableOn }: SnapshotState,
  { isOfWindow }: ListKind,
  { interval }: SnapshotPlan,
  missingSince: number,
): Omit<Gap, 'reason'> | null {
  const from = isOfWindow ? watermark : ceilTo(watermark + 1, interval);
  const to = floorTo(missingSince, interval);
  return from < to && unavailableOn === null ? { from, to } : null;
}

/** Returns the state after everything before an instant is read or given up. */
export function passedTo(
  state: SnapshotState,
  { isOfWindow }: ListKind,
  { interval }: SnapshotPlan,
  to: number,
): SnapshotState {
  return { ...state, watermark: Math.max(state.watermark, isOfWindow ? to : to - interval) };
}

/**
 * Returns the state with its watermark moved back to the current day or hour, after a fast clock had put it into the
 * future. Nothing is known of earlier ones, so they are not written twice.
 */
export function pulledBack(state: SnapshotState, { interval }: SnapshotPlan, instant: number): SnapshotState {
  if (state.watermark - instant < WAITED_FOR) return state;
  return { ...state, watermark: floorTo(instant, interval) };
}

/** Returns whether Atlas may have dropped the data of a window. */
export function isOld(from: number, now: number): boolean {
  return now - from > LEAST_RETENTION;
}

/** Depends on the tick, so that the same tick always reads the same windows. */
function settledTime({ tick, now }: RunTime, settle: number, interval: number): number {
  return floorTo(Math.min(tick, now) - settle, interval);
}
