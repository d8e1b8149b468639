import { mergeAnswer as mergeLimited } from '../../shared/measurements/series.ts';

/** As many series as a disk may have. */
const MOST_SERIES = 50;

type Answer = Parameters<typeof mergeLimited> extends [...infer Others, number] ? Others : never;

/** Merges an answer about a target that may have as many series as a database or disk. */
export function mergeAnswer(...answer: Answer): ReturnType<typeof mergeLimited> {
  return mergeLimited(...answer, MOST_SERIES);
}
