import { indexSuggestionSnapshots, indexSuggestions } from '../../functions/index-suggestions/tables.ts';
import { HOUR } from '../../shared/durations.ts';
import type { AnyRow, TableRows } from '../../shared/lake/table.ts';
import {
  accessLogs,
  anyRow,
  collectionGaps,
  collectionRuns,
  diskRow,
  diskTable,
  eventRow,
  events,
  gapRow,
  inventory,
  inventoryRow,
  loginRow,
  PROJECT,
  processRow,
  processTable,
  runRow,
  slowQueries,
  slowQueryRow,
} from './written-rows.ts';

/** Rows that answer the questions of `docs/questions.md`, and beside them rows that must not count. */

/** The start of the day on which the questions are asked. */
export const TODAY = Date.parse('2026-03-05T00:00:00Z');
export const A = 'a.example.net:27017';
export const B = 'b.example.net:27017';
export const C = 'c.example.net:27017';

/** Returns an instant so many hours after the start of the day. */
export function at(hours: number): number {
  return TODAY + hours * HOUR;
}

function ofProcess(
  process_id: string,
  measurement: string,
  values: ReadonlyArray<readonly [hours: number, value: number]>,
): AnyRow[] {
  const cluster_name = process_id === C ? 'telemetry' : 'orders';
  return values.map(([hours, value]) => ({
    ...processRow({ process_id, measurement, ts: at(hours), value }),
    cluster_name,
  }));
}

const PROCESSES = [
  // The night is from 20:00 to 06:00.
  ...ofProcess(A, 'MAX_PROCESS_NORMALIZED_CPU_USER', [
    [-4.1, 99],
    [-1, 61],
    [2.5, 88],
    [6, 97],
    [-24 + 2, 98],
  ]),
  ...ofProcess(B, 'MAX_PROCESS_NORMALIZED_CPU_USER', [[2.4, 70]]),
  ...ofProcess(C, 'MAX_PROCESS_NORMALIZED_CPU_USER', [[-4, 12]]),
  ...ofProcess(A, 'OPLOG_REPLICATION_LAG_TIME', [
    [1.5, 12.5],
    [-30, 90],
  ]),
  ...ofProcess(A, 'OPLOG_MASTER_LAG_TIME_DIFF', [[1.6, 3_600]]),
  ...ofProcess(B, 'OPLOG_REPLICATION_LAG_TIME', [[1.5, 10]]),
  ...ofProcess(C, 'OPLOG_REPLICATION_LAG_TIME', [[-20, 31]]),
  ...ofProcess(A, 'CONNECTIONS', [
    [1, 1_200],
    [-3, 1_350],
    [-49, 1_499],
  ]),
  ...ofProcess(B, 'CONNECTIONS', [[1, 30]]),
  ...ofProcess(C, 'CONNECTIONS', [[1, 45]]),
];

const SLOW = [
  slowQueryRow({ record_id: '1', ts: at(1), duration_ms: 400 }),
  slowQueryRow({ record_id: '2', ts: at(-30), duration_ms: 1_100, process_id: B }),
  slowQueryRow({ record_id: '3', ts: at(2), duration_ms: 9_000, is_user_query: false }),
  slowQueryRow({ record_id: '4', ts: at(-6 * 24 - 1), duration_ms: 9_000 }),
  slowQueryRow({ record_id: '5', ts: at(-6 * 24), plan_summary: 'IXSCAN { a: 1 }', duration_ms: 2_000 }),
  slowQueryRow({
    record_id: '6',
    ts: at(3),
    namespace: 'shop.carts',
    duration_ms: 100,
    docs_examined: 5_000,
  }),
];

/** Two days of suggestions. An index is no longer suggested, and one could be dropped. */
const SUGGESTED = [
  { hours: -48, namespace: 'shop.orders', index_keys: '[{"a":1}]', weight: 1 },
  { hours: -48, namespace: 'shop.old', index_keys: '[{"c":1}]', weight: 9 },
  { hours: -24, namespace: 'shop.orders', index_keys: '[{"a":1}]', weight: 2 },
  { hours: -24, namespace: 'shop.carts', index_keys: '[{"b":1}]', weight: 7 },
  { hours: -24, kind: 'drop_index', namespace: 'shop.orders', index_keys: '[{"d":1}]', weight: null },
].map(({ hours, ...more }) =>
  anyRow(indexSuggestions, {
    ...{ ts: at(hours), project_id: PROJECT, cluster_name: 'orders', kind: 'create_index', reason: null },
    ...{ index_name: null, impacted_queries: 20, impacted_avg_ms: 150 },
    ...more,
  }),
);

const SUGGESTION_SNAPSHOTS = [
  { hours: -48, kind: 'create_index' },
  { hours: -24, kind: 'create_index' },
  { hours: -24, kind: 'drop_index' },
].map(({ hours, kind }) =>
  anyRow(indexSuggestionSnapshots, {
    ...{ ts: at(hours), project_id: PROJECT, cluster_name: 'orders', kind, suggestions: 2 },
  }),
);

