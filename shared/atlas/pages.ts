import * as z from 'zod';
import { AtlasResponseError } from './errors.ts';
import type { ApiRead, Requester } from './requester.ts';

/** The most that Atlas gives at a time. */
export const ITEMS_PER_PAGE = 500;

/** By so many items the count, which is an estimate, may be too high before that is noted. */
const SLACK = 1;

/** Far beyond any project, and an end for a server that always says that there is more, or gives more than it may. */
const MAX_ITEMS = 100_000;
export const MAX_PAGES = MAX_ITEMS / ITEMS_PER_PAGE;

/**
 * All items of a paged list, in the order of their first appearance.
 *
 * There is another page when this one links to it (its address is not used, as it could lead elsewhere) or is full;
 * `totalCount` is an estimate: a list that ends before it is noted. A list can shift while it is read, so an item that comes twice is
 * returned once.
 *
 * @param key what tells one item from another
 * @throws AtlasResponseError when the pages do not end: one brings nothing new but announces another, or there are too
 *   many; and what the requester throws
 */
export async function readPages<T>(
  requester: Pick<Requester, 'get' | 'remarks'>,
  read: Omit<ApiRead, 'query'> & Partial<Pick<ApiRead, 'query'>>,
  item: z.ZodType<T>,
  key: (item: T) => string,
): Promise<T[]> {
  const items = new Map<string, T>();
  for (let pageNum = 1; pageNum <= MAX_PAGES; pageNum += 1) {
    const page = await readPage(requester, { query: [], ...read }, item, pageNum);
    const before = items.size;
    for (const found of page.items) {
      if (!items.has(key(found))) items.set(key(found), found);
    }
    if (items.size > MAX_ITEMS) throw endless(read.operation, `there are more than ${MAX_ITEMS} items`);
    if (!page.more) {
      if (page.total !== null && items.size < page.total - SLACK) {
        requester.remarks.notes.add(
          `${read.operation}: the list ended before the number of items that it has by the count of Atlas`,
        );
      }
      return [...items.values()];
    }
    if (items.size === before) throw endless(read.operation, `page ${pageNum} brings nothing new`);
  }
  throw endless(read.operation, `there are more than ${MAX_PAGES} pages`);
}

/** One page of a list. */
export interface Page<T> {
  items: readonly T[];
  /** There is another page. */
  more: boolean;
  /** How many items Atlas thinks that the list has: an estimate. */
  total: number | null;
}

export async function readPage<T>(
  requester: Pick<Requester, 'get'>,
  read: ApiRead,
  item: z.ZodType<T>,
  pageNum: number,
): Promise<Page<T>> {
  const query = [
    ...read.query,
    ['itemsPerPage', String(ITEMS_PER_PAGE)],
    ['pageNum', String(pageNum)],
  ] as const;
  const { results, links, totalCount } = await requester.get({ ...read, query }, pageOf(item));
  const more = results.length >= ITEMS_PER_PAGE || links.some((link) => link.rel === 'next');
  return { items: results, more, total: totalCount };
}

function pageOf<T>(item: z.ZodType<T>) {
  return z.object({
    results: z.array(item),
    links: z
      .array(z.object({ rel: z.string() }))
      .nullish()
      .transform((links) => links ?? []),
    totalCount: z
      .number()
      .nullish()
      .catch(null)
      .transform((total) => total ?? null),
  });
}

export function endless(operation: string, what: string): AtlasResponseError {
  return new AtlasResponseError('shape', `the list does not end: ${what}`, { operation, attempts: 1 });
}
