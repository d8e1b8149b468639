import { afterEach, describe, expect, it } from 'vitest';
import { json, PROJECT, ScriptedAtlas } from './scripted-atlas.ts';

let atlas: ScriptedAtlas;
afterEach(() => atlas.stop());

const SPAN = { start: Date.UTC(2026, 2, 1), end: Date.UTC(2026, 2, 2) };
const PLACE = `/api/atlas/v2/groups/${PROJECT}/clusters/orders%20%C3%A4/performanceAdvisor`;
const CLUSTER = 'orders ä';

/** Responds to every request with a document. Returns the requested URLs. */
async function start(document: unknown): Promise<string[]> {
  const urls: string[] = [];
  atlas = await ScriptedAtlas.start((request, response) => {
    urls.push(request.url ?? '');
    json(response, 200, document);
  });
  return urls;
}

const suggestion = { namespace: 'a.b', index: [{ x: 1 }, { y: -1 }], weight: 2.5, impact: ['1', '2', '2'] };
const shapes = [{ id: '1', avgMs: 5, count: 10, inefficiencyScore: 3, operations: [{ raw: 'secret' }] }];

describe('suggested indexes', () => {
  it('are read with the shapes that they would help, and without the queries of these', async () => {
    const urls = await start({ content: { suggestedIndexes: [suggestion], shapes } });
    const list = await atlas.session().suggestedIndexes(PROJECT, CLUSTER, SPAN);
    expect(list).toEqual({
      items: [
        {
          ...{ namespace: 'a.b', keys: '[{"x":1},{"y":-1}]', weight: 2.5, avgObjSize: null, shapes: 2 },
          helped: [{ id: '1', avgMs: 5, count: 10, inefficiencyScore: 3 }],
        },
      ],
      unreadable: 0,
    });
    expect(urls).toEqual([`${PLACE}/suggestedIndexes?since=${SPAN.start}&until=${SPAN.end}`]);
    expect(atlas.requests[0]?.headers.accept).toBe('application/vnd.atlas.2024-08-05+json');
  });

  it.each([
    [{ suggestedIndexes: [suggestion] }, 1],
    [{ content: { shapes: [] } }, 0],
    [{ content: { suggestedIndexes: [{ ...suggestion, index: { x: 1, y: -1 } }] } }, 1],
  ])('are read from %j', async (document, count) => {
    await start(document);
    const { items } = await atlas.session().suggestedIndexes(PROJECT, CLUSTER, SPAN);
    expect(items.map(({ keys }) => keys)).toEqual(Array(count).fill('[{"x":1},{"y":-1}]'));
  });

  it.each([
    [{ suggestedIndexes: null }],
    [{ content: { suggestedIndexes: null, shapes: null } }],
    [{ shapes: null }],
  ])('are none if the response is %j', async (document) => {
    await start(document);
    expect(await atlas.session().suggestedIndexes(PROJECT, CLUSTER, SPAN)).toMatchObject({ items: [] });
  });

  it('are rejected with the name of the wrong list', async () => {
    await start({ suggestedIndexes: 7 });
    await expect(atlas.session().suggestedIndexes(PROJECT, CLUSTER, SPAN)).rejects.toThrow(
      'suggestedIndexes: expected array',
    );
  });

  it.each([[{}], [{ content: null }], [{ content: {} }], [{ content: { suggestedIndexes: {} } }], [[]]])(
    'are rejected if the response is %j',
    async (document) => {
      await start(document);
      await expect(atlas.session().suggestedIndexes(PROJECT, CLUSTER, SPAN)).rejects.toMatchObject({
        name: 'AtlasResponseError',
        problem: 'shape',
      });
    },
  );

  it('are left out and counted if they have no namespace or no keys', async () => {
    const broken = [{ ...suggestion, namespace: null }, { ...suggestion, index: [] }, 7];
    await start({ content: { suggestedIndexes: [...broken, suggestion], shapes: [{ avgMs: 1 }] } });
    const session = atlas.session();
    expect(await session.suggestedIndexes(PROJECT, CLUSTER, SPAN)).toMatchObject({
      items: [{ namespace: 'a.b', helped: [] }],
      unreadable: 3,
    });
    expect(session.remarks.unreadableItems).toBe(4);
  });

  it('have null for a weight of another type', async () => {
    await start({ content: { suggestedIndexes: [{ ...suggestion, weight: 'much' }] } });
    const session = atlas.session();
    expect((await session.suggestedIndexes(PROJECT, CLUSTER, SPAN)).items[0]?.weight).toBeNull();
    expect([...session.remarks.notes].join()).toContain('suggestedIndexes[0].weight: expected number');
  });

  it('are rejected if many and all of them cannot be read', async () => {
    await start({ content: { suggestedIndexes: Array(11).fill({ index: [{ x: 1 }] }) } });
    await expect(atlas.session().suggestedIndexes(PROJECT, CLUSTER, SPAN)).rejects.toThrow(
      'no item can be read',
    );
  });
});

