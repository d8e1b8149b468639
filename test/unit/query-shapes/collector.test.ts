import { expect, test } from 'vitest';
import { queryShapesDataset } from '../../../functions/query-shapes/collector.ts';
import type { AtlasSession, QueryShape } from '../../../shared/atlas/api.ts';
import { floorTo, HOUR, MINUTE } from '../../../shared/durations.ts';
import { SELF, type StepResult } from '../../../shared/engine/dataset.ts';
import type { ProjectId, Subject } from '../../../shared/ids.ts';
import type { SnapshotState } from '../../../shared/snapshots/state.ts';
import { targetOf } from '../../support/target.ts';
import { T } from '../../support/times.ts';

const PROJECT: Subject = { kind: 'project', id: '6a793f5cc0eb9e7a177147ec' as ProjectId };
const NOW = T + 25 * MINUTE;

const shape = (hash: string, more: Partial<QueryShape> = {}): QueryShape => ({
  ...{ hash, namespace: 'a.b', command: 'find', systemQuery: null, execCount: 1, docsExamined: null },
  ...{ docsReturned: null, keysExamined: null, bytesRead: null, totalWorkingMillis: null },
  ...{ avgWorkingMillis: null, lastExecMicros: null },
  ...more,
});

/** Reads the next hour of a cluster whose hours before `watermark` are read. Returns null if none is due. */
async function step(
  watermark: number | null,
  answer: AtlasSession['queryShapes'],
): Promise<StepResult<SnapshotState> | null> {
  return queryShapesDataset.withCollector(queryShapesDataset.defaults, PROJECT, async (collector) => {
    const time = { tick: NOW, now: NOW };
    const first = collector.firstState(time, SELF);
    const state = watermark === null ? first : { ...first, watermark, nothingBefore: null };
    const atlas: Pick<AtlasSession, 'queryShapes'> = { queryShapes: answer };
    const next = collector.nextStep(targetOf(state, { source: 'orders' }), time);
    return next && ((await next(atlas as AtlasSession, () => NOW)) as unknown as StepResult<SnapshotState>);
  });
}

test('the first run begins six hours back, and reads whole hours', async () => {
  const spans: unknown[] = [];
  const result = await step(null, async (...request) => {
    spans.push(request);
    return [];
  });
  const from = floorTo(T, HOUR) - 6 * HOUR;
  expect(spans).toEqual([[PROJECT.id, 'orders', { start: from, end: from + HOUR }]]);
  expect(result).toMatchObject({ gaps: [], state: { watermark: from + HOUR } });
});

test('an hour is not read before it has settled', async () => {
  expect(await step(T, async () => [])).toBeNull();
});

test('a shape that is listed twice is written once, and an unreadable one leaves a gap and its position', async () => {
  const shapes = [
    shape('1'),
    null,
    shape('1', { execCount: 9 }),
    shape('1', { namespace: 'a.c' }),
    shape('2'),
  ];
  const result = await step(T - HOUR, async () => shapes);
  expect(result?.tables[0]?.rows).toMatchObject([
    { query_shape_hash: '1', position: 1, executions: 1, ts: T - HOUR, window_end: T },
    { query_shape_hash: '1', position: 4, namespace: 'a.c' },
    { query_shape_hash: '2', position: 5 },
  ]);
  expect(result?.gaps).toEqual([{ from: T - HOUR, to: T, reason: '1 query shapes that cannot be read' }]);
});

test('an old hour without shapes is a gap, and a young one is not', async () => {
  expect((await step(T - 50 * HOUR, async () => []))?.gaps).toMatchObject([{ from: T - 50 * HOUR }]);
  expect((await step(T - 40 * HOUR, async () => []))?.gaps).toEqual([]);
});
