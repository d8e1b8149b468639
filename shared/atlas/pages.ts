import * as z from 'zod';
import { type AtlasApiError, AtlasResponseError } from './errors.ts';
import { type ItemType, ListRemarks, readItems } from './items.ts';
import type { Listing } from './listing.ts';
import { isRefused, refusalCode } from './refusal.ts';
import type { SessionRemarks } from './remarks.ts';
import type { ApiRead, Requester } from './requester.ts';
import { shapeError } from './responses.ts';
import { rawList } from './schemas/fields.ts';

/** The largest page that Atlas returns. */
export const ITEMS_PER_PAGE = 500;

/** Tolerance for `totalCount`, which is an estimate, before a short list is noted. */
const SLACK = 1;

/**
 * Far more than any project has. Stops reading from a server that announces pages forever, or sends more than it may.
 */
const MAX_ITEMS = 100_000;
export const MAX_PAGES = MAX_ITEMS / ITEMS_PER_PAGE;

/**
 * Reads all items of a paged list, in the order of their first appearance.
 *
 * Another page follows if this one links to it or is full. The link's address is not used, as it could lead elsewhere.
 * `totalCount` is an estimate: a list that ends before it only leaves a note. A list can shift while it is read, so an
 * item that appears twice is returned once. Unreadable items are omitted and reported.
 *
 * @param prefers whether a repeated item replaces the earlier one
 * @throws AtlasResponseError when the pages do not end: one has nothing new but announces another, or there are too
 *   many; when Atlas refuses a later page; and what the requester throws
 */
export async function readPages<T>(
  requester: Pick<Requester, 'get' | 'remarks'>,
  read: Omit<ApiRead, 'query'> & Partial<Pick<ApiRead, 'query'>>,
  type: ItemType<T>,
  prefers: (again: T, before: T) => boolean = () => false,
): Promise<Listing<T>> {
  const items = new Map<string, T>();
  const unreadable = new Set<string>();
  let hasUnknown = false;
  for (let pageNum = 1; pageNum <= MAX_PAGES; pageNum += 1) {
    const page = await readPage(requester, { query: [], ...read }, type, pageNum);
    const before = items.size + unreadable.size;
    for (const found of page.items) {
      const known = items.get(type.key(found));
      if (known === undefined || prefers(found, known)) items.set(type.key(found), found);
    }
    for (const key of page.unreadable) unreadable.add(key);
    hasUnknown ||= page.hasUnknown;
    const size = items.size + unreadable.size;
    if (size > MAX_ITEMS) throw endless(read.operation, `there are more than ${MAX_ITEMS} items`);
    if (!page.more) {
      if (!hasUnknown) noteShortList(requester.remarks, read.operation, size, page.total);
      return { items: [...items.values()], unreadable, hasUnknown };
    }
    if (size === before && !page.hasUnknown)
      throw endless(read.operation, `page ${pageNum} brings nothing new`);
  }
  throw endless(read.operation, `there are more than ${MAX_PAGES} pages`);
}

/** Notes that a list ended before `total`. */
export function noteShortList(
  { notes }: Pick<SessionRemarks, 'notes'>,
  operation: string,
  length: number,
  total: number | null,
): void {
  if (total !== null && length < total - SLACK)
    notes.add(`${operation}: the list ended with fewer items than Atlas counted`);
}

/** One page of a list. */
export interface Page<T> extends Listing<T> {
  /** How many items Atlas sent, including unreadable ones. */
  given: number;
  /** There is another page. */
  more: boolean;
  /** Atlas's estimate of the length of the list. */
  total: number | null;
}

export async function readPage<T>(
  requester: Pick<Requester, 'get' | 'remarks'>,
  read: ApiRead,
  type: ItemType<T>,
  pageNum: number,
): Promise<Page<T>> {
  const { results, isFollowed, total } = await readRawPage(requester, read, pageNum).catch(
    (error: unknown) => {
      throw pageNum > 1 && isRefused(error) ? torn(read.operation, pageNum, error) : error;
    },
  );
  const remarks = new ListRemarks(read.operation, ['results'], requester.remarks);
  return {
    ...readItems(results, type, remarks, (pageNum - 1) * ITEMS_PER_PAGE),
    given: results.length,
    more: results.length >= ITEMS_PER_PAGE || isFollowed,
    total,
  };
}

/** Reads one page without its items. `isFollowed` is whether it links to another page. */
export async function readRawPage(
  requester: Pick<Requester, 'get'>,
  read: ApiRead,
  pageNum: number,
): Promise<{ results: unknown[]; isFollowed: boolean; total: number | null }> {
  const query = [
    ...read.query,
    ['itemsPerPage', String(ITEMS_PER_PAGE)],
    ['pageNum', String(pageNum)],
  ] as const;
  const { results, links, totalCount } = await requester.get({ ...read, query }, page);
  // Null is an empty page, unless Atlas counts items in it.
  if (results === null && (totalCount ?? 0) > (pageNum - 1) * ITEMS_PER_PAGE)
    throw shapeError(
      { path: ['results'], expected: 'expected array' },
      { operation: read.operation, attempts: 1 },
    );
  return { results: results ?? [], isFollowed: links.some(leadsOn), total: totalCount };
}

const page = z.object({
  results: rawList.nullable(),
  /** Anything but a list of links counts as no links. */
  links: z.array(z.unknown()).catch([]),
  totalCount: z
    .number()
    .nullish()
    .catch(null)
    .transform((total) => total ?? null),
});

function leadsOn(link: unknown): boolean {
  return Object(link).rel === 'next';
}

/** Reads a single item. Returns null, and reports it, if the item exists but is unreadable. */
export async function readOne<T>(
  requester: Pick<Requester, 'get' | 'remarks'>,
  read: ApiRead,
  type: ItemType<T>,
): Promise<T | null> {
  const raw = await requester.get(read, z.record(z.string(), z.unknown()));
  const result = type.read(raw);
  if ('value' in result) {
    for (const fault of result.nulls) requester.remarks.readAsNull(read.operation, fault);
    return result.value;
  }
  requester.remarks.skipped(read.operation, result.fault);
  return null;
}

/** A list with a first page is there, so that a refusal of a later page does not refuse the list. */
function torn(operation: string, pageNum: number, cause: AtlasApiError): AtlasResponseError {
  const text = `the list ends within: Atlas answered ${refusalCode(cause)} for page ${pageNum}`;
  return new AtlasResponseError('shape', text, { operation, attempts: cause.attempts, cause });
}

export function endless(operation: string, what: string): AtlasResponseError {
  return new AtlasResponseError('shape', `the list does not end: ${what}`, { operation, attempts: 1 });
}
