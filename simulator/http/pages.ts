import { ApiError } from './api-error.ts';
import type { ApiRequest } from './api-route.ts';

const MOST_ITEMS = 500;
const DEFAULT_ITEMS = 100;

/**
 * Returns one page of a list, selected by `pageNum` (from 1) and `itemsPerPage` (1 to 500).
 *
 * @throws ApiError 400 when they are out of range
 */
export function page(request: ApiRequest, items: readonly object[]): object {
  const pageNum = wholeNumber(request, 'pageNum', 1, Number.MAX_SAFE_INTEGER);
  const itemsPerPage = wholeNumber(request, 'itemsPerPage', DEFAULT_ITEMS, MOST_ITEMS);
  const includeCount = request.query.get('includeCount') !== 'false';
  const link = (rel: string, number: number) => ({
    href: `${request.origin}${request.path}?includeCount=${includeCount}&pageNum=${number}&itemsPerPage=${itemsPerPage}`,
    rel,
  });
  const start = (pageNum - 1) * itemsPerPage;
  const end = start + itemsPerPage;
  return {
    links: [
      link('self', pageNum),
      ...(pageNum > 1 ? [link('previous', pageNum - 1)] : []),
      ...(end < items.length ? [link('next', pageNum + 1)] : []),
    ],
    results: items.slice(start, end),
    // An estimate: a client that relies on it reads too little or too much.
    ...(includeCount ? { totalCount: Math.max(0, items.length + request.totalCountError) } : {}),
  };
}

function wholeNumber({ query }: ApiRequest, name: string, fallback: number, most: number): number {
  const text = query.get(name);
  if (text === null) return fallback;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= most) return number;
  throw new ApiError(400, 'INVALID_QUERY_PARAMETER', `An invalid value was given for ${name}: ${text}.`, [
    name,
  ]);
}
