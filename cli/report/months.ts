import { DAY } from '../../shared/durations.ts';

/** Atlas bills a month in the first days of the next one, and adds late usage then (ADR 13). */
const BILLED_AFTER = 10 * DAY;

/**
 * Returns SQL for what is still missing in the costs of the month `dt`: `so far` until it ends, then `not final` until
 * it is billed, then `final`.
 * @param readAt when the costs were last read, ms since the epoch
 */
export function monthState(readAt: number): string {
  const running = firstOfMonth(readAt);
  const billed = firstOfMonth(readAt - BILLED_AFTER);
  return `CASE WHEN dt >= '${running}' THEN 'so far' WHEN dt >= '${billed}' THEN 'not final' ELSE 'final' END`;
}

/** Returns a month's name by its first day, marked if it is not final: `2026-11 so far`. */
export function monthName(day: string, state: string): string {
  return state === 'final' ? day.slice(0, 7) : `${day.slice(0, 7)} ${state}`;
}

function firstOfMonth(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 7)}-01`;
}
