import { HOUR, MINUTE } from '../durations.ts';
import type { DatasetDeclaration } from './declaration.ts';

/** Ticks that may fail before someone has to look. */
const TICKS = 3;

/**
 * Returns how far a dataset may be behind, ms. A watermark is at the settled time, or up to one interval or one hour behind
 * it. On top, three ticks may fail.
 */
export function allowedLag(
  { everyMinutes }: Pick<DatasetDeclaration, 'everyMinutes'>,
  settle: number,
): number {
  return settle + HOUR + TICKS * everyMinutes * MINUTE;
}

/** Returns how long ago the last run of a dataset may have started, ms: an hour for one that waits, and three ticks. */
export function allowedSilence({ everyMinutes }: Pick<DatasetDeclaration, 'everyMinutes'>): number {
  return HOUR + TICKS * everyMinutes * MINUTE;
}
