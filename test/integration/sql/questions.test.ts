import { afterAll, beforeAll, expect, test } from 'vitest';
import { A, at, B, C, ROWS } from '../../support/asked-rows.ts';
import { onDay, type Question, questions } from '../../support/questions.ts';
import { lakeTime } from '../../support/times.ts';
import { loadTrinoGrammar, type TrinoCheck } from '../../support/trino-grammar.ts';
import { createWrittenLake, type WrittenLake } from '../../support/written-lake.ts';
import { PROJECT } from '../../support/written-rows.ts';
import { outsideCommonSubset } from '../../unit/sql/common-subset.ts';

const scan = { cluster_name: 'orders', namespace: 'shop.orders', query_shape: '{"find":"?string"}' };
const shape = { ...scan, op_type: 'find', plan_summary: 'COLLSCAN' };

/** The answers, by the first words of the question. */
const ANSWERS: Readonly<Record<string, readonly object[]>> = {
  'When was each cluster busiest': [
    { cluster_name: 'orders', process_id: A, hour: lakeTime(at(2)), max_cpu_user_percent: 88 },
    { cluster_name: 'telemetry', process_id: C, hour: lakeTime(at(-4)), max_cpu_user_percent: 12 },
  ],
  'Which members were more than ten seconds behind': [
    {
      ...{ cluster_name: 'telemetry', process_id: C, max_lag_at: lakeTime(at(-20)), max_lag_seconds: 31 },
      min_headroom_seconds: null,
    },
    {
      ...{ cluster_name: 'orders', process_id: A, max_lag_at: lakeTime(at(1.5)), max_lag_seconds: 12.5 },
      min_headroom_seconds: 3_600,
    },
  ],
  'How close are connections': [
    {
      cluster_name: 'orders',
      process_id: A,
      tier: 'M10',
      connections: 1_350,
      connection_limit: 1_500,
      used_percent: 90,
    },
    {
      cluster_name: 'orders',
      process_id: B,
      tier: 'M10',
      connections: 30,
      connection_limit: 1_500,
      used_percent: 2,
    },
    {
      cluster_name: 'telemetry',
      process_id: C,
      tier: 'M999',
      connections: 45,
      connection_limit: null,
      used_percent: null,
    },
  ],
  'Which queries took the most time': [
    { ...shape, plan_summary: 'IXSCAN { a: 1 }', queries: 1, total_seconds: 2, slowest_ms: 2_000 },
    { ...shape, queries: 2, total_seconds: 1.5, slowest_ms: 1_100 },
    { ...shape, namespace: 'shop.carts', queries: 1, total_seconds: 0.1, slowest_ms: 100 },
  ],
  'Which index should be added': [
    {
      ...{ cluster_name: 'orders', namespace: 'shop.carts', index_keys: '[{"b":1}]', weight: 7 },
      ...{ impacted_queries: 20, impacted_avg_ms: 150, open_since: lakeTime(at(-24)) },
    },
    {
      ...{ cluster_name: 'orders', namespace: 'shop.orders', index_keys: '[{"a":1}]', weight: 2 },
      ...{ impacted_queries: 20, impacted_avg_ms: 150, open_since: lakeTime(at(-48)) },
    },
  ],
  'Who changed what yesterday': [
    {
      ...{ changed_at: lakeTime(at(-10.5)), actor: 'ann@example.com', remote_address: '192.0.2.44' },
      ...{ resource_type: 'cluster', resource: 'orders', change: 'changed' },
      ...{ field: 'paused', old_value: null, new_value: 'true' },
    },
    {
      ...{ changed_at: null, actor: null, remote_address: null },
      ...{ resource_type: 'access_list_entry', resource: '10.0.0.0/8', change: 'changed' },
      ...{ field: 'comment', old_value: '"office"', new_value: '"all"' },
    },
  ],
  'From which addresses do logins fail': [
    {
      ...{ ip_address: '198.51.100.7', attempts: 3, users: 3, clusters: 1 },
      ...{ first_seen: lakeTime(at(-50)), last_seen: lakeTime(at(2)) },
    },
    {
      ...{ ip_address: '203.0.113.9', attempts: 1, users: 1, clusters: 1 },
      ...{ first_seen: lakeTime(at(4)), last_seen: lakeTime(at(4)) },
    },
  ],
  'Which backups are late': [
    {
      ...{ cluster_name: 'orders', last_snapshot_at: lakeTime(at(-9)), due_at: lakeTime(at(-1)) },
      ...{ hours_late: 1, failed_snapshots: 0 },
    },
  ],
  'Which disks fill up': [
    {
      ...{ cluster_name: 'orders', process_id: A, partition_name: 'data' },
      ...{ used_percent: expect.closeTo(69, 6), days_until_full: expect.closeTo(31, 6) },
      full_at: expect.stringMatching(/^2026-04-0[45] /),
    },
    {
      ...{ cluster_name: 'orders', process_id: A, partition_name: 'full' },
      ...{ used_percent: expect.closeTo(91, 6), days_until_full: null, full_at: null },
    },
  ],
  'What is missing in the data of a cluster': [
    [`${A}/data`, 'disk_measurements', -40] as const,
    [B, 'process_measurements', -39] as const,
    ['a.example.net', 'access_logs', -38] as const,
    [PROJECT, 'events', -37] as const,
  ].map(([target, dataset, hours]) => ({
    ...{ dataset, target, ts: lakeTime(at(hours)), gap_end: lakeTime(at(hours + 1)) },
    reason: 'retention',
  })),
};

let page: readonly Question[];
let errorsOf: TrinoCheck;
let lake: WrittenLake;
beforeAll(async () => {
  page = await questions();
  errorsOf = await loadTrinoGrammar();
  lake = await createWrittenLake();
  await lake.write(...ROWS);
});
afterAll(() => lake?.remove());

const the = (start: string): Question => {
  const found = page.find(({ title }) => title.startsWith(start));
  if (!found) throw new Error(`the page does not ask: ${start}`);
  return found;
};

test('the page has an answer for each question, and no other', () => {
  expect(page.map(({ title }) => Object.keys(ANSWERS).find((start) => title.startsWith(start)))).toEqual(
    Object.keys(ANSWERS),
  );
  expect(page).toHaveLength(10);
});

test.each(Object.entries(ANSWERS))(
  '%s: the query finds the rows that were written',
  async (start, answer) => {
    const sql = onDay(the(start).sql, '2026-03-05');
    const rows = await lake.ask(sql);
    expect(rows).toEqual(answer);
  },
);

test.each(Object.keys(ANSWERS))('%s: the query is valid in both engines', (start) => {
  const sql = onDay(the(start).sql, '2026-03-05');
  expect(errorsOf(`${the(start).sql};`)).toEqual([]);
  expect(outsideCommonSubset(sql)).toEqual([]);
});
