import { DAY } from '../time.ts';
import { ApiError } from './api-error.ts';
import type { ApiRequest } from './api-route.ts';

/**
 * Returns the span of `since` and `until`, in ms since 1970: the last 24 hours without them, and everything from `since`
 * without `until`.
 *
 * @throws ApiError 400
 */
export function epochSpanOf({ query, now }: Pick<ApiRequest, 'query' | 'now'>): {
  start: number;
  end: number;
} {
  const [since, until] = [wholeNumber(query, 'since'), wholeNumber(query, 'until')];
  if (until !== undefined && since === undefined) {
    throw new ApiError(400, 'MISSING_QUERY_PARAMETER', 'until needs since.', ['since']);
  }
  const span = { start: since ?? now - DAY, end: until ?? now };
  if (span.start <= span.end) return span;
  throw new ApiError(400, 'INVALID_QUERY_PARAMETER', 'since is after until.', ['since']);
}

/** @throws ApiError 400 for anything but digits */
export function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (/^\d{1,16}$/.test(text)) return Number(text);
  throw new ApiError(400, 'INVALID_QUERY_PARAMETER', `${name} is not a whole number.`, [name]);
}
