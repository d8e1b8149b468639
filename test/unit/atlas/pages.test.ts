import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { AtlasApiError, AtlasResponseError } from '../../../shared/atlas/errors.ts';
import { itemType } from '../../../shared/atlas/items.ts';
import { MAX_PAGES, readPages } from '../../../shared/atlas/pages.ts';
import { PROJECTS_BUCKET } from '../../../shared/atlas/rate-limit/sets.ts';
import { SessionRemarks } from '../../../shared/atlas/remarks.ts';
import type { Requester } from '../../../shared/atlas/requester.ts';

const READ = { operation: 'listThings', bucket: PROJECTS_BUCKET, segments: ['things'] };
const NEXT = [{ rel: 'self' }, { rel: 'next', href: 'https://elsewhere.example/?pageNum=77' }];
const thing = itemType(
  z.object({ id: z.string(), size: z.number().nullish() }),
  'id',
  z.string(),
  ({ id }) => id,
);

/** Returns the things from `from` to `to`, both inclusive. */
function things(from: number, to: number): { id: string }[] {
  return Array.from({ length: to - from + 1 }, (_, index) => ({ id: `thing ${from + index}` }));
}

/** Reads a list with these pages. Returns the requested pages, too. */
async function read(pageOf: (page: number) => unknown) {
  const requested: string[] = [];
  const remarks = new SessionRemarks();
  const requester: Pick<Requester, 'get' | 'remarks'> = {
    remarks,
    get: async (request, schema) => {
      const query = new Map(request.query);
      expect(query.get('itemsPerPage')).toBe('500');
      requested.push(query.get('pageNum') ?? '');
      return schema.parse(pageOf(requested.length));
    },
  };
  const { items, ...listing } = await readPages(requester, READ, thing);
  return { found: items, listing, requested, remarks, notes: [...remarks.notes] };
}

