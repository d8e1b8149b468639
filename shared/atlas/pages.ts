import { z } from 'zod';
import { AtlasResponseError } from './errors.ts';
import type { ApiRead, Requester } from './requester.ts';

/** The most that Atlas gives at a time. */
export const ITEMS_PER_PAGE = 500;

/** 100,000 items: far beyond any project, and an end for a server that always says that there is more. */
export const MAX_PAGES = 200;

/**
 * All items of a paged list, in the order of their first appearance.
 *
 * There is another page when this one links to it (its address is not used, as it could lead elsewhere) or is full;
 * `totalCount` is an estimate and plays no part. A list can shift while it is read, so an item that comes twice is
 * returned once.
 *
 * @param key what tells one item from another
 * @throws AtlasResponseError when the pages do not end: one brings nothing new but announces another, or there are too
 *   many; and what the requester throws
 */
export async function readPages<T>(
  requester: Requester,
  read: Omit<ApiRead, 'query'>,
  item: z.ZodType<T>,
  key: (item: T) => string,
): Promise<T[]> {
  const schema = pageOf(item);
  const items = new Map<string, T>();
  for (let pageNum = 1; pageNum <= MAX_PAGES; pageNum += 1) {
    const query = [
      ['itemsPerPage', String(ITEMS_PER_PAGE)],
      ['pageNum', String(pageNum)],
    ] as const;
    const page = await requester.get({ ...read, query }, schema);
    const before = items.size;
    for (const found of page.results) {
      if (!items.has(key(found))) items.set(key(found), found);
    }
    const more = page.results.length >= ITEMS_PER_PAGE || page.links.some((link) => link.rel === 'next');
    if (!more) return [...items.values()];
    if (items.size === before) throw endless(read.operation, `page ${pageNum} brings nothing new`);
  }
  throw endless(read.operation, `there are more than ${MAX_PAGES} pages`);
}

function pageOf<T>(item: z.ZodType<T>) {
  return z.object({
    results: z.array(item),
    links: z
      .array(z.object({ rel: z.string() }))
      .nullish()
      .transform((links) => links ?? []),
  });
}

function endless(operation: string, what: string): AtlasResponseError {
  return new AtlasResponseError('shape', `the list does not end: ${what}`, { operation, attempts: 1 });
}
