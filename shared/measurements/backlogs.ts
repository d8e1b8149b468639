import { ceilTo, floorTo, HOUR } from '../durations.ts';
import type { Gap } from '../engine/dataset.ts';
import type { RunTime } from '../engine/run-clock.ts';
import { filledBy, filledIntervals } from './filled-intervals.ts';
import { coarserThan, type Resolution } from './granularity.ts';
import type { Instants } from './instants.ts';
import {
  type Backlog,
  emptyParts,
  firstValue,
  frontierOf,
  gapEnd,
  lastSpan,
  limit,
  namesOf,
  newSpan,
  type SeriesState,
  type Span,
  withWatermark,
} from './series-state.ts';
import { type ReadingPlan, type Task, type Window, widest } from './windows.ts';

/**
 * How long to repeat requests for a backlog without values, at growing intervals, because Atlas itself may
 * have a problem. The last request is in the first run after this time, however late. What still lacks values
 * is then a gap.
 */
const PATIENCE = 6 * HOUR;

/** What the reason of a gap contains if other series of the target have values there. */
export const OF_SINGLE_SERIES = 'of single series';

/** Maximum series that a gap names. */
const NAMED_SERIES = 5;

/**
 * Opens backlogs where the finest resolution has dropped the data that comes next: coarse intervals up to the
 * first one that starts where the finer resolution is reliable. A new span begins there, so that new points
 * need not wait for the backlogs.
 */
export function withBacklogs(state: SeriesState, now: number): SeriesState {
  const { place, span } = frontierOf(state);
  if (span.position >= limit(span.resolution, now)) return state;
  const { resolution } = lastSpan(state);
  const closed = state.spans.slice(0, place);
  const lost = lostFrom(state, span);
  if (lost > span.from) closed.push({ ...span, position: lost, to: lost, emptyFrom: null });
  const start = floorTo(lost, resolution.step);
  // A former granularity has dropped the end of its span, and the present one still has it.
  if (start >= limit(resolution, now)) return { ...state, spans: [...closed, newSpan(resolution, start)] };
  const backlogs: Backlog[] = [];
  const coarser = coarserThan(resolution);
  let end = ceilTo(limit(resolution, now), coarser[0]?.interval ?? resolution.interval);
  const border = end;
  for (const [index, coarse] of coarser.entries()) {
    const next = coarser[index + 1];
    const holding = floorTo(lost, coarse.interval);
    // The coarsest resolution keeps its data forever.
    const from =
      next === undefined || holding >= limit(coarse, now)
        ? holding
        : ceilTo(limit(coarse, now), next.interval);
    backlogs.unshift(newBacklog(coarse, from, end));
    end = from;
    if (from === holding) break;
  }
  return {
    ...state,
    spans: [...closed, newSpan(resolution, border)],
    backlogs: [...state.backlogs, ...backlogs],
  };
}

/**
 * Returns from where on a span that Atlas has dropped lacks values. The last responses may have had none, perhaps by a
 * problem of Atlas, and what they covered is not read again.
 */
export function lostFrom({ values }: SeriesState, { position, emptyFrom, resolution }: Span): number {
  if (emptyFrom === null) return position;
  const read = values === null ? emptyFrom : ceilTo(values.last + 1, resolution.step);
  return Math.min(position, Math.max(emptyFrom, read));
}

function newBacklog(resolution: Resolution, from: number, to: number): Backlog {
  return {
    resolution,
    from,
    to,
    position: from,
    firstRequestedAt: null,
    lastRequestedAt: null,
    again: null,
    refusal: null,
    known: new Map(),
  };
}

/** Returns the state after a window of a backlog was read. */
export function backlogPassed(state: SeriesState, { place, to }: Window, time: RunTime): SeriesState {
  const requestedAt = requestTime(time);
  return withBacklog(state, place, (backlog) => {
    if (backlog.position >= backlog.to) return { ...backlog, again: to };
    const isOver = to >= backlog.to;
    return {
      ...backlog,
      position: to,
      ...(isOver && { firstRequestedAt: requestedAt, lastRequestedAt: requestedAt }),
    };
  });
}

/**
 * Returns the next task for the backlogs of a target: all of them once, then again the windows that lack
 * values.
 */
export function backlogTask(state: SeriesState, time: RunTime, { selects }: ReadingPlan): Task | null {
  for (const [place, { resolution, position, to }] of state.backlogs.entries()) {
    if (position >= to) continue;
    const end = Math.min(to, position + widest(resolution));
    return {
      kind: 'read',
      state,
      window: { purpose: 'backlog', place, resolution, from: position, to: end },
    };
  }
  const requestedAt = requestTime(time);
  for (const [place, backlog] of state.backlogs.entries()) {
    if (backlog.again === null && !isDue(backlog, requestedAt)) continue;
    const window = incompleteWindow(state, place, time.now, selects);
    if (window) return { kind: 'read', state, window };
    if (requestedAt - (backlog.firstRequestedAt ?? requestedAt) >= PATIENCE) {
      const backlogs = state.backlogs.filter((other) => other !== backlog);
      return {
        kind: 'record',
        state: withWatermark({ ...state, backlogs }),
        gaps: lackingIn(state, backlog, selects),
      };
    }
    if (backlog.again === null) continue;
    const rested = withBacklog(state, place, (its) => ({
      ...its,
      again: null,
      lastRequestedAt: requestedAt,
    }));
    return { kind: 'record', state: rested, gaps: [] };
  }
  return null;
}

