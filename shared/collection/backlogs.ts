import type { Gap } from './dataset.ts';
import { ceilTo, floorTo, HOUR } from './durations.ts';
import { coarserThan, type Level } from './granularity.ts';
import type { Instants } from './instants.ts';
import {
  type Backlog,
  coveredGranules,
  emptyParts,
  firstValue,
  frontierOf,
  gapEnd,
  granulesOf,
  lastSpan,
  limit,
  marked,
  newSpan,
  type SeriesState,
} from './series-state.ts';
import { type RunTime, type Task, type Window, widest } from './windows.ts';

/**
 * How long a backlog that Atlas answered with nothing is asked for again, at growing intervals: it may be in trouble
 * itself. The last time is in the first run after that, however late that takes place; then it is a gap.
 */
const PATIENCE = 6 * HOUR;

/** A gap names so many series at most. */
const NAMED_SERIES = 5;

/**
 * Opens backlogs where the finest level has dropped what comes next: coarse granules up to the first that starts where
 * the finer level can be relied on, where a new span begins. So new points need not wait for them.
 */
export function withBacklogs(state: SeriesState, now: number): SeriesState {
  const { place, span } = frontierOf(state);
  if (span.position >= limit(span.level, now)) return state;
  const { level } = lastSpan(state);
  const closed = state.spans.slice(0, place);
  if (span.position > span.from) closed.push({ ...span, to: span.position });
  const start = floorTo(span.position, level.granule);
  // A former granularity has dropped its end, and the present one still has it.
  if (start >= limit(level, now)) return { ...state, spans: [...closed, newSpan(level, start)] };
  const backlogs: Backlog[] = [];
  const coarser = coarserThan(level);
  let end = ceilTo(limit(level, now), coarser[0]?.granule ?? level.granule);
  const border = end;
  for (const [index, coarse] of coarser.entries()) {
    const next = coarser[index + 1];
    const holding = floorTo(span.position, coarse.granule);
    // The last level has no end.
    const from =
      next === undefined || holding >= limit(coarse, now)
        ? holding
        : ceilTo(limit(coarse, now), next.granule);
    backlogs.unshift(newBacklog(coarse, from, end));
    end = from;
    if (from === holding) break;
  }
  return { ...state, spans: [...closed, newSpan(level, border)], backlogs: [...state.backlogs, ...backlogs] };
}

function newBacklog(level: Level, from: number, to: number): Backlog {
  return {
    level,
    from,
    to,
    position: from,
    firstAsked: null,
    lastAsked: null,
    again: null,
    refusal: null,
    known: new Map(),
  };
}

/** The state once a window of a backlog has been read. */
export function backlogPassed(state: SeriesState, { place, to }: Window, time: RunTime): SeriesState {
  const asked = askedAt(time);
  return withBacklog(state, place, (backlog) => {
    if (backlog.position >= backlog.to) return { ...backlog, again: to };
    const isOver = to >= backlog.to;
    return { ...backlog, position: to, ...(isOver && { firstAsked: asked, lastAsked: asked }) };
  });
}

