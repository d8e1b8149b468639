import { ceilTo, floorTo, MINUTE } from '../durations.ts';
import { filledIntervals, intervalsOf } from './filled-intervals.ts';
import { earlyBy, type Resolution } from './granularity.ts';
import { type KnownPoints, unpackInstants } from './instants.ts';

/**
 * A span of time that is read at one resolution. The last span of a target is open-ended. An earlier span
 * ends where the configured granularity changed, and is maintained until Atlas has dropped it. Instants in ms
 * since the epoch.
 */
export interface Span {
  resolution: Resolution;
  /** Points before it are not written: coarser points replace them, or they were never wanted. */
  from: number;
  /** Everything before it has been read once. */
  position: number;
  /** Start of the next span; null for the last one. */
  to: number | null;
  /** Everything before it has had its final check, shortly before Atlas drops it. */
  finallyCheckedTo: number;
  /**
   * From here to the position, everything must be read again as soon as possible, because a new series has
   * appeared; null if not.
   */
  rereadFrom: number | null;
  /**
   * From here to the position, everything must be read again once there are values, because the last
   * responses had none; null if not.
   */
  emptyFrom: number | null;
  known: KnownPoints;
  /**
   * The starts of intervals that count as known as a whole, because an older version stored no more than
   * that.
   */
  intervals: KnownPoints;
  /**
   * The position before this run first read up to it; null until then. It is not stored, so each run begins
   * with null.
   */
  startPosition: number | null;
}

/**
 * A span that finer resolutions dropped before it was read, and that a coarser one still has. New points come
 * first. The backlog is read after them, and again where Atlas returned no values.
 */
export interface Backlog {
  resolution: Resolution;
  from: number;
  to: number;
  /** Everything before it has been requested once. */
  position: number;
  /** When all of it had been requested, and when the last round of requests ended; in tick time. */
  firstRequestedAt: number | null;
  lastRequestedAt: number | null;
  /** Where a round of requests continues; null between rounds. */
  again: number | null;
  /** Why Atlas refused a part of it; null if it did not. */
  refusal: string | null;
  known: KnownPoints;
}

/** The state of the series of one target. */
export interface SeriesState {
  /** Everything before it has been read or recorded as a gap, at any resolution. */
  watermark: number;
  /** In time order, at least one. */
  spans: readonly Span[];
  backlogs: readonly Backlog[];
  /** The times of the first and last value in the lake; null if there is none. */
  values: { first: number; last: number } | null;
  /**
   * The tick until which a substitute is read, because Atlas refused the configured granularity; null if it did not.
   */
  substitutedUntil: number | null;
  /** For how long after its position the target is left unread, ms; computed, not stored. */
  restMs?: number;
  /** Whether this run has found that the next point must wait. It is not stored, so the next run looks again. */
  isWaiting?: boolean;
}

/** Returns a span that has not been read yet. */
export function newSpan(resolution: Resolution, from: number): Span {
  return {
    resolution,
    from,
    position: from,
    to: null,
    finallyCheckedTo: from,
    rereadFrom: null,
    emptyFrom: null,
    known: new Map(),
    intervals: new Map(),
    startPosition: null,
  };
}

/** Returns the state of a target that has not been read yet. */
export function newSeries(resolution: Resolution, from: number): SeriesState {
  return {
    watermark: from,
    spans: [newSpan(resolution, from)],
    backlogs: [],
    values: null,
    substitutedUntil: null,
  };
}

/** Returns the known points and intervals of all spans and backlogs. */
export function mapsOf({ spans, backlogs }: Pick<SeriesState, 'spans' | 'backlogs'>): KnownPoints[] {
  return [
    ...spans.flatMap(({ known, intervals }) => [known, intervals]),
    ...backlogs.map(({ known }) => known),
  ];
}

/** Returns the names of all series that a target is known to have. */
export function namesOf(state: Pick<SeriesState, 'spans' | 'backlogs'>): Set<string> {
  return new Set(mapsOf(state).flatMap((known) => [...known.keys()]));
}

/** Returns whether a span has not been read and has no values. */
export function isUnread({ position, from, known }: Span): boolean {
  return position <= from && known.size === 0;
}

/** Returns the open-ended span. */
export function lastSpan({ spans }: SeriesState): Span {
  const last = spans.at(-1);
  if (!last) throw new Error('a target has no span');
  return last;
}

