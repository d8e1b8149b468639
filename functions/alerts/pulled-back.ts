import { type AlertsState, newState } from './state.ts';

/**
 * The state once its watermark, which a clock that was ahead has put into the future, lies where that is certain: what ended
 * since the last alert that was forgotten is looked for again, and what is known is not told again.
 */
export function pulledBack(state: AlertsState, instant: number): AlertsState {
  // Alerts are forgotten by Atlas's own times; only a first run sets this by its own.
  const forgottenTo = Math.min(state.forgottenTo, newState(instant).forgottenTo);
  return { ...state, watermark: forgottenTo, forgottenTo };
}