describe('readPages', () => {
  it.each([0, null, undefined])('takes null as an empty list if totalCount is %s', async (totalCount) => {
    expect(await read(() => ({ results: null, totalCount }))).toMatchObject({ found: [], notes: [] });
  });

  it('takes null as the empty page after a full one', async () => {
    const { found } = await read((page) => ({
      results: page === 1 ? things(1, 500) : null,
      totalCount: 500,
    }));
    expect(found).toHaveLength(500);
  });

  it.each([
    ['a first page', [], 1],
    ['a second page', things(1, 500), 501],
  ])('rejects null as %s in which Atlas counts items', async (_what, before, totalCount) => {
    const reading = read((page) => ({
      results: page === 1 && before.length > 0 ? before : null,
      totalCount,
    }));
    await expect(reading).rejects.toThrow('listThings: results: expected array');
  });

  it.each([
    ['a later page: the list is unreadable', 2, { name: 'AtlasResponseError', problem: 'shape' }],
    ['the first page: the list is refused', 1, { name: 'AtlasApiError', status: 404 }],
  ])('fails if Atlas refuses %s', async (_what, refused, error) => {
    const report = { status: 404, errorCode: 'RESOURCE_NOT_FOUND', reason: 'Not Found', detail: null };
    const reading = read((page) => {
      if (page === refused) throw new AtlasApiError(report, { operation: 'listThings', attempts: 1 });
      return { results: things(1, 500) };
    });
    await expect(reading).rejects.toMatchObject(error);
  });

  it('rejects a page without results', async () => {
    await expect(read(() => ({ totalCount: 0 }))).rejects.toThrow('expected array');
  });

  it('ends with a short page without a next link, whatever the totalCount', async () => {
    const { found, requested, notes } = await read(() => ({
      results: things(1, 3),
      totalCount: 4_000,
      links: [{ rel: 'self' }],
    }));
    expect(found).toEqual(things(1, 3));
    expect(requested).toEqual(['1']);
    expect(notes).toEqual(['listThings: the list ended with fewer items than Atlas counted']);
  });

  it.each([3, 4, 2, 0, null, 'many'])('notes nothing if totalCount is %s of three', async (totalCount) => {
    const { notes } = await read(() => ({ results: things(1, 3), totalCount }));
    expect(notes).toEqual([]);
  });

  it('continues after a full page without links', async () => {
    const { found, requested } = await read((page) => ({
      results: page === 1 ? things(1, 500) : things(501, 502),
      totalCount: 500,
    }));
    expect(found).toEqual(things(1, 502));
    expect(requested).toEqual(['1', '2']);
  });

  it('continues after a short page with a next link, because the server may send fewer items than requested', async () => {
    const { found, requested } = await read((page) => ({
      results: things(page * 100 - 99, page * 100),
      links: page < 3 ? NEXT : [],
    }));
    expect(found).toEqual(things(1, 300));
    expect(requested).toEqual(['1', '2', '3']);
  });

  it('accepts an empty list, and an empty page after a full one', async () => {
    expect((await read(() => ({ results: [], links: null }))).found).toEqual([]);
    const { found } = await read((page) => ({ results: page === 1 ? things(1, 500) : [] }));
    expect(found).toHaveLength(500);
  });

  it('returns an item once that moved from one page to the next', async () => {
    const { found } = await read((page) => ({ results: page === 1 ? things(1, 500) : things(500, 501) }));
    expect(found).toEqual(things(1, 501));
  });

  it('accepts a last page without new items', async () => {
    const { found } = await read((page) => ({ results: page === 1 ? things(1, 500) : things(500, 500) }));
    expect(found).toHaveLength(500);
  });

  it('stops at a page that repeats earlier items and announces another', async () => {
    const reading = read(() => ({ results: things(1, 100), links: NEXT }));
    await expect(reading).rejects.toThrow('listThings: the list does not end: page 2 brings nothing new');
  });

  it('stops at an empty page that announces another', async () => {
    await expect(read(() => ({ results: [], links: NEXT }))).rejects.toBeInstanceOf(AtlasResponseError);
  });

  it('stops if the pages do not end', async () => {
    let pages = 0;
    const reading = read((page) => {
      pages = page;
      return { results: things(page, page), links: NEXT };
    });
    await expect(reading).rejects.toThrow(`more than ${MAX_PAGES} pages`);
    expect(pages).toBe(MAX_PAGES);
  });

  it('skips and reports unreadable items, and keeps their keys', async () => {
    const { found, listing, remarks } = await read((page) => ({
      results:
        page === 1 ? [...things(1, 498), { id: 'x', size: {} }, 7] : [{ id: 8 }, null, ...things(499, 500)],
    }));
    expect(found).toEqual([...things(1, 498), { id: 'x', size: null }, ...things(499, 500)]);
    expect(listing).toEqual({ unreadable: new Set(), hasUnknown: true });
    expect(remarks.unreadableItems).toBe(3);
    expect([...remarks.notes].sort()).toEqual([
      'listThings: 2 items cannot be read and were skipped, the first for results[499]: expected object',
      'listThings: a value was read as null: results[498].size: expected number',
      'listThings: an item cannot be read and was skipped: results[500].id: expected string',
    ]);
  });

  it.each([[[{ href: 'x' }, ...NEXT]], [[null, 7, ...NEXT]]])(
    'ignores links that lead nowhere: %j',
    async (links) => {
      const { requested } = await read((page) => ({
        results: things(page, page),
        links: page === 1 ? links : [{ href: 'x' }],
      }));
      expect(requested).toEqual(['1', '2']);
    },
  );

  it('limits the number of notes for any list', async () => {
    const { remarks } = await read(() => ({
      results: Array.from({ length: 400 }, (_, index) => ({ id: [index % 7, {}, null, true][index % 4] })),
    }));
    expect(remarks.unreadableItems).toBe(400);
    expect(remarks.notes.size).toBeLessThan(5);
  });
});
