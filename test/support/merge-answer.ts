import { mergeAnswer as mergeLimited } from '../../shared/measurements/series.ts';

/** The limit of databases and disks. */
export const MAX_SERIES = 50;

type Answer = Parameters<typeof mergeLimited> extends [...infer Others, number] ? Others : never;

/** Merges an answer about a target that may have as many series as a database or disk. */
export function mergeAnswer(...answer: Answer): ReturnType<typeof mergeLimited> {
  return mergeLimited(...answer, MAX_SERIES);
}
