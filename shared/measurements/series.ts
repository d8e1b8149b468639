import type { MeasurementSeries } from '../atlas/api.ts';
import { AtlasResponseError } from '../atlas/errors.ts';
import type { RunTime } from '../engine/run-clock.ts';
import type { Resolution } from './granularity.ts';
import { type Instants, type KnownPoints, NO_INSTANTS, packInstants, unpackInstants } from './instants.ts';
import { type MergedPoints, mergePoints, type NewPoint } from './known-points.ts';
import { passed, readBefore } from './next-task.ts';
import { namesOf, type SeriesState, type Span, withWatermark } from './series-state.ts';
import type { Window } from './windows.ts';

/**
 * Merges a response into the state: returns the new points and what is known afterwards. Ignores points
 * outside the window and nulls, and does not return a point that is already in the lake.
 *
 * @param maxSeries maximum series of a target
 * @param readTo up to where the window counts as read. If that is before its end, the rest waits for another run
 * @throws {AtlasResponseError} (`shape`) if the target would have more series
 */
export function mergeResponse(
  state: SeriesState,
  response: readonly MeasurementSeries[],
  window: Window,
  time: RunTime,
  maxSeries: number,
  readTo = window.to,
): { points: NewPoint[]; state: SeriesState } {
  const holder = window.purpose === 'backlog' ? state.backlogs[window.place] : state.spans[window.place];
  if (!holder) throw new Error('a window refers to no span');
  const intervals = 'intervals' in holder ? holder.intervals : new Map<string, Instants>();
  const merged = mergePoints(response, window, holder.known, intervals);
  checkNumber(state, merged.known, maxSeries);
  const instants = merged.points.map(({ timestamp }) => timestamp);
  const withKnown = { ...replaced(state, window, merged.known), values: valuesWith(state, instants) };
  const after = passed(withKnown, { ...window, to: readTo }, time);
  const rereads = window.purpose !== 'backlog' && bringsItsPast(state, window, merged);
  const spans = rereads
    ? after.spans.map(rereadWhole)
    : after.spans.map((span, place) => withEmptiness(span, place, state, window, merged));
  const waits = readTo < window.to && { isWaiting: true };
  return { points: merged.points, state: withWatermark(withoutDropped({ ...after, spans, ...waits })) };
}

/** Returns the state with other points in the span or backlog of a window. */
function replaced(state: SeriesState, { purpose, place }: Window, known: KnownPoints): SeriesState {
  const change = <Holder>(holder: Holder, index: number) => (index === place ? { ...holder, known } : holder);
  return purpose === 'backlog'
    ? { ...state, backlogs: state.backlogs.map(change) }
    : { ...state, spans: state.spans.map(change) };
}

/** Returns the times of the first and last value in the lake, given the times of values that are written. */
export function valuesWith(
  { values }: Pick<SeriesState, 'values'>,
  written: readonly number[],
): SeriesState['values'] {
  let [first, last] = [values?.first ?? Number.POSITIVE_INFINITY, values?.last ?? Number.NEGATIVE_INFINITY];
  for (const instant of written) {
    first = Math.min(first, instant);
    last = Math.max(last, instant);
  }
  return first <= last ? { first, last } : null;
}

/**
 * Returns whether a new series has appeared beside others. Its earlier values lie before the windows of later
 * runs, whichever window saw it first. A target that is read for the first time, or again after a long
 * silence, has no such series, because all of its series begin together.
 */
function bringsItsPast({ spans }: SeriesState, { purpose, place }: Window, merged: MergedPoints): boolean {
  const continues = purpose === 'advance' && (spans[place]?.startPosition ?? null) !== null;
  if (continues || merged.points.length === 0) return false;
  return hasNewSeries(
    spans,
    merged.points.map(({ measurement }) => measurement),
  );
}

