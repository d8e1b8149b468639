import { DAY, HOUR } from '../durations.ts';
import type { Gap } from '../engine/dataset.ts';
import type { RunTime } from '../engine/run-clock.ts';
import type { Resolution } from './granularity.ts';
import { switched } from './series-changes.ts';
import { isUnread, newSpan, type SeriesState, type Span } from './series-state.ts';
import type { Window } from './windows.ts';

/** How long a granularity that Atlas refused is not requested again. A cluster may have been scaled up by then. */
const REST = DAY;

/**
 * How far behind a granularity that had values must be before its substitute is read, because Atlas may have a short
 * problem.
 */
const PATIENCE = HOUR;

/**
 * Returns the state for the configured granularity, or for its substitute while the substitute is read. The span that
 * was read so far ends where the other one begins.
 */
export function configured(state: SeriesState, fine: Resolution): SeriesState {
  if (fine.substitute === undefined) return switched({ ...state, substitutedUntil: null }, fine);
  return switched(state, state.substitutedUntil === null ? fine : fine.substitute);
}

/** Returns the state that requests the configured granularity again, if it is time. */
export function requestedAgain(state: SeriesState, fine: Resolution, { tick }: RunTime): SeriesState {
  if (state.substitutedUntil === null || tick < state.substitutedUntil) return state;
  return configured({ ...state, substitutedUntil: null }, fine);
}

/** Returns whether an error of the server lasts: the span has no values yet, or is far behind. */
export function isLasting(span: Span, settled: number): boolean {
  return isUnread(span) || settled - span.position >= PATIENCE;
}

/**
 * Returns the state that reads a substitute from where a refused window's span was read to. Nothing is requested at the
 * refused resolution until then, so its final checks become gaps.
 *
 * @param reason the reason of these gaps
 */
export function substituted(
  state: SeriesState,
  { place, resolution }: Window,
  { tick }: RunTime,
  reason: string,
): { state: SeriesState; gaps: Gap[] } {
  const { substitute } = resolution;
  if (!substitute) throw new Error(`${resolution.granularity} has no substitute`);
  const gaps: Gap[] = [];
  const spans = state.spans.map((span, index) => {
    if (span.resolution !== resolution || index > place) return span;
    const { position } = span;
    const from = Math.max(span.finallyCheckedTo, span.from);
    if (from < position) gaps.push({ from, to: position, reason });
    const to = index === place ? position : span.to;
    return { ...span, from: position, finallyCheckedTo: position, to, rereadFrom: null, emptyFrom: null };
  });
  const to = state.spans[place]?.to ?? null;
  const refused = spans[place];
  if (!refused) throw new Error('a window refers to no span');
  const former = spans[place - 1];
  // A granularity that was tried again, and had no values.
  const isContinued =
    isUnread(refused) && former?.resolution === substitute && former.to === refused.position;
  const after = isContinued
    ? spans.toSpliced(place - 1, 2, { ...former, to })
    : spans.toSpliced(place + 1, 0, { ...newSpan(substitute, refused.position), to });
  return { state: { ...state, spans: after, substitutedUntil: tick + REST }, gaps };
}
