import { accessLogs } from '../../functions/access-logs/tables.ts';
import { alerts } from '../../functions/alerts/tables.ts';
import { costUsage } from '../../functions/cost-usage/tables.ts';
import { databaseMeasurementsDataset } from '../../functions/database-measurements/collector.ts';
import { diskMeasurementsDataset } from '../../functions/disk-measurements/collector.ts';
import { events } from '../../functions/events/tables.ts';
import { inventory } from '../../functions/inventory/tables.ts';
import { processMeasurementsDataset } from '../../functions/process-measurements/collector.ts';
import { rankedNamespaces } from '../../functions/ranked-namespaces/tables.ts';
import { searchMeasurementsDataset } from '../../functions/search-measurements/collector.ts';
import { slowQueries } from '../../functions/slow-queries/tables.ts';
import { DAY, HOUR, MINUTE } from '../../shared/durations.ts';
import { collectionGaps, collectionRuns, filledGaps } from '../../shared/engine/tables.ts';
import type { AnyRow, RowOf, Table } from '../../shared/lake/table.ts';
import { lakeTime } from './times.ts';

/** Creates rows for tests that write their own lake. Each value that a test does not give has a default. */

export const PROJECT = '6a793f53c0eb9e7a177137c2';
export const databaseTable = databaseMeasurementsDataset.tables[0];
export const diskTable = diskMeasurementsDataset.tables[0];
export const processTable = processMeasurementsDataset.tables[0];
export const searchTable = searchMeasurementsDataset.tables[0];
export {
  accessLogs,
  alerts,
  collectionGaps,
  collectionRuns,
  costUsage,
  events,
  filledGaps,
  inventory,
  rankedNamespaces,
  slowQueries,
};

/** Returns the partition of an instant. */
export function day(instant: number): string {
  return lakeTime(instant).slice(0, 10);
}

/** Returns a revision that rises with time, as those of changes do. */
function revisionAt(instant: number): number {
  return Math.floor(instant / MINUTE);
}

const process = {
  project_id: PROJECT,
  cluster_name: 'orders',
  replica_set_name: 'atlas-1-shard-0',
  process_id: 'a.example.net:27017',
  process_type: 'REPLICA_PRIMARY',
};

const VALUES = { string: 'x', double: 1.5, int: 1, bigint: 1, boolean: true };

/** Returns a row of any table. Each column has a fixed value of its type, and timestamps are `ts`. */
export function anyRow(table: Table, { ts, ...more }: AnyRow): AnyRow {
  const values = { ...VALUES, timestamp: ts };
  return { ...Object.fromEntries(table.columns.map(({ name, type }) => [name, values[type]])), ts, ...more };
}

interface Point {
  measurement: string;
  ts: number;
  value: number;
  process_id?: string;
  granularity?: string;
  units?: string;
}

export function diskRow(row: Point & { partition_name?: string }): AnyRow {
  const usual = {
    partition_name: 'data',
    units: 'BYTES',
    granularity: 'PT1M',
    collected_at: row.ts + 10 * MINUTE,
  };
  return { ...process, ...usual, ...row };
}

/** Returns a row of a table whose targets are processes: `process_measurements` or `search_measurements`. */
export function processRow(row: Point & { process_type?: string }): AnyRow {
  const usual = { units: 'SCALAR', granularity: 'PT1M', collected_at: row.ts + 600_000 };
  return { ...process, ...usual, ...row };
}

export function databaseRow(row: Point & { database_name: string; process_type?: string }): AnyRow {
  const usual = { units: 'BYTES', granularity: 'PT5M', collected_at: row.ts + 1_500_000 };
  return { ...process, ...usual, ...row };
}

export function rankRow(row: {
  ts: number;
  rank: number;
  database: string;
  collection: string;
  process_id?: string;
}): AnyRow {
  const { database, collection, ...rest } = row;
  const end = row.ts + HOUR;
  return {
    ...process,
    ...rest,
    window_end: end,
    namespace: `${database}.${collection}`,
    database_name: database,
    collection_name: collection,
    collected_at: end,
  };
}

export function loginRow(
  row: Partial<RowOf<typeof accessLogs>> & { ts: number; record_id: string },
): RowOf<typeof accessLogs> {
  return {
    project_id: PROJECT,
    cluster_name: 'orders',
    hostname: 'a.example.net',
    auth_result: true,
    auth_source: 'admin',
    username: 'app',
    ip_address: '192.0.2.1',
    failure_reason: null,
    mechanism: 'SCRAM-SHA-256',
    app_name: null,
    driver_name: null,
    driver_version: null,
    log_line: null,
    collected_at: row.ts + 10 * MINUTE,
    ...row,
  };
}

