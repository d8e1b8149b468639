import { ceilTo, floorTo } from '../durations.ts';
import { earlyBy, type Resolution } from './granularity.ts';
import { type Instants, unpackInstants } from './instants.ts';

/** Which points are in the lake, by the measurement's name. */
export type KnownPoints = ReadonlyMap<string, Instants>;

/**
 * A span of time that is read at one resolution. The last span of a target goes on; one before it ends where the configured
 * granularity changed, and is still looked after until Atlas has dropped it. Instants in ms since the epoch.
 */
export interface Span {
  resolution: Resolution;
  /** Points before it are not written: coarser ones stand in their place, or nobody asked for them. */
  from: number;
  /** Everything before it has been read once. */
  position: number;
  /** Where the next span begins; null for the last one. */
  to: number | null;
  /** Everything before it has been read once more shortly before Atlas drops it. */
  finallyCheckedTo: number;
  /** Everything from there to the position is to be read once more as soon as possible: a series has shown up. */
  rereadFrom: number | null;
  /** What was read from there to the position is to be read once more when there are values: the last answers had none. */
  emptyFrom: number | null;
  known: KnownPoints;
  /** The starts of intervals that count as known as a whole: an older version remembered no more than that. */
  intervals: KnownPoints;
  /** Start of the run that last read the hour behind the position, and where this was then. Kept in memory only. */
  reached: { run: number; position: number } | null;
}

/**
 * A span that finer resolutions had dropped before it was read, and that a coarser one still has. New points come first; it
 * is read behind them, and asked for again where Atlas gave nothing.
 */
export interface Backlog {
  resolution: Resolution;
  from: number;
  to: number;
  /** Everything before it has been asked for once. */
  position: number;
  /** When all of it had been asked for, and when the last round of questions ended; by the tick. */
  firstAsked: number | null;
  lastAsked: number | null;
  /** Where a round of questions goes on. */
  again: number | null;
  /** Why Atlas refused a part of it, if it did. */
  refusal: string | null;
  known: KnownPoints;
}

/** What is known of the series of one target. */
export interface SeriesState {
  /** Everything before it has been read or recorded, at whatever resolution. */
  watermark: number;
  /** In order of time, at least one. */
  spans: readonly Span[];
  backlogs: readonly Backlog[];
  /** The first and the last value that is in the lake; null where there is none. */
  values: { first: number; last: number } | null;
}

/** A span that is about to be read for the first time. */
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
    reached: null,
  };
}

/** The state of a target of which nothing has been read. */
export function newSeries(resolution: Resolution, from: number): SeriesState {
  return { watermark: from, spans: [newSpan(resolution, from)], backlogs: [], values: null };
}

/** The span that goes on. */
export function lastSpan({ spans }: SeriesState): Span {
  const last = spans.at(-1);
  if (!last) throw new Error('a target has no span');
  return last;
}

/** The place of the span that is read next: the first one that has not been read to its end. */
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

/** The state with its watermark where everything before it is read. A watermark never goes back. */
export function withWatermark(state: SeriesState): SeriesState {
  const unread = state.backlogs.map((backlog) => unreadFrom(backlog, firstValue(state, backlog)));
  const watermark = Math.min(frontierOf(state).span.position, ...unread.filter((from) => from !== null));
  return { ...state, watermark: Math.max(state.watermark, watermark) };
}

/**
 * The intervals of a backlog that have been asked for and have no value of any series, as spans. What lies before a
 * target's first value is none: it may not have been there yet.
 */
export function emptyParts(
  { resolution, from, position, known }: Pick<Backlog, 'resolution' | 'from' | 'position' | 'known'>,
  first: number | null,
): Array<{ from: number; to: number }> {
  if (first === null) return [];
  const { interval } = resolution;
  const covered = coveredIntervals(known, resolution);
  const parts: Array<{ from: number; to: number }> = [];
  for (let start = from; start < position; start += interval) {
    if (covered.has(start) || start + interval <= first) continue;
    const last = parts.at(-1);
    if (last?.to === start) last.to = start + interval;
    else parts.push({ from: start, to: start + interval });
  }
  return parts;
}

/** The starts of the intervals in which any series has a value. */
export function coveredIntervals(known: KnownPoints, resolution: Resolution): Set<number> {
  return new Set([...new Set(known.values())].flatMap((set) => intervalsOf(set, resolution)));
}

/** The starts of the intervals that points belong to. */
export function intervalsOf(set: Instants, resolution: Resolution): number[] {
  return unpackInstants(set).map((instant) => floorTo(instant + earlyBy(resolution), resolution.interval));
}

/**
 * Where a gap ends of which the last interval ends at a border. A target that stamps hours some seconds early stamps the
 * one behind the border so, too: its value is no part of the gap.
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

/** Before a target's first value it had none, unless Atlas refused to say. */
export function firstValue({ values }: SeriesState, { refusal }: Backlog): number | null {
  return refusal === null ? (values?.first ?? null) : Number.NEGATIVE_INFINITY;
}

/** From where on a backlog is not read; null when all of it is. */
function unreadFrom(backlog: Backlog, first: number | null): number | null {
  const [empty] = emptyParts(backlog, first);
  if (empty) return empty.from;
  return backlog.position < backlog.to ? backlog.position : null;
}

/** Atlas drops points by its own clock and in its own time: what is so near to its end is not relied on. */
const RETENTION_MARGIN = 10 * 60_000;

/** For a resolution whose intervals are long, the interval before the first wanted one must still be there as well. */
const RETENTION_MARGIN_BESIDE_INTERVAL = 5 * 60_000;

/** The first instant from which a resolution can be relied on to hold everything. */
export function limit(resolution: Resolution, now: number): number {
  const margin = Math.max(RETENTION_MARGIN, resolution.interval + RETENTION_MARGIN_BESIDE_INTERVAL);
  return now - resolution.retention + margin;
}

/** The first interval that Atlas may still hold as a whole. */
export function oldest(resolution: Resolution, now: number): number {
  return ceilTo(now - resolution.retention, resolution.interval);
}
