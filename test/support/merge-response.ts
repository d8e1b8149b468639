import { mergeResponse as mergeLimited } from '../../shared/measurements/series.ts';

/** About as many series as a disk may have. */
const MAX_SERIES = 50;

type Response =
  Parameters<typeof mergeLimited> extends [infer State, infer Series, infer Window, infer Time, ...unknown[]]
    ? [State, Series, Window, Time]
    : never;

/** Merges a response about a target that may have as many series as a database or disk. */
export function mergeResponse(...response: Response): ReturnType<typeof mergeLimited> {
  return mergeLimited(...response, MAX_SERIES);
}
