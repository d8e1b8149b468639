import { afterEach, beforeEach, expect, test } from 'vitest';
import { queryShapes } from '../../../functions/query-shapes/tables.ts';
import { DAY, HOUR } from '../../../shared/durations.ts';
import type { RowOf } from '../../../shared/lake/table.ts';
import { createWrittenLake, type WrittenLake } from '../../support/written-lake.ts';
import { anyRow, day, PROJECT } from '../../support/written-rows.ts';

const START = Date.parse('2026-03-02T00:00:00Z');

let lake: WrittenLake;
beforeEach(async () => {
  lake = await createWrittenLake();
});
afterEach(() => lake.remove());

const row = (query_shape_hash: string, ts: number, more: Partial<RowOf<typeof queryShapes>>) =>
  anyRow(queryShapes, {
    ...{ ts, query_shape_hash, project_id: PROJECT, cluster_name: 'orders', namespace: 'shop.orders' },
    ...{ is_system_query: false, executions: 10, total_working_ms: 100, docs_examined: 50, docs_returned: 5 },
    ...more,
  });

test('busiest_query_shapes adds up the hours of a day, and ranks shapes by working time', async () => {
  await lake.write({
    table: queryShapes,
    rows: [
      row('a', START, {}),
      row('a', START + HOUR, { executions: 30, total_working_ms: 500 }),
      row('b', START, { total_working_ms: 1_000, is_system_query: null }),
      row('c', START, { total_working_ms: 9_000, is_system_query: true }),
      row('d', START, { total_working_ms: null, docs_returned: 0, executions: 0 }),
      row('a', START + DAY, {}),
    ],
  });
  const columns =
    'query_shape_hash, day_rank, hours, executions, total_working_ms, avg_working_ms, examined_per_returned';
  expect(
    await lake.ask(
      `SELECT ${columns} FROM busiest_query_shapes WHERE dt = '${day(START)}' ORDER BY day_rank`,
    ),
  ).toEqual([
    {
      ...{ query_shape_hash: 'b', day_rank: 1, hours: 1, executions: 10, total_working_ms: 1_000 },
      ...{ avg_working_ms: 100, examined_per_returned: 10 },
    },
    {
      ...{ query_shape_hash: 'a', day_rank: 2, hours: 2, executions: 40, total_working_ms: 600 },
      ...{ avg_working_ms: 15, examined_per_returned: 10 },
    },
    {
      ...{ query_shape_hash: 'd', day_rank: 3, hours: 1, executions: 0, total_working_ms: null },
      ...{ avg_working_ms: null, examined_per_returned: null },
    },
  ]);
});
