import { afterEach, expect, it } from 'vitest';
import { json, PROJECT, ScriptedAtlas } from './scripted-atlas.ts';

let atlas: ScriptedAtlas;
afterEach(() => atlas.stop());

const SPAN = { start: Date.UTC(2026, 2, 2, 11), end: Date.UTC(2026, 2, 2, 12) };
const SUMMARY = {
  ...{ queryShapeHash: 'ABC', namespace: 'a.b', command: 'find', systemQuery: false, execCount: 3 },
  ...{ docsExamined: 2, docsReturned: 1, keysExamined: 0, bytesRead: 5, totalWorkingMillis: 1.5 },
  ...{ avgWorkingMillis: 0.5, lastExecMicros: 400, queryShape: 'not read' },
};
const { queryShapeHash: hash, queryShape: _, ...others } = SUMMARY;

async function start(document: unknown): Promise<string[]> {
  const urls: string[] = [];
  atlas = await ScriptedAtlas.start((request, response) => {
    urls.push(request.url ?? '');
    json(response, 200, document);
  });
  return urls;
}

const read = () => atlas.session().queryShapes(PROJECT, 'orders', SPAN);

it('reads at most 100 shapes of a span in milliseconds', async () => {
  const urls = await start({ summaries: [SUMMARY] });
  expect(await read()).toEqual([{ hash, ...others }]);
  const query = `since=${SPAN.start}&until=${SPAN.end}&nSummaries=100`;
  expect(urls).toEqual([
    `/api/atlas/v2/groups/${PROJECT}/clusters/orders/queryShapeInsights/summaries?${query}`,
  ]);
});

it('reads shapes that are wrapped in content, and null for what is missing or of another type', async () => {
  await start({ content: { summaries: [{ queryShapeHash: 'ABC', execCount: 'many' }] } });
  expect(await read()).toEqual([
    { hash, ...Object.fromEntries(Object.keys(others).map((name) => [name, null])) },
  ]);
});

it('keeps the place of a shape without a hash', async () => {
  await start({ summaries: [SUMMARY, { ...SUMMARY, queryShapeHash: null }, SUMMARY] });
  expect((await read()).map((shape) => shape?.hash)).toEqual(['ABC', undefined, 'ABC']);
});

it('reads null as no shapes', async () => {
  await start({ summaries: null });
  expect(await read()).toEqual([]);
});

it.each([[{}], [{ content: null }], [{ summaries: 7 }], [{ summaries: Array(11).fill({}) }]])(
  'rejects %j',
  async (document) => {
    await start(document);
    await expect(read()).rejects.toMatchObject({ name: 'AtlasResponseError', problem: 'shape' });
  },
);
