import { HOUR } from '../../shared/durations.ts';
import type { AlertConfigurationId } from '../../shared/ids.ts';

/** How often the list of each configuration is read when nothing draws attention to it. */
export const TURN = 4 * HOUR;

/**
 * Returns whether the turn of a configuration came after `from` and up to `to`, ms. Each configuration has one instant in
 * every four hours, which follows from its id: so the turns are spread evenly, need no state, and a run that was skipped
 * or late takes what was due before it.
 */
export function hasTurn(id: AlertConfigurationId, from: number, to: number): boolean {
  // The last digits of ids count up. The multiplication (by 2^32 over the golden ratio) spreads neighbours evenly.
  const place = Math.imul(Number.parseInt(id.slice(-8), 16), 0x9e3779b1) >>> 0;
  const phase = Math.floor((place / 2 ** 32) * TURN);
  return Math.floor((to - phase) / TURN) > Math.floor((from - phase) / TURN);
}