export function withBacklog(
  state: SeriesState,
  place: number,
  change: (backlog: Backlog) => Backlog,
): SeriesState {
  const backlogs = state.backlogs.map((backlog, index) => (index === place ? change(backlog) : backlog));
  return { ...state, backlogs };
}

function isDue({ firstRequestedAt, lastRequestedAt }: Backlog, requestedAt: number): boolean {
  const [first, last] = [firstRequestedAt ?? requestedAt, lastRequestedAt ?? requestedAt];
  return requestedAt > last && (requestedAt - first >= PATIENCE || requestedAt - last >= last - first);
}

/** Returns the next window of this round that lacks values and that Atlas still has. */
function incompleteWindow(
  state: SeriesState,
  place: number,
  now: number,
  selects: ReadingPlan['selects'],
): Window | null {
  const backlog = state.backlogs[place];
  if (!backlog) return null;
  const { resolution, from, to, again } = backlog;
  const lacking = [...lackingIntervals(state, backlog, selects).values()].flat();
  for (let start = again ?? from; start < to; start += widest(resolution)) {
    const end = Math.min(to, start + widest(resolution));
    // Atlas may have dropped the beginning of the window since it was requested. The margin is at least an interval.
    const held = Math.max(start, floorTo(limit(resolution, now), resolution.interval));
    if (lacking.some((interval) => interval >= held && interval < end))
      return { purpose: 'backlog', place, resolution, from: held, to: end };
  }
  return null;
}

/** The key of intervals without any value. */
const ALL = '';

/**
 * Returns the intervals of a backlog that lack values of all series, or of single selected series that the target
 * is known to have. A rate has no first value where nothing precedes it, so such intervals do not count for
 * single series.
 */
function lackingIntervals(
  state: SeriesState,
  backlog: Backlog,
  selects: ReadingPlan['selects'],
): Map<string, number[]> {
  const { resolution, from, position, known } = backlog;
  const covered = filledIntervals(known, resolution);
  const intervals: number[] = [];
  for (let interval = from; interval < position; interval += resolution.interval) intervals.push(interval);
  const lacking = new Map([[ALL, intervals.filter((interval) => !covered.has(interval))]]);
  const comparable = intervals.filter(
    (interval) =>
      covered.has(interval) &&
      (covered.has(interval - resolution.interval) ||
        (interval === from && (state.values?.first ?? from) < from)),
  );
  const bySet = new Map<Instants | undefined, number[]>();
  for (const name of namesOf(state)) {
    if (!selects(name)) continue;
    const set = known.get(name);
    let missing = bySet.get(set);
    if (!missing) {
      const own = new Set(set && filledBy(set, resolution));
      missing = comparable.filter((interval) => !own.has(interval));
      bySet.set(set, missing);
    }
    if (missing.length > 0) lacking.set(name, missing);
  }
  return lacking;
}

/** Returns gaps for what a backlog still lacks when it is given up. */
function lackingIn(state: SeriesState, backlog: Backlog, selects: ReadingPlan['selects']): Gap[] {
  const { resolution, refusal } = backlog;
  const whole = refusal ?? `no values at ${resolution.granularity}, requested for ${PATIENCE / HOUR} hours`;
  const gap = (from: number, to: number, reason: string) => ({
    from,
    to: gapEnd(state, resolution, to),
    reason,
  });
  const gaps: Gap[] = unreadParts(state, backlog).map(({ from, to }) => gap(from, to, whole));
  const single = [...lackingIntervals(state, backlog, selects)].filter(([name]) => name !== ALL);
  const intervals = single.flatMap(([, missing]) => missing);
  if (intervals.length === 0) return gaps;
  const names = single.map(([name]) => name).sort();
  const named = names.slice(0, NAMED_SERIES).join(', ');
  const more = names.length > NAMED_SERIES ? ` and ${names.length - NAMED_SERIES} more` : '';
  const from = intervals.reduce((least, interval) => Math.min(least, interval));
  const last = intervals.reduce((most, interval) => Math.max(most, interval));
  const reason = `no values at ${resolution.granularity} ${OF_SINGLE_SERIES}, requested for ${PATIENCE / HOUR} hours: ${named}${more}`;
  return [...gaps, gap(from, last + resolution.interval, reason)];
}

/**
 * Returns the parts of a backlog that were requested and have no values. The first interval may contain the
 * watermark, because its beginning was read at a finer resolution. A watermark beyond it passed responses without values.
 */
export function unreadParts(state: SeriesState, backlog: Backlog): Array<{ from: number; to: number }> {
  const { watermark } = state;
  const { interval } = backlog.resolution;
  return emptyParts(backlog, firstValue(state, backlog))
    .map(({ from, to }) => ({ from: watermark < from + interval ? Math.max(from, watermark) : from, to }))
    .filter(({ from, to }) => from < to);
}

/**
 * Returns the time of a request. It is at most the tick, as for every window, so that the same tick twice
 * requests nothing twice.
 */
function requestTime({ tick, now }: RunTime): number {
  return Math.min(tick, now);
}
