import type { ItemType } from './items.ts';
import type { Listing } from './listing.ts';
import { endless, ITEMS_PER_PAGE, MAX_PAGES, noteShortList, type Page, readPage } from './pages.ts';
import type { ApiRead, Requester } from './requester.ts';

/** The instant by which the list is sorted, in either direction; ms since the epoch. */
type Created<T> = (item: T) => number;

/**
 * Returns the items of a long list that were created at or after an instant, oldest first. Reads at most one page of
 * the list's old part.
 *
 * The first and the last page show which end is the newest. From there, reads pages until one contains an older item.
 * If that took more than one page, reads them again in the other direction: the list can shift meanwhile, and what one
 * direction misses the other meets. If no item of the first or the last page is readable, reads all pages.
 *
 * @throws AtlasResponseError when the pages do not end; and what the requester throws
 */
export async function readSince<T>(
  requester: Pick<Requester, 'get' | 'remarks'>,
  read: ApiRead,
  type: ItemType<T>,
  since: number,
  created: Created<T>,
): Promise<Listing<T>> {
  const found = new Map<string, T>();
  const unreadable = new Set<string>();
  let hasUnknown = false;
  const page = async (pageNum: number): Promise<Page<T>> => {
    if (pageNum > MAX_PAGES) throw endless(read.operation, `there are more than ${MAX_PAGES} pages`);
    const next = await readPage(requester, read, type, pageNum);
    for (const item of next.items) if (created(item) >= since) found.set(type.key(item), item);
    for (const key of next.unreadable) unreadable.add(key);
    hasUnknown ||= next.hasUnknown;
    return next;
  };
  const reachesBack = ({ items }: Page<T>) => items.some((one) => created(one) < since);

  const first = await page(1);
  const last = first.more ? await lastPage(page, first) : { pageNum: 1, page: first };
  const length = (last.pageNum - 1) * ITEMS_PER_PAGE + last.page.given;
  noteShortList(requester.remarks, read.operation, length, last.page.total);
  if (first.more) {
    const newestFirst = isNewestFirst(first, last.page, created);
    if (newestFirst === null) {
      for (let pageNum = 2; (await page(pageNum)).more; ) pageNum += 1;
    } else if (newestFirst) {
      let end = 1;
      for (let current = first; current.more && !reachesBack(current); ) {
        end += 1;
        current = await page(end);
      }
      for (let pageNum = end - 1; pageNum >= 1; pageNum -= 1) await page(pageNum);
    } else {
      let start = last.pageNum;
      for (let current = last.page; start > 1 && !reachesBack(current); ) {
        start -= 1;
        current = await page(start);
      }
      for (let pageNum = start + 1, more = start < last.pageNum; more; pageNum += 1) {
        more = (await page(pageNum)).more;
      }
    }
  }
  const items = [...found.values()].sort(
    (a, b) => created(a) - created(b) || (type.key(a) < type.key(b) ? -1 : 1),
  );
  return { items, unreadable, hasUnknown };
}

/**
 * Finds the last page that has items. Starts from the estimated length of the list, and takes steps that double, because
 * the estimate can be far from the truth in either direction.
 */
async function lastPage<T>(
  page: (pageNum: number) => Promise<Page<T>>,
  first: Page<T>,
): Promise<{ pageNum: number; page: Page<T> }> {
  const estimate = Math.ceil((first.total ?? 0) / ITEMS_PER_PAGE);
  let last = { pageNum: 1, page: first };
  let empty = Number.POSITIVE_INFINITY;
  let pageNum = Math.min(Math.max(estimate, 2), MAX_PAGES);
  for (let step = 1; ; step *= 2) {
    const current = await page(pageNum);
    if (current.given === 0) empty = pageNum;
    else last = { pageNum, page: current };
    if (!last.page.more || empty - last.pageNum <= 1) return last;
    // Only the page after the last allowed one shows that there are too many.
    const end = last.pageNum === MAX_PAGES ? MAX_PAGES + 1 : MAX_PAGES;
    pageNum = Number.isFinite(empty)
      ? Math.max(empty - step, Math.floor((last.pageNum + empty) / 2))
      : Math.min(last.pageNum + step, end);
  }
}

/** Returns whether the newest items come first, or null if the pages do not show it. */
function isNewestFirst<T>(first: Page<T>, last: Page<T>, created: Created<T>): boolean | null {
  const [head, tail] = [first.items[0], last.items.at(-1)];
  return head === undefined || tail === undefined ? null : created(head) > created(tail);
}
