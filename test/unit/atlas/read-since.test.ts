import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { AtlasApiError, AtlasResponseError } from '../../../shared/atlas/errors.ts';
import { itemType } from '../../../shared/atlas/items.ts';
import { PROJECTS_BUCKET } from '../../../shared/atlas/rate-limit/sets.ts';
import { readSince } from '../../../shared/atlas/read-since.ts';
import { SessionRemarks } from '../../../shared/atlas/remarks.ts';
import type { Requester } from '../../../shared/atlas/requester.ts';

const READ = { operation: 'listThings', bucket: PROJECTS_BUCKET, segments: ['things'], query: [] };
const SIZE = 500;
interface Thing {
  id: string;
  created: number;
}
const fields: z.ZodType<Thing> = z.object({ id: z.string(), created: z.number() });
const thing = itemType(fields, 'id', z.string(), ({ id }) => id);

/** Returns the things from `from` to `to`, both inclusive, oldest first. Each is created at its number. */
function things(from: number, to: number): Thing[] {
  return Array.from({ length: to - from + 1 }, (_, index) => ({
    id: `thing ${String(from + index).padStart(6, '0')}`,
    created: from + index,
  }));
}

/** Reads the newest items of a list that may change between two requests. Returns the requested pages, too. */
async function read(
  list: (request: number) => readonly Thing[],
  since: number,
  { total = (length: number): number | undefined => length } = {},
) {
  const requested: number[] = [];
  const requester: Pick<Requester, 'get' | 'remarks'> = {
    remarks: new SessionRemarks(),
    get: async (request, schema) => {
      const query = new Map(request.query);
      expect(query.get('itemsPerPage')).toBe(String(SIZE));
      const page = Number(query.get('pageNum'));
      requested.push(page);
      const all = list(requested.length);
      const results = all.slice((page - 1) * SIZE, page * SIZE);
      const links = all.length > page * SIZE ? [{ rel: 'next' }] : [];
      return schema.parse({ results, links, totalCount: total(all.length) });
    },
  };
  const { items, ...listing } = await readSince(requester, READ, thing, since, ({ created }) => created);
  return { found: items, listing, requested, notes: [...requester.remarks.notes] };
}

const ORDERS = [
  ['oldest first', (list: Thing[]) => list],
  ['newest first', (list: Thing[]) => list.toReversed()],
] as const;

describe.each(ORDERS)('readSince of a list that is %s', (order, arrange) => {
  test('sends one request for a single page', async () => {
    const { found, requested } = await read(() => arrange(things(1, 400)), 391);
    expect(found).toEqual(things(391, 400));
    expect(requested).toEqual([1]);
  });

  test('reads only the newest end of many pages', async () => {
    const { found, requested } = await read(() => arrange(things(1, 40_300)), 40_200);
    expect(found).toEqual(things(40_200, 40_300));
    expect(requested).toEqual([1, 81]);
  });

  test('reads as far back as requested', async () => {
    const { found, requested } = await read(() => arrange(things(1, 5_300)), 4_100);
    expect(found).toEqual(things(4_100, 5_300));
    expect(requested.length).toBeLessThan(10);
    expect(requested).not.toContain(order === 'oldest first' ? 5 : 6);
  });

  test.each([0, 1, 499, 500, 501, 1_000, 1_001, 1_500])('returns all of %i items', async (length) => {
    const { found } = await read(() => arrange(things(1, length)), 0);
    expect(found).toEqual(things(1, length));
  });

  test.each<[string, (length: number) => number | undefined]>([
    ['too large', (length) => length + 1_700],
    ['too small', (length) => length - 1_700],
    ['absurd', () => 10_000_000],
    ['missing', () => undefined],
  ])('returns the right items, with few requests, if the total is %s', async (_, total) => {
    for (const length of [5_300, 501, 60_000]) {
      const { found, requested } = await read(() => arrange(things(1, length)), length - 200, { total });
      expect(found).toEqual(things(length - 200, length));
      expect(requested.length).toBeLessThan(20);
    }
  });

  test.each([400, 5_300])('notes that a list of %i items ends before its total', async (length) => {
    const notes = async (total: number) =>
      (await read(() => arrange(things(1, length)), 0, { total: () => total })).notes;
    expect(await notes(length + 2)).toEqual([
      'listThings: the list ended with fewer items than Atlas counted',
    ]);
    expect(await notes(length + 1)).toEqual([]);
    expect(await notes(length)).toEqual([]);
  });

  test('loses no item that existed throughout, if every request inserts another', async () => {
    const late = (count: number) =>
      things(3_001, 3_000 + 100 * count).map(({ id, created }) => ({ id: `${id} late`, created }));
    const { found } = await read((request) => {
      const all = [...things(1, 5_300), ...late(request)];
      return arrange(all.sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1)));
    }, 2_500);
    const ids = new Set(found.map(({ id }) => id));
    expect(things(2_500, 5_300).filter(({ id }) => !ids.has(id))).toEqual([]);
    expect(ids.size).toBe(found.length);
  });

  test('loses no other item, if every request drops the oldest ones', async () => {
    const { found } = await read((request) => arrange(things(1 + 70 * request, 5_300)), 2_500);
    expect(found).toEqual(things(2_500, 5_300));
  });
});

test('readSince rejects a list that does not end', async () => {
  await expect(read((request) => things(1, request * SIZE + 100_000), 0)).rejects.toThrow(AtlasResponseError);
});

test('a refusal of a later page is a failure of the list, and no refusal of it', async () => {
  const refusal = new AtlasApiError(
    { status: 403, errorCode: 'USER_UNAUTHORIZED', reason: 'Forbidden', detail: null },
    { operation: READ.operation, attempts: 1 },
  );
  const list = (request: number) => {
    if (request > 1) throw refusal;
    return things(1, 2 * SIZE);
  };
  await expect(read(list, 0)).rejects.toThrow(/the list ends within: Atlas answered 403 USER_UNAUTHORIZED/);
  await expect(
    read(() => {
      throw refusal;
    }, 0),
  ).rejects.toBe(refusal);
});
