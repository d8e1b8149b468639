import type { MeasurementSeries } from '../atlas/api.ts';
import type { Target } from '../engine/cursor.ts';
import type { RunTime } from '../engine/run-clock.ts';
import { frontierOf, type SeriesState } from './series-state.ts';
import { settledTime } from './windows.ts';

/** How a dataset reads targets that may have no values at all. */
export interface OptionalSeries {
  /**
   * For how long a target is left unread, ms, if what was read last had no values for as long. One request must cover
   * it, so at most four hours.
   */
  restMs: number;
  /** Returns whether an error says that Atlas has no such series of a target that it knows. */
  isLacking(error: unknown): boolean;
  /** The note about a target that is left unread. */
  note: string;
}

/** Returns the state with how long its target may be left unread. */
export function withRest(state: SeriesState, optional: OptionalSeries | undefined): SeriesState {
  if (!optional) return state;
  return { ...state, restMs: isQuiet(state, optional) ? optional.restMs : 0 };
}

/**
 * Returns whether a target is left unread for now. A target that has not been read yet is not, nor one that is missing,
 * because Atlas may drop its values at any time.
 */
export function isResting(
  { state, missingSince }: Pick<Target<SeriesState>, 'state' | 'missingSince'>,
  settle: number,
  optional: OptionalSeries,
  time: RunTime,
): boolean {
  if (missingSince !== null || !isQuiet(state, optional)) return false;
  const { from, position, resolution } = frontierOf(state).span;
  return position > from && settledTime(time, settle, resolution) - position < optional.restMs;
}

/**
 * Returns a request that counts a refusal as a response without values: what such responses cover is read again once
 * there are values. If the target had values, the refusal stays an error, because some may not have been read.
 */
export function orEmpty<Window>(
  { values }: Pick<SeriesState, 'values'>,
  { isLacking }: OptionalSeries,
  fetch: (window: Window) => Promise<MeasurementSeries[]>,
): (window: Window) => Promise<MeasurementSeries[]> {
  return async (window) => {
    try {
      return await fetch(window);
    } catch (error) {
      if (values === null && isLacking(error)) return [];
      throw error;
    }
  };
}

/** Returns whether the last values are older than what was read last. */
function isQuiet(state: SeriesState, { restMs }: OptionalSeries): boolean {
  const { values } = state;
  return values === null || frontierOf(state).span.position - values.last >= restMs;
}