/** Returns whether names include a series that the spans of a target do not have, beside others that they have. */
export function hasNewSeries(spans: readonly Span[], names: Iterable<string>): boolean {
  const others = new Set(spans.flatMap(({ known, intervals }) => [...known.keys(), ...intervals.keys()]));
  return others.size > 0 && [...names].some((name) => !others.has(name));
}

/**
 * Records a response without any value, which may be a short problem of Atlas. What such responses covered is
 * read again as soon as its resolution has values again, in whichever span. A target whose first values this
 * run has found begins with them.
 */
function withEmptiness(
  span: Span,
  place: number,
  before: SeriesState,
  window: Window,
  { isEmpty }: MergedPoints,
): Span {
  const was = before.spans[place];
  if (!was) return span;
  const { emptyFrom, rereadFrom } = span;
  if (isEmpty) {
    if (place !== window.place || !countsAsEmpty(window, was)) return span;
    return { ...span, emptyFrom: Math.min(emptyFrom ?? window.from, window.from) };
  }
  // At another resolution the problem may continue. What is not read again still gets a final check before
  // Atlas drops it.
  if (emptyFrom === null || was.resolution !== window.resolution) return span;
  if (before.values === null && readBefore(was) <= emptyFrom) return { ...span, emptyFrom: null };
  return { ...span, emptyFrom: null, rereadFrom: Math.min(rereadFrom ?? emptyFrom, emptyFrom) };
}

/**
 * Returns whether a window without values counts as a problem. An hour that was read before belongs to the
 * window that reads it again, because its late values were affected too. Older times may well have no values,
 * and count only while the problem is known to last.
 */
function countsAsEmpty({ purpose }: Window, { emptyFrom }: Span): boolean {
  if (purpose === 'advance' || purpose === 'lookback') return true;
  return purpose !== 'backlog' && emptyFrom !== null;
}

/** Returns a span whose whole past is read again, because a new series may have values there. */
export function rereadWhole(span: Span): Span {
  return span.from < span.position ? { ...span, rereadFrom: span.from } : span;
}

function checkNumber(state: SeriesState, known: KnownPoints, maxSeries: number): void {
  const names = namesOf(state);
  for (const name of known.keys()) names.add(name);
  if (names.size <= maxSeries) return;
  const errorContext = { operation: 'measurements', attempts: 1 };
  throw new AtlasResponseError('shape', `a target has more than ${maxSeries} series`, errorContext);
}

/**
 * Returns the state without points that Atlas has dropped: those that are a retention older than the newest
 * value. This does not use a clock, because a wrong clock must not make the collector forget what is in the
 * lake. A series without any value in the whole retention counts as never seen.
 */
function withoutDropped(state: SeriesState): SeriesState {
  if (state.values === null) return state;
  const newest = state.values.last;
  const heldFrom = ({ retention, interval }: Resolution) => newest - retention - interval;
  const spans = state.spans
    .filter(({ resolution, to }) => to === null || to > heldFrom(resolution))
    .map((span) => ({
      ...span,
      known: pointsFrom(span.known, heldFrom(span.resolution)),
      intervals: pointsFrom(span.intervals, heldFrom(span.resolution)),
    }));
  return { ...state, spans };
}

/**
 * Returns the known points without those before a time, and without series that have none left. Equal sets
 * stay the same object.
 */
export function pointsFrom(known: KnownPoints, time: number): KnownPoints {
  const cut = new Map<Instants, Instants>();
  const after = new Map<string, Instants>();
  for (const [name, set] of known) {
    const kept = cut.get(set) ?? instantsFrom(set, time);
    cut.set(set, kept);
    if (kept.length > 0) after.set(name, kept);
  }
  return after;
}

function instantsFrom(set: Instants, time: number): Instants {
  const instants = unpackInstants(set);
  const [first] = instants;
  if (first === undefined) return NO_INSTANTS;
  return first >= time ? set : packInstants(instants.filter((instant) => instant >= time));
}