/** What to do next for the backlogs of a target: all of them once, and then again what lacks values. */
export function backlogTask(state: SeriesState, time: RunTime): Task | null {
  for (const [place, { level, position, to }] of state.backlogs.entries()) {
    if (position >= to) continue;
    const end = Math.min(to, position + widest(level));
    return { kind: 'read', state, window: { purpose: 'backlog', place, level, from: position, to: end } };
  }
  const asked = askedAt(time);
  for (const [place, backlog] of state.backlogs.entries()) {
    if (backlog.again === null && !isDue(backlog, asked)) continue;
    const window = incompleteWindow(state, place, time.now);
    if (window) return { kind: 'read', state, window };
    if (asked - (backlog.firstAsked ?? asked) >= PATIENCE) {
      const backlogs = state.backlogs.filter((other) => other !== backlog);
      return { kind: 'record', state: marked({ ...state, backlogs }), gaps: lackingIn(state, backlog) };
    }
    if (backlog.again === null) continue;
    const rested = withBacklog(state, place, (its) => ({ ...its, again: null, lastAsked: asked }));
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

function isDue({ firstAsked, lastAsked }: Backlog, asked: number): boolean {
  const [first, last] = [firstAsked ?? asked, lastAsked ?? asked];
  return asked > last && (asked - first >= PATIENCE || asked - last >= last - first);
}

/** The next window of this round that lacks values, as far as Atlas still has it. */
function incompleteWindow(state: SeriesState, place: number, now: number): Window | null {
  const backlog = state.backlogs[place];
  if (!backlog) return null;
  const { level, from, to, again } = backlog;
  const lacking = [...lackingGranules(state, backlog).values()].flat();
  for (let start = again ?? from; start < to; start += widest(level)) {
    const end = Math.min(to, start + widest(level));
    const isHeld = start >= limit(level, now);
    if (isHeld && lacking.some((granule) => granule >= start && granule < end))
      return { purpose: 'backlog', place, level, from: start, to: end };
  }
  return null;
}

/** Under no name: granules without any value. */
const ALL = '';

/**
 * The granules of a backlog that lack values: all series, or single ones that the target is known to have. Where nothing
 * stands before it, a rate has no first value.
 */
function lackingGranules(state: SeriesState, backlog: Backlog): Map<string, number[]> {
  const { level, from, position, known } = backlog;
  const covered = coveredGranules(known, level);
  const granules: number[] = [];
  for (let granule = from; granule < position; granule += level.granule) granules.push(granule);
  const lacking = new Map([[ALL, granules.filter((granule) => !covered.has(granule))]]);
  const comparable = granules.filter(
    (granule) =>
      covered.has(granule) &&
      (covered.has(granule - level.granule) || (granule === from && (state.values?.first ?? from) < from)),
  );
  const bySet = new Map<Instants | undefined, number[]>();
  for (const name of seriesOf(state)) {
    const set = known.get(name);
    let missing = bySet.get(set);
    if (!missing) {
      const own = new Set(set && granulesOf(set, level));
      missing = comparable.filter((granule) => !own.has(granule));
      bySet.set(set, missing);
    }
    if (missing.length > 0) lacking.set(name, missing);
  }
  return lacking;
}

function seriesOf({ spans, backlogs }: SeriesState): Set<string> {
  const names = [...spans, ...backlogs].flatMap(({ known }) => [...known.keys()]);
  return new Set([...names, ...spans.flatMap(({ granules }) => [...granules.keys()])]);
}

/** What a backlog still lacks when it is given up. */
function lackingIn(state: SeriesState, backlog: Backlog): Gap[] {
  const { level, refusal } = backlog;
  const whole = refusal ?? `no values at ${level.granularity}, asked for ${PATIENCE / HOUR} hours`;
  const gap = (from: number, to: number, reason: string) => ({ from, to: gapEnd(state, level, to), reason });
  const gaps: Gap[] = unreadParts(state, backlog).map(({ from, to }) => gap(from, to, whole));
  const single = [...lackingGranules(state, backlog)].filter(([name]) => name !== ALL);
  const granules = single.flatMap(([, missing]) => missing);
  if (granules.length === 0) return gaps;
  const names = single.map(([name]) => name).sort();
  const named = names.slice(0, NAMED_SERIES).join(', ');
  const more = names.length > NAMED_SERIES ? ` and ${names.length - NAMED_SERIES} more` : '';
  const from = granules.reduce((least, granule) => Math.min(least, granule));
  const last = granules.reduce((most, granule) => Math.max(most, granule));
  const reason = `no values at ${level.granularity} of single series, asked for ${PATIENCE / HOUR} hours: ${named}${more}`;
  return [...gaps, gap(from, last + level.granule, reason)];
}

/**
 * What was asked for and has no values. The first granule may hold the mark: its beginning was read at a finer level.
 */
export function unreadParts(state: SeriesState, backlog: Backlog): Array<{ from: number; to: number }> {
  return emptyParts(backlog, firstValue(state, backlog))
    .map(({ from, to }) => ({ from: Math.max(from, state.mark), to }))
    .filter(({ from, to }) => from < to);
}

/** The tick counts, as for every window, so that the same tick twice asks for nothing twice. */
function askedAt({ tick, now }: RunTime): number {
  return Math.min(tick, now);
}