/** Returns the span that is read next, with its index: the first one that has not been read to its end. */
export function frontierOf({ spans }: SeriesState): { place: number; span: Span } {
  const place = spans.findIndex(({ position, to }) => to === null || position < to);
  const span = spans[place];
  if (!span) throw new Error('a target has no open span');
  return { place, span };
}

export function withSpan(state: SeriesState, place: number, change: Partial<Span>): SeriesState {
  return {
    ...state,
    spans: state.spans.map((span, index) => (index === place ? { ...span, ...change } : span)),
  };
}

/**
 * Returns the state with its watermark where everything before it has been read. A watermark never moves
 * back.
 */
export function withWatermark(state: SeriesState): SeriesState {
  const unread = state.backlogs.map((backlog) => unreadFrom(backlog, firstValue(state, backlog)));
  const watermark = Math.min(frontierOf(state).span.position, ...unread.filter((from) => from !== null));
  return { ...state, watermark: Math.max(state.watermark, watermark) };
}

/**
 * Returns the spans of a backlog that were requested and have no value of any series. Intervals before a
 * target's first value do not count, because the target may not have existed yet.
 */
export function emptyParts(
  { resolution, from, position, known }: Pick<Backlog, 'resolution' | 'from' | 'position' | 'known'>,
  first: number | null,
): Array<{ from: number; to: number }> {
  if (first === null) return [];
  const { interval } = resolution;
  const covered = filledIntervals(known, resolution);
  const parts: Array<{ from: number; to: number }> = [];
  for (let start = from; start < position; start += interval) {
    if (covered.has(start) || start + interval <= first) continue;
    const last = parts.at(-1);
    if (last?.to === start) last.to = start + interval;
    else parts.push({ from: start, to: start + interval });
  }
  return parts;
}

/**
 * Returns the end of a gap whose last interval ends at a border. A target whose hourly timestamps are some
 * seconds early also has an early timestamp for the interval after the border, whose value is not part of the
 * gap.
 */
export function gapEnd({ spans, backlogs }: SeriesState, resolution: Resolution, border: number): number {
  const isEarly = [...spans, ...backlogs].some(({ resolution: own, known }) =>
    [...new Set(known.values())].some((set) => {
      const stamps = unpackInstants(set);
      return intervalsOf(set, own).some((interval, place) => (stamps[place] ?? interval) < interval);
    }),
  );
  return isEarly ? border - earlyBy(resolution) : border;
}

/**
 * Returns the time before which a target has no values for a backlog; null if it has none at all. If Atlas
 * refused a part, or the target is older than its first value, all of the backlog may have had values.
 */
export function firstValue(state: SeriesState, backlog: Backlog): number | null {
  if (backlog.refusal !== null || isOlderThanItsValues(state, backlog)) return Number.NEGATIVE_INFINITY;
  return state.values?.first ?? null;
}

/**
 * Returns whether the first value of a target lies right after a backlog without values. A finer resolution
 * begins there, so the value is only the oldest one that Atlas returned. The target did not begin with it.
 */
function isOlderThanItsValues(state: SeriesState, { resolution, to }: Backlog): boolean {
  const { values, backlogs } = state;
  if (values === null) return false;
  const { interval } = resolution;
  if (floorTo(values.first + earlyBy(resolution), interval) === to) return true;
  // The backlog that follows may have no values either.
  const next = backlogs.find(({ from }) => from === to);
  return next !== undefined && isOlderThanItsValues(state, next);
}

/** Returns where the unread part of a backlog begins; null if all of it has been read. */
function unreadFrom(backlog: Backlog, first: number | null): number | null {
  const [empty] = emptyParts(backlog, first);
  if (empty) return empty.from;
  return backlog.position < backlog.to ? backlog.position : null;
}

/**
 * Margin before the end of the retention. Atlas drops points by its own clock and schedule, so data this
 * close to its end is not reliable.
 */
const RETENTION_MARGIN = 10 * MINUTE;

/**
 * Margin beside one interval. For long intervals, Atlas must also still have the interval before the first
 * wanted one.
 */
const RETENTION_MARGIN_BESIDE_INTERVAL = 5 * MINUTE;

/** Returns the first instant from which a resolution reliably has all data. */
export function limit(resolution: Resolution, now: number): number {
  const margin = Math.max(RETENTION_MARGIN, resolution.interval + RETENTION_MARGIN_BESIDE_INTERVAL);
  return now - resolution.retention + margin;
}

/** Returns the first step from which Atlas may still have all intervals as a whole. */
export function oldest(resolution: Resolution, now: number): number {
  return ceilTo(now - resolution.retention, resolution.step);
}
