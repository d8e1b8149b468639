import { mergeResponse as mergeLimited } from '../../shared/measurements/series.ts';

/** The limit of databases and disks. */
export const MAX_SERIES = 50;

type Response = Parameters<typeof mergeLimited> extends [...infer Others, number] ? Others : never;

/** Merges a response about a target that may have as many series as a database or disk. */
export function mergeResponse(...response: Response): ReturnType<typeof mergeLimited> {
  return mergeLimited(...response, MAX_SERIES);
}