const LOGINS = [
  ...[1, 2, -50].map((hours) => ({ hours, ip_address: '198.51.100.7', username: `user-${hours}` })),
  { hours: 4, ip_address: '203.0.113.9', username: 'app' },
  { hours: -7 * 24, ip_address: '203.0.113.9', username: 'app' },
].map(({ hours, ...more }, index) =>
  loginRow({ ts: at(hours), record_id: `login-${index}`, auth_result: false, ...more }),
);

function resource(
  type: string,
  id: string,
  hours: number,
  document: object,
  more: Partial<AnyRow> = {},
): AnyRow {
  const about = { resource_type: type, resource_id: id, change: 'added', ts: at(hours) };
  return { ...inventoryRow({ ...about, document: JSON.stringify(document) }), ...more };
}

const cluster = (name: string, instanceSize: string, more: object = {}) => ({
  name,
  backupEnabled: true,
  createDate: '2026-01-01T00:00:00Z',
  replicationSpecs: [{ regionConfigs: [{ electableSpecs: { instanceSize } }] }],
  ...more,
});
const schedule = { policies: [{ policyItems: [{ frequencyType: 'hourly', frequencyInterval: 6 }] }] };
const snapshot = (hours: number) => ({ createdAt: new Date(at(hours)).toISOString(), status: 'completed' });

const ADDRESS = { resource_id: 'list/10.0.0.0/8', name: '10.0.0.0/8' };
const RESOURCES = [
  resource('cluster', 'id-orders', -100, cluster('orders', 'M10'), { name: 'orders' }),
  resource('cluster', 'id-telemetry', -100, cluster('telemetry', 'M999'), { name: 'telemetry' }),
  resource('cluster', 'id-orders', -10, cluster('orders', 'M10', { paused: true }), {
    ...{ name: 'orders', change: 'changed', changed_fields: '["paused"]', revision: 2 },
  }),
  resource('cluster', 'id-telemetry', 1, cluster('telemetry', 'M999', { paused: true }), {
    ...{ name: 'telemetry', change: 'changed', changed_fields: '["paused"]', revision: 2 },
  }),
  resource('access_list_entry', ADDRESS.resource_id, -100, { comment: 'office' }, { ...ADDRESS }),
  resource(
    'access_list_entry',
    ADDRESS.resource_id,
    -9,
    { comment: 'all' },
    {
      ...{ ...ADDRESS, change: 'changed', changed_fields: '["comment"]', revision: 2 },
    },
  ),
  ...['orders', 'telemetry'].map((parent) => resource('backup_schedule', parent, -100, schedule, { parent })),
  resource('backup_snapshot', 'old', -9, snapshot(-9), { parent: 'orders' }),
  resource('backup_snapshot', 'new', 0, snapshot(-1), { parent: 'telemetry' }),
];

const EVENTS = [
  eventRow({
    event_id: 'paused',
    ts: at(-10.5),
    remote_address: '192.0.2.44',
    document: JSON.stringify({ groupId: PROJECT, clusterName: 'orders' }),
  }),
];

/** A disk of 100 GB that grows by a gigabyte a day, and one that does not. */
const DISKS = Array.from({ length: 10 }, (_, day) => day).flatMap((day) =>
  [
    { partition_name: 'data', used: 60e9 + day * 1e9 },
    { partition_name: 'full', used: 91e9 },
    { partition_name: 'idle', used: 20e9 },
  ].flatMap(({ partition_name, used }) => {
    const point = { process_id: A, partition_name, ts: at((day - 9) * 24) };
    return [
      diskRow({ ...point, measurement: 'DISK_PARTITION_SPACE_USED', value: used }),
      diskRow({ ...point, measurement: 'DISK_PARTITION_SPACE_FREE', value: 100e9 - used }),
    ];
  }),
);

const gap = (dataset: string, target: string, hours: number) =>
  gapRow({ dataset, target, ts: at(hours), gap_end: at(hours + 1) });
const GAPS = [
  gap('disk_measurements', `${A}/data`, -40),
  gap('process_measurements', B, -39),
  gap('access_logs', 'a.example.net', -38),
  gap('events', PROJECT, -37),
  gap('process_measurements', C, -36),
  gap('process_measurements', `1${A}`, -36),
  gap('access_logs', 'a.example', -36),
  gap('process_measurements', A, -31 * 24),
];

export const ROWS: readonly TableRows[] = [
  { table: processTable, rows: PROCESSES },
  { table: slowQueries, rows: SLOW },
  { table: indexSuggestions, rows: SUGGESTED },
  { table: indexSuggestionSnapshots, rows: SUGGESTION_SNAPSHOTS },
  { table: accessLogs, rows: LOGINS },
  { table: inventory, rows: RESOURCES },
  { table: events, rows: EVENTS },
  { table: diskTable, rows: DISKS },
  { table: collectionGaps, rows: GAPS },
  { table: collectionRuns, rows: [runRow({ dataset: 'inventory', ts: at(0), finished_at: at(0) })] },
];
