import { ceilTo, floorTo, HOUR } from '../durations.ts';
import { coveredIntervals } from './filled-intervals.ts';
import type { Resolution } from './granularity.ts';
import { type KnownPoints, unpackInstants } from './instants.ts';
import { pointsFrom } from './series.ts';
import {
  type Backlog,
  frontierOf,
  isUnread,
  lastSpan,
  newSpan,
  type SeriesState,
  type Span,
} from './series-state.ts';

/** Maximum spans of a target, so that a configuration that keeps changing cannot fill its item. */
const MAX_SPANS = 24;

/**
 * Returns the state for a granularity that the configuration has changed to. What was read stays and is
 * maintained at its own resolution. The new resolution starts with its first interval that contains none of
 * it.
 */
export function switched(state: SeriesState, resolution: Resolution): SeriesState {
  const spans = [...state.spans];
  const last = lastSpan(state);
  if (last.resolution === resolution) return state;
  // A granularity that was tried and reverted before it had a value. If it began after a gap, so does the next one.
  const former = spans.at(-2);
  if (former && isUnread(last) && former.to === last.from) spans.pop();
  const open = spans.at(-1) ?? last;
  spans.pop();
  if (open.resolution === resolution) return { ...state, spans: [...spans, { ...open, to: null }] };
  const border = ceilTo(open.position, resolution.step);
  // The hour before its end is read again, as if the span had continued, because values may be late.
  const rereadFrom = Math.min(open.rereadFrom ?? open.position, open.position - HOUR);
  const closed = [...spans, { ...open, to: border, rereadFrom }, newSpan(resolution, border)];
  return { ...state, spans: closed.slice(-MAX_SPANS) };
}

/**
 * Returns the state of a target pulled back to an instant, after a clock that was ahead moved its watermarks
 * beyond it. Everything that Atlas still has is read once more, and what is in the lake is not written again.
 */
export function pulledBack(state: SeriesState, instant: number): SeriesState {
  const { resolution } = lastSpan(state);
  const backlogs = state.backlogs.flatMap((backlog) => shortened(backlog, instant));
  // Coarse values in the lake replace fine ones, so fine reading starts after them.
  const coarse = backlogs.map(({ to }) => to);
  const kept = state.spans.filter(({ from }) => from < instant);
  const spans = kept.map((span, index) => {
    const next = kept[index + 1];
    const position = Math.max(span.from, Math.min(span.position, floorTo(instant, span.resolution.step)));
    return {
      ...span,
      position,
      to: next ? span.to : null,
      finallyCheckedTo: Math.min(span.finallyCheckedTo, span.from),
      rereadFrom: span.from < position ? span.from : null,
      emptyFrom: null,
      startPosition: null,
    };
  });
  const positions = spans.map(({ position }) => position);
  const end = Math.max(...(spans.length > 0 ? positions : [floorTo(instant, resolution.step)]), ...coarse);
  const reopened = reopen(spans, resolution, end);
  return {
    ...state,
    spans: reopened,
    backlogs,
    substitutedUntil: state.substitutedUntil && Math.min(state.substitutedUntil, instant),
    watermark: Math.min(state.watermark, instant, ...reopened.map(({ position }) => position)),
  };
}

/**
 * Returns the latest instant up to which any data of a target counts as read. A clock that was ahead can move
 * a span into the future while the watermark waits for unread data before it. A new span may begin up to one
 * step after the present.
 */
export function furthest({ watermark, spans, backlogs }: SeriesState): number {
  return Math.max(
    watermark,
    ...spans.map(({ position, resolution }) => position - resolution.step),
    ...backlogs.map(({ to, resolution }) => to - resolution.interval),
  );
}

/** Returns the spans with the last one continuing from an instant at a resolution. */
function reopen(spans: readonly Span[], resolution: Resolution, from: number): Span[] {
  const last = spans.at(-1);
  if (last && last.resolution === resolution && last.position >= from) return [...spans];
  const border = ceilTo(from, resolution.step);
  const closed = last ? [...spans.slice(0, -1), { ...last, to: last.position }] : [];
  return [...closed, newSpan(resolution, border)];
}

/**
 * Shortens a backlog that ends beyond an instant to what the lake has of it. The rest is not needed any more.
 */
function shortened(backlog: Backlog, instant: number): Backlog[] {
  const { resolution, from, position, firstRequestedAt, lastRequestedAt } = backlog;
  const covered = [...coveredIntervals(backlog.known, resolution)];
  const end = Math.max(from, ...covered.map((interval) => interval + resolution.interval));
  const to = backlog.to <= instant ? backlog.to : end;
  if (to <= from) return [];
  const requested = {
    firstRequestedAt: firstRequestedAt && Math.min(firstRequestedAt, instant),
    lastRequestedAt: lastRequestedAt && Math.min(lastRequestedAt, instant),
  };
  return [{ ...backlog, ...requested, to, position: Math.min(position, to), again: null }];
}

/**
 * Returns what must be kept of a forgotten target so that nothing is written again when it returns: its
 * watermarks. Reading continues where everything that was read of it ends.
 */
export function dormant(state: SeriesState): SeriesState {
  const { resolution } = lastSpan(state);
  const position = floorTo(frontierOf(state).span.position, resolution.step);
  return {
    watermark: state.watermark,
    spans: [newSpan(resolution, position)],
    backlogs: [],
    values: state.values,
    substitutedUntil: state.substitutedUntil,
  };
}

/**
 * Returns the state within a number of bytes. Where the timestamps of each series jitter differently, the
 * oldest points are forgotten. What is forgotten is not read again, so that nothing is written twice.
 *
 * @param size returns the maximum bytes of a state when stored
 */
export function fitted(
  state: SeriesState,
  maxBytes: number,
  size: (state: SeriesState) => number,
): { state: SeriesState; shortened: boolean } {
  let fitting = state;
  while (size(fitting) > maxBytes) {
    const smaller = withLess(fitting);
    if (smaller === null) break;
    fitting = smaller;
  }
  return { state: fitting, shortened: fitting !== state };
}

function withLess(state: SeriesState): SeriesState | null {
  const { backlogs, spans } = state;
  if (spans.length > 1 && spans[0]?.position === spans[0]?.to) return { ...state, spans: spans.slice(1) };
  const place = backlogs.findIndex(({ known }) => known.size > 0);
  const backlog = backlogs[place];
  if (backlog) {
    const rest = { ...backlog, from: backlog.position, known: new Map() };
    return { ...state, backlogs: backlogs.with(place, rest) };
  }
  const last = lastSpan(state);
  const first = firstOf(last.known) ?? firstOf(last.intervals);
  if (first === null) return null;
  const start = Math.max(last.from, floorTo(first, last.resolution.step));
  const from = floorTo(start + (last.position - start) / 2, last.resolution.step) + last.resolution.step;
  const shorter = {
    ...last,
    from: Math.min(from, Math.max(last.from, last.position)),
    known: pointsFrom(last.known, from),
    intervals: pointsFrom(last.intervals, from),
  };
  return { ...state, spans: [...spans.slice(0, -1), shorter] };
}

function firstOf(known: KnownPoints): number | null {
  const firsts = [...new Set(known.values())].map((set) => unpackInstants(set)[0]);
  const instants = firsts.filter((first) => first !== undefined);
  return instants.length === 0 ? null : Math.min(...instants);
}
