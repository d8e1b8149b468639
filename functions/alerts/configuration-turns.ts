import { HOUR } from '../../shared/durations.ts';
import type { AlertConfigurationId } from '../../shared/ids.ts';

/** How often the list of a configuration is read when nothing about it has changed. */
export const TURN = 4 * HOUR;

/**
 * Returns whether the turn of a configuration is after `from` and at or before `to`, ms. Each configuration has one turn in
 * four hours, which is computed from its id. So the turns are spread evenly and need no state, and a late run takes the
 * turns that it missed.
 */
export function hasTurn(id: AlertConfigurationId, from: number, to: number): boolean {
  // The last digits of ids count up. The multiplication (by 2^32 over the golden ratio) spreads neighbours evenly.
  const place = Math.imul(Number.parseInt(id.slice(-8), 16), 0x9e3779b1) >>> 0;
  const phase = Math.floor((place / 2 ** 32) * TURN);
  return Math.floor((to - phase) / TURN) > Math.floor((from - phase) / TURN);
}
