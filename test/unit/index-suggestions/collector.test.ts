import { describe, expect, test } from 'vitest';
import { indexSuggestionsDataset } from '../../../functions/index-suggestions/collector.ts';
import type { AdviceList, AtlasSession, SuggestedIndex } from '../../../shared/atlas/api.ts';
import { AtlasApiError } from '../../../shared/atlas/errors.ts';
import { DAY, floorTo } from '../../../shared/durations.ts';
import type { StepResult } from '../../../shared/engine/dataset.ts';
import type { ProjectId, Subject } from '../../../shared/ids.ts';
import type { SnapshotState } from '../../../shared/snapshots/state.ts';
import { targetOf } from '../../support/target.ts';
import { T } from '../../support/times.ts';

const PROJECT: Subject = { kind: 'project', id: '6a793f5cc0eb9e7a177147ec' as ProjectId };
const TODAY = floorTo(T, DAY);

const index = (
  keys: string,
  weight: number | null,
  helped: SuggestedIndex['helped'] = [],
): SuggestedIndex => ({
  namespace: 'shop.orders',
  keys,
  weight,
  avgObjSize: null,
  shapes: helped.length,
  helped,
});

type Answers = Partial<Pick<AtlasSession, 'suggestedIndexes' | 'removableIndexes' | 'schemaAdvice'>>;

/**
 * Takes the next step of one list at noon. The watermark is the end of the last window, or the last day.
 *
 * @param more the rest of the state; of a list that earlier runs have read if omitted
 */
async function step(
  name: string,
  watermark: number,
  answers: Answers,
  more: Partial<SnapshotState> = { nothingBefore: null },
): Promise<StepResult<SnapshotState>> {
  return indexSuggestionsDataset.withCollector(
    indexSuggestionsDataset.defaults,
    PROJECT,
    async (collector) => {
      const time = { tick: T, now: T };
      const state = { ...collector.firstState(time, name), watermark, ...more };
      const next = collector.nextStep(targetOf(state, { source: 'orders', name }), time);
      if (!next) throw new Error('nothing is due');
      const result = await next(answers as AtlasSession, () => T);
      return result as unknown as StepResult<SnapshotState>;
    },
  );
}

const suggesting = (list: AdviceList<SuggestedIndex>): Answers => ({ suggestedIndexes: async () => list });
const rowsOf = ({ tables }: StepResult<SnapshotState>) => tables.flatMap(({ rows }) => rows);
const refusal = (status: number, errorCode: string) =>
  new AtlasApiError(
    { status, errorCode, reason: 'refused', detail: null },
    { operation: 'suggestedIndexes', attempts: 1 },
  );

describe('a day of suggested indexes', () => {
  test('is requested from midnight to midnight', async () => {
    const spans: unknown[] = [];
    await step('create_index', TODAY - DAY, {
      suggestedIndexes: async (...request) => {
        spans.push(request);
        return { items: [], unreadable: 0 };
      },
    });
    expect(spans).toEqual([[PROJECT.id, 'orders', { start: TODAY - DAY, end: TODAY }]]);
  });

  test('has the heaviest of several suggestions of one index', async () => {
    const result = await step(
      'create_index',
      TODAY - DAY,
      suggesting({
        items: [index('[a]', 1), index('[a]', 3), index('[a]', 2), index('[b]', null)],
        unreadable: 0,
      }),
    );
    expect(rowsOf(result)).toMatchObject([
      { index_keys: '[a]', weight: 3, ts: TODAY - DAY },
      { index_keys: '[b]', weight: null },
      { kind: 'create_index', suggestions: 2, ts: TODAY - DAY },
    ]);
    expect(result.state.watermark).toBe(TODAY);
  });

  test('adds up the shapes that an index helps, as far as Atlas describes them', async () => {
    const shape = (count: number | null, avgMs: number | null, inefficiencyScore: number | null) => ({
      ...{ count, avgMs, inefficiencyScore },
    });
    const helped = [shape(10, 100, 7), shape(30, 200, null), shape(5, null, 9), shape(null, 900, null)];
    const result = await step(
      'create_index',
      TODAY - DAY,
      suggesting({ items: [index('[a]', 1, helped)], unreadable: 0 }),
    );
    expect(rowsOf(result)[0]).toMatchObject({
      impacted_shapes: 4,
      impacted_queries: 45,
      impacted_avg_ms: 175,
      inefficiency_score: 9,
    });
  });

  test('has a gap beside its rows if a suggestion cannot be read', async () => {
    const result = await step(
      'create_index',
      TODAY - DAY,
      suggesting({ items: [index('[a]', 1)], unreadable: 2 }),
    );
    expect(rowsOf(result)).toHaveLength(2);
    expect(result.gaps).toEqual([
      { from: TODAY - DAY, to: TODAY, reason: '2 suggested indexes that cannot be read' },
    ]);
  });

  test('is a gap if it is empty and old, since Atlas may have deleted its queries', async () => {
    const result = await step('create_index', TODAY - 3 * DAY, suggesting({ items: [], unreadable: 0 }));
    expect(rowsOf(result)).toEqual([]);
    expect(result.gaps).toMatchObject([{ from: TODAY - 3 * DAY, to: TODAY - 2 * DAY }]);
  });

  test('is no gap in a first run, because nobody was there to read it', async () => {
    const empty = suggesting({ items: [], unreadable: 0 });
    const result = await step('create_index', TODAY - 3 * DAY, empty, {});
    expect(result).toMatchObject({ tables: [], gaps: [], state: { watermark: TODAY - 2 * DAY } });
  });

  test('is a gap if it is old and Atlas rejects the request, and else a failure', async () => {
    const answers: Answers = {
      suggestedIndexes: () => Promise.reject(refusal(400, 'INVALID_QUERY_PARAMETER')),
    };
    expect((await step('create_index', TODAY - 3 * DAY, answers)).gaps).toMatchObject([
      { reason: 'no longer given: 400 INVALID_QUERY_PARAMETER' },
    ]);
    await expect(step('create_index', TODAY - DAY, answers)).rejects.toThrow(AtlasApiError);
  });
});

