import type { AtlasEvent, AtlasSession, EventPage, Span } from '../../shared/atlas/api.ts';
import { AtlasResponseError } from '../../shared/atlas/errors.ts';
import { ITEMS_PER_PAGE } from '../../shared/atlas/pages.ts';
import type { History } from '../../shared/histories/merge.ts';
import type { Subject } from '../../shared/ids.ts';

/** The maximum number of pages of one span, so that a step fits into the rate limit: 300 requests, each page read twice. */
export const MAX_PAGES = 40;

/** What Atlas shows of a span. */
export interface Reading extends History<AtlasEvent> {
  /** How many events Atlas sent, including unreadable ones. */
  given: number;
  /** Atlas has others of the same span. */
  isCut: boolean;
}

/**
 * Reads the events of a span if they fit into one page, so that nothing can shift between two requests. Otherwise the
 * result is cut: the caller asks for a shorter span.
 */
export async function readAtOnce(atlas: AtlasSession, subject: Subject, span: Span): Promise<Reading> {
  let first: EventPage;
  try {
    first = await atlas.listEvents(subject, span, 1);
  } catch (error) {
    if (!(error instanceof AtlasResponseError) || error.problem !== 'too-large') throw error;
    return { entries: [], unreadable: [], given: ITEMS_PER_PAGE, isCut: true };
  }
  if (!first.more) return { ...first, isCut: false };
  if (first.given >= ITEMS_PER_PAGE) return { ...first, isCut: true };
  // Atlas announces another page, or used a page size of its own. The other page may be empty.
  const { given } = await atlas.listEvents(subject, span, 2);
  return { ...first, isCut: given > 0 };
}

/**
 * Reads the events of a short span page by page. The list can shift meanwhile, and the order of events within a second
 * is not documented. So it reads the pages again in the other direction: what one direction misses, the other meets.
 */
export async function readAllPages(atlas: AtlasSession, subject: Subject, span: Span): Promise<Reading> {
  const pages: EventPage[] = [];
  const read = async (pageNum: number) => {
    const page = await atlas.listEvents(subject, span, pageNum);
    pages.push(page);
    return page;
  };
  let last = 1;
  let page = await read(last);
  while (page.more && page.given > 0 && last < MAX_PAGES) {
    last += 1;
    page = await read(last);
  }
  const isCut = page.more && page.given > 0;
  for (let pageNum = last - 1; pageNum >= 1; pageNum -= 1) await read(pageNum);
  return {
    entries: pages.flatMap(({ entries }) => entries),
    unreadable: pages.flatMap(({ unreadable }) => unreadable),
    given: pages.reduce((sum, { given }) => sum + given, 0),
    isCut,
  };
}