export function alertRow(
  row: Partial<RowOf<typeof alerts>> &
    Pick<RowOf<typeof alerts>, 'alert_id' | 'change' | 'status' | 'created' | 'ts'>,
): RowOf<typeof alerts> {
  return {
    project_id: PROJECT,
    alert_config_id: 'b'.repeat(24),
    event_type_name: 'OUTSIDE_METRIC_THRESHOLD',
    cluster_name: 'orders',
    replica_set_name: null,
    host_and_port: 'a.example.net:27017',
    metric_name: 'DISK_PARTITION_SPACE_PERCENT_USED',
    current_value: 91.5,
    current_units: 'RAW',
    updated: row.ts,
    resolved: null,
    last_notified: null,
    acknowledged_until: null,
    acknowledging_username: null,
    acknowledgement_comment: null,
    document: '{}',
    collected_at: row.ts + MINUTE,
    revision: revisionAt(row.ts),
    ...row,
  };
}

export function runRow(
  row: Partial<RowOf<typeof collectionRuns>> & { dataset: string; ts: number },
): RowOf<typeof collectionRuns> {
  return {
    project_id: PROJECT,
    tick: row.ts,
    finished_at: row.ts + 2_000,
    outcome: 'complete',
    runs: 1,
    targets: 4,
    failed_targets: 0,
    requests: 10,
    throttled: 0,
    rows: 100,
    objects: 2,
    bytes: 5_000,
    first_dt: null,
    last_dt: null,
    lag_seconds: 600,
    collected_at: row.ts + 2_000,
    notes: null,
    ...row,
  };
}

export function gapRow(row: {
  dataset: string;
  target: string;
  ts: number;
  gap_end: number;
  cluster_name?: string;
}): AnyRow {
  return {
    project_id: PROJECT,
    reason: 'retention',
    collected_at: row.gap_end + MINUTE,
    cluster_name: null,
    ...row,
  };
}

export function filledRow(row: {
  dataset: string;
  target: string;
  ts: number;
  gap_end: number;
  filled_from: number;
  filled_to: number;
}): AnyRow {
  return { project_id: PROJECT, collected_at: row.gap_end + DAY, ...row };
}

export function inventoryRow(
  row: Partial<RowOf<typeof inventory>> &
    Pick<RowOf<typeof inventory>, 'resource_type' | 'resource_id' | 'change' | 'ts'>,
): RowOf<typeof inventory> {
  return {
    project_id: PROJECT,
    org_id: 'o',
    parent: null,
    name: null,
    changed_fields: null,
    content_hash: '0123456789abcdef',
    document: row.change === 'removed' ? null : '{}',
    collected_at: row.ts,
    revision: revisionAt(row.ts),
    ...row,
  };
}

export function costRow(
  row: Partial<RowOf<typeof costUsage>> &
    Pick<RowOf<typeof costUsage>, 'level' | 'ts' | 'amount' | 'amount_change' | 'collected_at'>,
): RowOf<typeof costUsage> {
  return {
    org_id: 'o',
    project_id: row.level === 'organisation' ? null : PROJECT,
    cluster_id: null,
    cluster_name: null,
    service: 'Clusters',
    revision: revisionAt(row.collected_at),
    ...row,
  };
}

export function eventRow(row: Partial<RowOf<typeof events>> & { event_id: string; ts: number }): AnyRow {
  const usual: Omit<RowOf<typeof events>, 'event_id' | 'ts'> = {
    project_id: PROJECT,
    org_id: null,
    event_type_name: 'CLUSTER_UPDATE_SUBMITTED',
    cluster_name: null,
    hostname: null,
    port: null,
    actor_type: 'user',
    actor: 'ann@example.com',
    target: null,
    remote_address: '192.0.2.17',
    is_mongodb_employee: false,
    alert_id: null,
    document: JSON.stringify({ groupId: PROJECT, id: row.event_id }),
    collected_at: row.ts + 600_000,
    actor_id: null,
    target_type: null,
  };
  return { ...usual, ...row };
}

export function slowQueryRow(
  row: Partial<RowOf<typeof slowQueries>> & { record_id: string; ts: number },
): RowOf<typeof slowQueries> {
  return {
    project_id: PROJECT,
    cluster_name: 'orders',
    process_id: process.process_id,
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
    collected_at: row.ts + 10 * MINUTE,
    ...row,
  };
}
