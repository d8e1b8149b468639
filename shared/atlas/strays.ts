import { MINUTE } from '../durations.ts';
import type { Span } from './api.ts';
import type { ListRemarks } from './items.ts';

/**
 * How far from the requested span a time is wrong, ms. Atlas returns whole chunks of a log, of about five minutes. What is
 * farther away has the time of a wrong clock, or Atlas ignores the requested span. No window may ever contain it.
 */
const STRAY_AFTER = 15 * MINUTE;

/** Returns whether a time is far from a requested span. */
export function isStray(time: number, { start, end }: Span): boolean {
  return time < start - STRAY_AFTER || time >= end + STRAY_AFTER;
}

/**
 * Reports entries whose times are far from the requested span. They lie in no window, so they are not written.
 *
 * @param field the field that has the time
 */
export function reportStrays(
  times: readonly number[],
  span: Span,
  { remarks, field }: { remarks: ListRemarks; field: string },
): void {
  const first = times.findIndex((time) => isStray(time, span));
  if (first < 0) return;
  const fault = { path: [first, field], expected: 'expected a time near the requested span' };
  remarks.skipped(fault, times.filter((time) => isStray(time, span)).length);
}
