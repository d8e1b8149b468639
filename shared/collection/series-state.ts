import { ceilTo, floorTo } from './durations.ts';
import { earlyBy, type Level } from './granularity.ts';
import { type Instants, unpackInstants } from './instants.ts';

/** Which points are in the lake, by the measurement's name. */
export type KnownPoints = ReadonlyMap<string, Instants>;

/**
 * A span of time that is read at one level. The last span of a target goes on; one before it ends where the configured
 * granularity changed, and is still looked after until Atlas has dropped it. Instants in ms since the epoch.
 */
export interface Span {
  level: Level;
  /** Points before it are not written: coarser ones stand in their place, or nobody asked for them. */
  from: number;
  /** Everything before it has been read once. */
  position: number;
  /** Where the next span begins; null for the last one. */
  to: number | null;
  /** Everything before it has been read once more shortly before Atlas drops it. */
  recheckedTo: number;
  /** Everything from there to the position is to be read once more as soon as possible: a series has shown up. */
  rereadFrom: number | null;
  /** What was read from there to the position is to be read once more when there are values: the last answers had none. */
  emptyFrom: number | null;
  known: KnownPoints;
  /** The starts of granules that count as known as a whole: an older version remembered no more than that. */
  granules: KnownPoints;
  /** Start of the run that last read the hour behind the position, and where this was then. Kept in memory only. */
  reached: { run: number; position: number } | null;
}

/**
 * A span that finer levels had dropped before it was read, and that a coarser one still has. New points come first; it
 * is read behind them, and asked for again where Atlas gave nothing.
 */
export interface Backlog {
  level: Level;
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
  /** Everything before it has been read or recorded, at whatever level. */
  mark: number;
  /** In order of time, at least one. */
  spans: readonly Span[];
  backlogs: readonly Backlog[];
  /** The first and the last value that is in the lake; null where there is none. */
  values: { first: number; last: number } | null;
}

/** A span that is about to be read for the first time. */
export function newSpan(level: Level, from: number): Span {
  return {
    level,
    from,
    position: from,
    to: null,
    recheckedTo: from,
    rereadFrom: null,
    emptyFrom: null,
    known: new Map(),
    granules: new Map(),
    reached: null,
  };
}

/** The state of a target of which nothing has been read. */
export function newSeries(level: Level, from: number): SeriesState {
  return { mark: from, spans: [newSpan(level, from)], backlogs: [], values: null };
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

/** The state with its mark where everything before it is read. A mark never goes back. */
export function marked(state: SeriesState): SeriesState {
  const unread = state.backlogs.map((backlog) => unreadFrom(backlog, firstValue(state, backlog)));
  const mark = Math.min(frontierOf(state).span.position, ...unread.filter((from) => from !== null));
  return { ...state, mark: Math.max(state.mark, mark) };
}

/**
 * The granules of a backlog that have been asked for and have no value of any series, as spans. What lies before a
 * target's first value is none: it may not have been there yet.
 */
export function emptyParts(
  { level, from, position, known }: Pick<Backlog, 'level' | 'from' | 'position' | 'known'>,
  first: number | null,
): Array<{ from: number; to: number }> {
  if (first === null) return [];
  const { granule } = level;
  const covered = coveredGranules(known, level);
  const parts: Array<{ from: number; to: number }> = [];
  for (let start = from; start < position; start += granule) {
    if (covered.has(start) || start + granule <= first) continue;
    const last = parts.at(-1);
    if (last?.to === start) last.to = start + granule;
    else parts.push({ from: start, to: start + granule });
  }
  return parts;
}

/** The starts of the granules in which any series has a value. */
export function coveredGranules(known: KnownPoints, level: Level): Set<number> {
  return new Set([...new Set(known.values())].flatMap((set) => granulesOf(set, level)));
}

/** The starts of the granules that points belong to. */
export function granulesOf(set: Instants, level: Level): number[] {
  return unpackInstants(set).map((instant) => floorTo(instant + earlyBy(level), level.granule));
}

/**
 * Where a gap ends of which the last granule ends at a border. A target that stamps hours some seconds early stamps the
 * one behind the border so, too: its value is no part of the gap.
 */
export function gapEnd({ spans, backlogs }: SeriesState, level: Level, border: number): number {
  const isEarly = [...spans, ...backlogs].some(({ level: own, known }) =>
    [...new Set(known.values())].some((set) => {
      const stamps = unpackInstants(set);
      return granulesOf(set, own).some((granule, place) => (stamps[place] ?? granule) < granule);
    }),
  );
  return isEarly ? border - earlyBy(level) : border;
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

/** For a level whose granules are long, the granule before the first wanted one must still be there as well. */
const RETENTION_MARGIN_BESIDE_GRANULE = 5 * 60_000;

/** The first instant from which a level can be relied on to hold everything. */
export function limit(level: Level, now: number): number {
  const margin = Math.max(RETENTION_MARGIN, level.granule + RETENTION_MARGIN_BESIDE_GRANULE);
  return now - level.retention + margin;
}

/** The first granule that Atlas may still hold as a whole. */
export function oldest(level: Level, now: number): number {
  return ceilTo(now - level.retention, level.granule);
}
