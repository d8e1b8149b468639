import { afterEach, describe, expect, it } from 'vitest';
import { json, PROCESS, PROJECT, ScriptedAtlas } from './scripted-atlas.ts';

let atlas: ScriptedAtlas;
afterEach(() => atlas.stop());

const SPAN = { start: Date.UTC(2026, 2, 2, 11), end: Date.UTC(2026, 2, 2, 12) };
const QUERY = 'start=2026-03-02T11:00:00Z&end=2026-03-02T12:00:00Z';
const PLACE = `/api/atlas/v2/groups/${PROJECT}/processes/${PROCESS}`;

/** Responds to every request with a document. Returns the requested URLs. */
async function start(document: unknown): Promise<string[]> {
  const urls: string[] = [];
  atlas = await ScriptedAtlas.start((request, response) => {
    urls.push(request.url ?? '');
    json(response, 200, document);
  });
  return urls;
}

describe('ranked namespaces', () => {
  it('are returned in the order of the response', async () => {
    const urls = await start({
      groupId: PROJECT,
      identifierId: 'x',
      rankedNamespaces: ['b.c', 'a.b.c', 'a'],
    });
    expect(await atlas.session().rankedNamespaces(PROJECT, PROCESS, SPAN)).toEqual(['b.c', 'a.b.c', 'a']);
    expect(urls).toEqual([`${PLACE}/collStats/namespaces?${QUERY}`]);
  });

  it('are none if the list is null', async () => {
    await start({ rankedNamespaces: null });
    expect(await atlas.session().rankedNamespaces(PROJECT, PROCESS, SPAN)).toEqual([]);
  });

  it.each([[{}], [{ rankedNamespaces: 7 }], [{ rankedNamespaces: [1] }], [{ rankedNamespaces: {} }]])(
    'are rejected if the response is %j',
    async (document) => {
      await start(document);
      await expect(atlas.session().rankedNamespaces(PROJECT, PROCESS, SPAN)).rejects.toMatchObject({
        name: 'AtlasResponseError',
        problem: 'shape',
      });
    },
  );
});

describe('an unreadable name', () => {
  it('keeps its rank', async () => {
    await start({ rankedNamespaces: ['b.c', 7, 'a'] });
    const session = atlas.session();
    expect(await session.rankedNamespaces(PROJECT, PROCESS, SPAN)).toEqual(['b.c', null, 'a']);
    expect(session.remarks.unreadableItems).toBe(1);
  });
});

describe('the measurements of a namespace', () => {
  const dataPoints = [
    { timestamp: '2026-03-02T11:10:00Z', value: 1.5 },
    { timestamp: '2026-03-02T11:20:00Z' },
  ];
  const document = { granularity: 'PT10M', measurements: [{ name: 'TOTAL_OPS', dataPoints }] };
  const read = (database: string, collection: string) =>
    atlas.session().namespaceMeasurements(PROJECT, PROCESS, database, collection, SPAN);

  it('include any granularity', async () => {
    await start(document);
    expect(await read('shop', 'carts')).toEqual({
      granularity: 'PT10M',
      series: [
        {
          name: 'TOTAL_OPS',
          units: null,
          dataPoints: [
            { timestamp: Date.UTC(2026, 2, 2, 11, 10), value: 1.5 },
            { timestamp: Date.UTC(2026, 2, 2, 11, 20), value: null },
          ],
        },
      ],
      unreadable: 0,
    });
  });

  it.each([
    ['tenant_ä', 'a.b c', 'tenant_%C3%A4', 'a.b%20c'],
    ['a%2Fb', '100%/..?#', 'a%252Fb', '100%25%2F..%3F%23'],
    ['$external', 'x:y', '%24external', 'x:y'],
  ])('of %j and %j are requested with encoded names', async (database, collection, first, second) => {
    const urls = await start(document);
    await read(database, collection);
    expect(urls).toEqual([`${PLACE}/${first}/${second}/collStats/measurements?${QUERY}`]);
  });

  it.each(['', '.', '..'])('of a collection named %j are not requested', async (collection) => {
    const urls = await start(document);
    await expect(read('shop', collection)).rejects.toMatchObject({ problem: 'name' });
    expect(urls).toEqual([]);
  });

  it.each([undefined, null, '', '10 minutes', 'P', 'PT', 600])(
    'have no granularity if Atlas sends %j',
    async (granularity) => {
      await start({ ...document, granularity });
      expect(await read('shop', 'carts')).toMatchObject({
        granularity: null,
        series: [{ name: 'TOTAL_OPS' }],
      });
    },
  );
});
