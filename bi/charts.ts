import { lakeTables } from '../sql/tables.ts';
import { dayColumn } from '../sql/view.ts';
import { alertIncidents } from '../sql/views/alert-incidents.ts';
import { costsMonthly } from '../sql/views/costs-monthly.ts';
import { databaseGrowthDaily } from '../sql/views/database-growth.ts';
import { datasetFreshness } from '../sql/views/dataset-freshness.ts';
import { diskForecast } from '../sql/views/disk-forecast.ts';
import { duplicateRows } from '../sql/views/duplicate-rows.ts';
import { failedLogins } from '../sql/views/failed-logins.ts';
import { hottestNamespaces } from '../sql/views/hottest-namespaces.ts';
import { hourlyMeasurements } from '../sql/views/measurements.ts';
import { processHealth, replicationLag } from '../sql/views/process-health.ts';
import { collectionScans, slowestQueryShapes } from '../sql/views/slow-queries.ts';
import type { Chart, Source } from './chart.ts';

function table(name: string): Source {
  const found = lakeTables.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`the lake has no table ${name}`);
  return { ...found, columns: [...found.columns, dayColumn] };
}

/** All charts, row by row. */
export const charts: readonly Chart[] = [
  {
    title: 'Fullest disk',
    description: 'Used space of the fullest disk at its newest value.',
    source: diskForecast,
    width: 'quarter',
    days: 'all',
    shows: { kind: 'number', metric: { name: 'used', sql: 'max(used_percent)', unit: 'percent' } },
  },
  {
    title: 'Open alerts',
    description: 'Alerts that have not ended, whenever they opened.',
    source: alertIncidents,
    width: 'quarter',
    days: 'all',
    shows: { kind: 'number', metric: { name: 'alerts', sql: 'count(*) FILTER (WHERE closed IS NULL)' } },
  },
  {
    title: 'Failed login attempts',
    description: 'Failed attempts of all users from all addresses.',
    source: failedLogins,
    width: 'quarter',
    days: 'range',
    shows: { kind: 'number', metric: { name: 'attempts', sql: 'coalesce(sum(attempts), 0)' } },
  },
  {
    title: 'Duplicate rows',
    description: 'Must be 0.',
    source: duplicateRows,
    width: 'quarter',
    days: 'range',
    shows: { kind: 'number', metric: { name: 'extra_rows', sql: 'coalesce(sum(extra_rows), 0)' } },
  },
  {
    title: 'Disk forecast',
    description:
      'Linear forecast from the space used in the last 14 days. The disk that is full first comes first.',
    source: diskForecast,
    width: 'full',
    days: 'all',
    shows: {
      kind: 'rows',
      columns: [
        'cluster_name',
        'process_id',
        'partition_name',
        'used_percent',
        'growth_bytes_per_day',
        'days_until_full',
        'full_at',
      ],
      order: 'days_until_full',
      limit: 50,
    },
  },
  {
    title: 'Used disk space',
    description: 'Used space of the fullest disk of each process by hour.',
    source: hourlyMeasurements,
    width: 'half',
    days: 'range',
    where: "measurement = 'DISK_PARTITION_SPACE_PERCENT_USED'",
    shows: {
      kind: 'lines',
      time: 'hour',
      by: ['process_id'],
      metric: { name: 'used', sql: 'max(last_value)', unit: 'percent' },
    },
  },
  {
    title: 'Database size',
    description: 'Data size on the primaries at the end of each day.',
    source: databaseGrowthDaily,
    width: 'half',
    days: 'range',
    where: "process_type LIKE '%PRIMARY'",
    shows: {
      kind: 'lines',
      time: 'dt',
      by: ['cluster_name', 'database_name'],
      metric: { name: 'data', sql: 'sum(data_bytes)', unit: 'bytes' },
    },
  },
  {
    title: 'Processor time',
    description: 'Greatest processor time of each process in user mode by hour, of all cores.',
    source: processHealth,
    width: 'half',
    days: 'range',
    shows: {
      kind: 'lines',
      time: 'hour',
      by: ['process_id'],
      metric: { name: 'cpu', sql: 'max(max_cpu_user_percent)', unit: 'percent' },
    },
  },
  {
    title: 'Replication lag',
    description: 'Greatest delay of each member behind its primary by hour.',
    source: replicationLag,
    width: 'half',
    days: 'range',
    shows: {
      kind: 'lines',
      time: 'hour',
      by: ['process_id'],
      metric: { name: 'lag', sql: 'max(max_lag_seconds)', unit: 'seconds' },
    },
  },
  {
    title: 'Hottest namespaces',
    description: 'The namespaces with the most heat: the sum of 1/rank over hours and processes.',
    source: hottestNamespaces,
    width: 'half',
    days: 'range',
    shows: {
      kind: 'bars',
      category: 'namespace',
      metrics: [{ name: 'heat', sql: 'sum(heat)' }],
      order: { longest: 'sum(heat)' },
      limit: 15,
    },
  },
  {
    title: 'Cost by month',
    description: 'What Atlas bills for each service. The current month is not complete.',
    source: costsMonthly,
    width: 'half',
    days: 'all',
    where: "level = 'organisation'",
    shows: {
      kind: 'bars',
      category: { name: 'month', sql: 'substr(dt, 1, 7)' },
      parts: 'service',
      metrics: [{ name: 'cost', sql: 'sum(amount)', unit: 'US dollars' }],
      order: 'category',
      // A bar that lacks a service would look like a cheap month.
      limit: 10_000,
    },
  },
  {
    title: 'Slow queries',
    description: 'The namespaces whose slow queries took the most time.',
    source: slowestQueryShapes,
    width: 'half',
    days: 'range',
    shows: {
      kind: 'bars',
      category: 'namespace',
      metrics: [{ name: 'total_time', sql: 'sum(total_ms) / 1e3', unit: 'seconds' }],
      order: { longest: 'sum(total_ms)' },
      limit: 15,
    },
  },
  {
    title: 'Collection scans',
    description: 'Slow queries that no index helped, by namespace and shape.',
    source: collectionScans,
    width: 'half',
    days: 'range',
    shows: {
      kind: 'groups',
      by: ['namespace', 'op_type', 'query_shape'],
      metrics: [
        { name: 'documents_read', sql: 'sum(docs_examined)' },
        { name: 'queries', sql: 'sum(queries)' },
        { name: 'total_time', sql: 'sum(total_ms) / 1e3', unit: 'seconds' },
      ],
      descending: true,
      limit: 50,
    },
  },
  {
    title: 'Logins by address',
    description: 'The addresses with the most attempts to log in.',
    source: table('access_logs'),
    width: 'half',
    days: 'range',
    shows: {
      kind: 'bars',
      category: 'ip_address',
      metrics: [
        { name: 'successful', sql: 'count(*) FILTER (WHERE auth_result)' },
        { name: 'failed', sql: 'count(*) FILTER (WHERE NOT auth_result)' },
      ],
      order: { longest: 'count(*)' },
      limit: 12,
    },
  },
  {
    title: 'Failed logins',
    description: 'Failed logins by user and reason.',
    source: failedLogins,
    width: 'half',
    days: 'range',
    shows: {
      kind: 'groups',
      by: ['username', 'failure_reason'],
      metrics: [
        { name: 'attempts', sql: 'sum(attempts)' },
        { name: 'addresses', sql: 'count(DISTINCT ip_address)' },
        { name: 'last_seen', sql: 'max(last_seen)' },
      ],
      descending: true,
      limit: 100,
    },
  },
  {
    title: 'Alerts',
    description: 'Alerts that opened in the time range.',
    source: alertIncidents,
    width: 'full',
    days: 'range',
    shows: {
      kind: 'rows',
      columns: [
        'opened',
        'event_type_name',
        'metric_name',
        'cluster_name',
        'status',
        'seconds_to_acknowledge',
        'seconds_to_resolve',
      ],
      order: 'opened',
      descending: true,
      limit: 100,
    },
  },
  {
    title: 'Freshness by dataset',
    description: 'How far each dataset is collected, and the gaps that start in the time range.',
    source: datasetFreshness,
    width: 'half',
    days: 'range',
    shows: {
      kind: 'groups',
      by: ['dataset'],
      metrics: [
        { name: 'collected_up_to', sql: 'max(collected_up_to)' },
        { name: 'rows', sql: 'sum(rows)' },
        { name: 'incomplete_runs', sql: 'sum(incomplete_runs)' },
        { name: 'gaps', sql: 'sum(gaps)' },
      ],
      limit: 50,
    },
  },
  {
    title: 'Rows written',
    description: 'Rows written by the runs of each day.',
    source: datasetFreshness,
    width: 'half',
    days: 'range',
    shows: {
      kind: 'lines',
      time: 'dt',
      by: ['dataset'],
      metric: { name: 'rows', sql: 'sum(rows)' },
    },
  },
];
