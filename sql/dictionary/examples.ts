import type { Column } from '../../shared/lake/table.ts';

/** Examples by column name, for all tables and views. A column whose declaration has an example needs none here. */
const BY_NAME: Readonly<Record<string, string>> = {
  dt: '2026-03-02',
  project_id: '6a793f53c0eb9e7a177137c2',
  cluster_name: 'orders',
  replica_set_name: 'atlas-b3wf23-shard-0',
  process_id: 'atlas-b3wf23-shard-00-01.hpgvf4.mongodb.net:27017',
  process_type: 'REPLICA_PRIMARY',
  hostname: 'atlas-b3wf23-shard-00-01.hpgvf4.mongodb.net',
  host_and_port: 'atlas-b3wf23-shard-00-01.hpgvf4.mongodb.net:27017',
  database_name: 'shop',
  collection_name: 'carts.archived',
  namespace: 'shop.carts.archived',
  partition_name: 'data',
  target: 'data',
  table_name: 'disk_measurements',
  measurement: 'DISK_PARTITION_SPACE_USED',
  units: 'BYTES',
  granularity: 'PT1M',
  value: '34224437451.4148',
  auth_source: 'admin',
  username: 'app',
  ip_address: '192.0.2.17',
  failure_reason: 'AuthenticationFailed: SCRAM authentication failed, storedKey mismatch',
  mechanism: 'SCRAM-SHA-256',
  app_name: 'checkout',
  driver_name: 'nodejs',
  driver_version: '6.12.0',
  log_name: 'mongodb',
  further_fields: '{"tags":["startupWarnings"]}',
  log_line: '{"t":{"$date":"2026-03-02T12:00:00.123+00:00"},"s":"I","c":"ACCESS",…}',
  record_id: 'd2f1c5a0b7e94e63',
  alert_id: '69a4b1f2c0eb9e7a17713a01',
  alert_config_id: '65f0a1b2c0eb9e7a177139ff',
  change: 'opened',
  status: 'OPEN',
  event_type_name: 'OUTSIDE_METRIC_THRESHOLD',
  metric_name: 'DISK_PARTITION_SPACE_PERCENT_USED',
  current_value: '91.5',
  current_units: 'RAW',
  operator: 'GREATER_THAN',
  threshold: '90',
  threshold_units: 'RAW',
  severity: 'WARNING',
  acknowledging_username: 'ann@example.com',
  acknowledged_by: 'ann@example.com',
  acknowledgement_comment: 'a larger disk is on its way',
  document: '{"id":"69a4b1f2c0eb9e7a17713a01","status":"OPEN",…}',
  org_id: '5f2a1c3dc0eb9e7a17713000',
  resource_type: 'project_user',
  parent: 'orders',
  resource_id: '69a4b1f2c0eb9e7a17713b07',
  name: 'ann@example.com',
  changed_fields: '["roles"]',
  content_hash: '9c5e1d20ab37f468',
  notes: '["custom_db_role cannot be read: …"]',
  dataset: 'disk_measurements',
  reason: 'Atlas no longer holds it',
  outcome: 'complete',
  last_outcome: 'complete',
  first_dt: '2026-03-01',
  last_dt: '2026-03-02',
  rank: '1',
  best_rank: '1',
  day_rank: '2',
  previous_rank: '5',
  movement: '3',
  heat: '18.416667',
  hours: '24',
  lag_seconds: '600',
  bytes: '1843210',
  used_bytes: '34224437451.4148',
  free_bytes: '8725235508.5852',
  used_percent: '79.68',
  fitted_days: '13.98',
  growth_bytes_per_day: '173036428.6',
  days_until_full: '50.4',
  seconds_to_acknowledge: '720',
  seconds_to_resolve: '5400',
  gap_seconds: '3600',
};

/** Examples by type, for columns whose name explains their meaning. */
const BY_TYPE: Readonly<Record<Column['type'], string | undefined>> = {
  timestamp: '2026-03-02 12:00:00.000',
  boolean: 'true',
  int: '12',
  bigint: '1200',
  double: '1250.5',
  // No text is typical: each string column needs an example of its own.
  string: undefined,
};

/**
 * Returns an example of a column's values.
 * @throws when a string column has no example
 */
export function exampleOf(column: Column, where: string): string {
  const example = column.example ?? BY_NAME[column.name] ?? BY_TYPE[column.type];
  if (example === undefined) throw new Error(`${where}.${column.name} has no example; declare one`);
  return example;
}