describe('a cluster without the Performance Advisor', () => {
  test.each([
    [400, 'INSUFFICIENT_INSTANCE_SIZE'],
    [400, 'MONGODB_VERSION_NOT_SUPPORTED'],
    [403, 'USER_UNAUTHORIZED'],
  ])('that answers %i %s is noted, and asked again tomorrow', async (status, code) => {
    const result = await step('create_index', TODAY - DAY, {
      suggestedIndexes: () => Promise.reject(refusal(status, code)),
    });
    expect(result).toMatchObject({
      tables: [],
      gaps: [],
      state: { watermark: TODAY - DAY, unavailableOn: '2026-03-02', idle: true },
    });
    expect(result.warnings?.join()).toContain(`asked again tomorrow: Atlas answers ${status} ${code}`);
  });

  test('fails with any other error', async () => {
    const answers: Answers = { schemaAdvice: () => Promise.reject(refusal(500, 'UNEXPECTED_ERROR')) };
    await expect(step('schema_advice', TODAY - DAY, answers)).rejects.toThrow(AtlasApiError);
  });
});

test('a list of the present has a gap for days that nobody read, whatever it says today', async () => {
  const result = await step('drop_index', TODAY - 3 * DAY, {
    removableIndexes: async () => ({ items: [], unreadable: 0 }),
  });
  expect(rowsOf(result)).toMatchObject([{ kind: 'drop_index', ts: TODAY, suggestions: 0 }]);
  expect(result.gaps).toMatchObject([{ from: TODAY - 2 * DAY, to: TODAY }]);
  expect(result.state.watermark).toBe(TODAY);
});

test('advice for a schema has a row for each namespace, or one for the cluster', async () => {
  const result = await step('schema_advice', TODAY - DAY, {
    schemaAdvice: async () => ({
      items: [
        {
          recommendation: 'REDUCE_LOOKUP_OPS',
          description: 'why',
          affectedNamespaces: [
            { namespace: 'a.b', triggers: [{ triggerType: 'X', description: 'x' }] },
            { namespace: 'a.c', triggers: [] },
          ],
        },
        { recommendation: 'REDUCE_NUMBER_OF_NAMESPACE', description: null, affectedNamespaces: [] },
      ],
      unreadable: 0,
    }),
  });
  expect(rowsOf(result)).toMatchObject([
    { reason: 'REDUCE_LOOKUP_OPS', namespace: 'a.b', triggers: '["X"]' },
    { reason: 'REDUCE_LOOKUP_OPS', namespace: 'a.c', triggers: null },
    { reason: 'REDUCE_NUMBER_OF_NAMESPACE', namespace: null },
    { suggestions: 3 },
  ]);
});
