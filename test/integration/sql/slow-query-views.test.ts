import { afterEach, beforeEach, expect, test } from 'vitest';
import { slowQueries } from '../../../functions/slow-queries/tables.ts';
import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';
import type { RowOf } from '../../../shared/lake/table.ts';
import { lakeTime } from '../../support/times.ts';
import { createWrittenLake, type WrittenLake } from '../../support/written-lake.ts';
import { day, PROJECT } from '../../support/written-rows.ts';

const START = Date.parse('2026-03-02T00:00:00Z');

let lake: WrittenLake;
beforeEach(async () => {
  lake = await createWrittenLake();
  await lake.write({ table: slowQueries, rows: ROWS });
});
afterEach(() => lake.remove());

type Row = RowOf<typeof slowQueries>;

function row(record_id: string, ts: number, more: Partial<Row>): Row {
  return {
    project_id: PROJECT,
    cluster_name: 'orders',
    process_id: 'a.example.net:27017',
    ts,
    namespace: 'shop.orders',
    op_type: 'find',
    replica_state: 'PRIMARY',
    duration_ms: 100,
    docs_examined: 1_000,
    docs_returned: 10,
    keys_examined: 0,
    response_bytes: 1,
    is_user_query: true,
    plan_summary: 'COLLSCAN',
    query_shape: '{"find":"?string"}',
    query_hash: null,
    plan_cache_key: null,
    has_sort_stage: null,
    app_name: null,
    log_line: null,
    record_id,
    collected_at: ts + 10 * MINUTE,
    ...more,
  };
}

const ROWS = [
  row('1', START, {}),
  row('2', START + HOUR, { duration_ms: 500, process_id: 'b.example.net:27017' }),
  row('3', START + 2 * HOUR, { duration_ms: null, docs_examined: null, is_user_query: null }),
  row('4', START, { plan_summary: 'IXSCAN { a: 1 }', docs_examined: 5 }),
  row('5', START, { is_user_query: false }),
  row('6', START, { plan_summary: null, query_shape: null, duration_ms: 900 }),
  row('7', START + DAY, {}),
];

const columns =
  'dt, plan_summary, queries, total_ms, mean_ms, max_ms, docs_examined, docs_returned, last_seen';

const scan = {
  dt: day(START),
  plan_summary: 'COLLSCAN',
  ...{ queries: 3, total_ms: 600, mean_ms: 300, max_ms: 500, docs_examined: 2_000, docs_returned: 30 },
  last_seen: lakeTime(START + 2 * HOUR),
};
const one = (plan_summary: string | null, ms: number, docs_examined: number, at = START) => ({
  ...{ dt: day(at), plan_summary, queries: 1, total_ms: ms, mean_ms: ms, max_ms: ms },
  ...{ docs_examined, docs_returned: 10, last_seen: lakeTime(at) },
});

test('slowest_query_shapes adds up the queries of users by day, plan and shape', async () => {
  expect(
    await lake.ask(`SELECT ${columns} FROM slowest_query_shapes ORDER BY dt, total_ms DESC, plan_summary`),
  ).toEqual([
    one(null, 900, 1_000),
    scan,
    one('IXSCAN { a: 1 }', 100, 5),
    one('COLLSCAN', 100, 1_000, START + DAY),
  ]);
});

test('collection_scans has only queries without an index', async () => {
  expect(await lake.ask(`SELECT ${columns} FROM collection_scans ORDER BY dt`)).toEqual([
    scan,
    one('COLLSCAN', 100, 1_000, START + DAY),
  ]);
});
