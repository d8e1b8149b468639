import { afterEach, beforeEach, expect, test } from 'vitest';
import { DAY, HOUR } from '../../../shared/durations.ts';
import { lakeTime } from '../../support/times.ts';
import { createWrittenLake, type WrittenLake } from '../../support/written-lake.ts';
import { day, slowQueries, slowQueryRow } from '../../support/written-rows.ts';

const START = Date.parse('2026-03-02T00:00:00Z');

let lake: WrittenLake;
beforeEach(async () => {
  lake = await createWrittenLake();
  await lake.write({ table: slowQueries, rows: ROWS });
});
afterEach(() => lake.remove());

const ROWS = [
  slowQueryRow({ record_id: '1', ts: START }),
  slowQueryRow({ record_id: '2', ts: START + HOUR, duration_ms: 500, process_id: 'b.example.net:27017' }),
  slowQueryRow({
    record_id: '3',
    ts: START + 2 * HOUR,
    duration_ms: null,
    docs_examined: null,
    is_user_query: null,
  }),
  slowQueryRow({ record_id: '4', ts: START, plan_summary: 'IXSCAN { a: 1 }', docs_examined: 5 }),
  slowQueryRow({ record_id: '5', ts: START, is_user_query: false }),
  slowQueryRow({ record_id: '6', ts: START, plan_summary: null, query_shape: null, duration_ms: 900 }),
  slowQueryRow({ record_id: '7', ts: START + DAY }),
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
