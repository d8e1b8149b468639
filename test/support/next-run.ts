import type { SeriesState } from '../../shared/measurements/series-state.ts';

/** Returns the state with which the next run begins: without what is kept for one run and not stored. */
export function inNextRun(state: SeriesState): SeriesState {
  return { ...state, spans: state.spans.map((span) => ({ ...span, startPosition: null })) };
}