describe('a member of an inner list that is null or of another type is left out, and the item stays', () => {
  it('for the shapes of a suggested index', async () => {
    const impact = ['1', null, 7, '2'];
    await start({ content: { suggestedIndexes: [{ ...suggestion, impact }], shapes } });
    const session = atlas.session();
    expect(await session.suggestedIndexes(PROJECT, CLUSTER, SPAN)).toMatchObject({
      items: [{ shapes: 2, helped: [{ id: '1' }] }],
      unreadable: 0,
    });
    expect(session.remarks).toMatchObject({ unreadableItems: 0, nullValues: 1 });
    expect([...session.remarks.notes].join()).toContain('suggestedIndexes[0].impact[2]: expected string');
  });

  it('for the shards of an index to drop', async () => {
    const index = { namespace: 'a.b', index: [{ x: 1 }], shards: ['a', null, {}] };
    await start({ content: { unusedIndexes: [index] } });
    expect(await atlas.session().removableIndexes(PROJECT, CLUSTER)).toMatchObject({
      items: [{ shards: ['a'] }],
      unreadable: 0,
    });
  });

  it('for the namespaces of a recommendation, and their triggers', async () => {
    const affected = { namespace: 'a.b', triggers: [null, 'x', { triggerType: 'T', description: 'd' }] };
    const recommendation = { recommendation: 'REMOVE', affectedNamespaces: [null, 7, affected] };
    await start({ content: { recommendations: [recommendation] } });
    expect(await atlas.session().schemaAdvice(PROJECT, CLUSTER)).toMatchObject({
      items: [{ affectedNamespaces: [{ namespace: 'a.b', triggers: [{ triggerType: 'T' }] }] }],
      unreadable: 0,
    });
  });
});

describe('indexes to drop', () => {
  const index = { namespace: 'a.b', index: [{ x: 'hashed' }], name: 'x_hashed' };

  it('have the list that they are in as their reason', async () => {
    const unused = {
      ...index,
      accessCount: 3,
      since: '2026-02-01T00:00:00Z',
      sizeBytes: 4096,
      shards: ['s'],
    };
    const urls = await start({
      content: { hiddenIndexes: [index], redundantIndexes: [], unusedIndexes: [unused] },
    });
    const { items } = await atlas.session().removableIndexes(PROJECT, CLUSTER);
    const common = { namespace: 'a.b', keys: '[{"x":"hashed"}]', name: 'x_hashed' };
    expect(items).toEqual([
      { ...common, reason: 'HIDDEN', accessCount: null, since: null, sizeBytes: null, shards: [] },
      {
        ...{ ...common, reason: 'UNUSED', accessCount: 3, sizeBytes: 4096, shards: ['s'] },
        since: Date.UTC(2026, 1, 1),
      },
    ]);
    expect(urls).toEqual([`${PLACE}/dropIndexSuggestions`]);
  });

  it.each([
    ['empty', []],
    ['null', null],
  ])('are none if a response has only one of the lists, which is %s', async (_what, unusedIndexes) => {
    await start({ content: { unusedIndexes } });
    expect(await atlas.session().removableIndexes(PROJECT, CLUSTER)).toEqual({ items: [], unreadable: 0 });
  });

  it('are rejected if a response has none of the lists', async () => {
    await start({ content: { other: [] } });
    await expect(atlas.session().removableIndexes(PROJECT, CLUSTER)).rejects.toThrow(
      'expected a list of indexes',
    );
  });
});

describe('advice for schemas', () => {
  it('is none if the list is null', async () => {
    await start({ content: { recommendations: null } });
    expect(await atlas.session().schemaAdvice(PROJECT, CLUSTER)).toMatchObject({ items: [] });
  });

  it('has the namespaces that it is about', async () => {
    const triggers = [{ triggerType: 'NUM_INDEXES', description: 'many' }];
    const urls = await start({
      content: {
        recommendations: [
          {
            recommendation: 'REMOVE',
            description: 'x',
            affectedNamespaces: [{ namespace: 'a.b', triggers }],
          },
          { recommendation: 'OTHER' },
        ],
      },
    });
    expect(await atlas.session().schemaAdvice(PROJECT, CLUSTER)).toEqual({
      items: [
        { recommendation: 'REMOVE', description: 'x', affectedNamespaces: [{ namespace: 'a.b', triggers }] },
        { recommendation: 'OTHER', description: null, affectedNamespaces: [] },
      ],
      unreadable: 0,
    });
    expect(urls).toEqual([`${PLACE}/schemaAdvice`]);
  });
});
