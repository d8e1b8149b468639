import { afterEach, beforeEach, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../../../shared/durations.ts';
import { lakeTime } from '../../support/times.ts';
import { createWrittenLake, type WrittenLake } from '../../support/written-lake.ts';
import { processRow, processTable, searchTable } from '../../support/written-rows.ts';

const START = Date.parse('2026-03-02T00:00:00Z');

let lake: WrittenLake;
beforeEach(async () => {
  lake = await createWrittenLake();
});
afterEach(() => lake.remove());

/** Returns rows of one series, one each 20 minutes. */
function series(measurement: string, values: readonly number[], more: { process_type?: string } = {}) {
  return values.map((value, index) =>
    processRow({ measurement, value, ts: START + index * 20 * MINUTE, ...more }),
  );
}

test('process_health returns means and maxima by hour, in percent, bytes and seconds', async () => {
  await lake.write({
    table: processTable,
    rows: [
      ...series('PROCESS_NORMALIZED_CPU_USER', [10, 20, 30, 40]),
      ...series('MAX_PROCESS_NORMALIZED_CPU_USER', [90, 20, 30, 50]),
      ...series('MEMORY_RESIDENT', [1, 2, 3, 5]),
      ...series('SYSTEM_MEMORY_USED', [2, 2, 2]),
      ...series('MAX_SYSTEM_MEMORY_USED', [3, 4, 3]),
      ...series('CONNECTIONS', [7, 8, 9, 1]),
      ...series('GLOBAL_LOCK_CURRENT_QUEUE_TOTAL', [0, 0, 6]),
      ...series('OPLOG_REPLICATION_LAG_TIME', [0, 1, 2]),
      ...series('OPCOUNTER_QUERY', [1000]),
      { ...processRow({ measurement: 'CONNECTIONS', value: 999, ts: START }), granularity: 'P1D' },
    ],
  });
  const found = await lake.ask(
    `SELECT dt, hour, cpu_user_percent, max_cpu_user_percent, memory_resident_bytes, host_memory_used_bytes,
       max_host_memory_used_bytes, connections, max_connections, max_queued_operations, replication_lag_seconds
     FROM process_health ORDER BY hour`,
  );
  expect(found).toEqual([
    {
      dt: '2026-03-02',
      hour: lakeTime(START),
      cpu_user_percent: 20,
      max_cpu_user_percent: 90,
      memory_resident_bytes: 2 * 1024 * 1024,
      host_memory_used_bytes: 2048,
      max_host_memory_used_bytes: 4096,
      connections: 8,
      max_connections: 9,
      max_queued_operations: 6,
      replication_lag_seconds: 1,
    },
    {
      dt: '2026-03-02',
      hour: lakeTime(START + HOUR),
      cpu_user_percent: 40,
      max_cpu_user_percent: 50,
      memory_resident_bytes: 5 * 1024 * 1024,
      host_memory_used_bytes: null,
      max_host_memory_used_bytes: null,
      connections: 1,
      max_connections: 1,
      max_queued_operations: null,
      replication_lag_seconds: null,
    },
  ]);
});

test('replication_lag returns the lag by hour, when it was greatest, and the time that the oplog leaves', async () => {
  const secondary = { process_type: 'REPLICA_SECONDARY' };
  await lake.write({
    table: processTable,
    rows: [
      ...series('OPLOG_REPLICATION_LAG_TIME', [1, 12, 12, 3], secondary),
      ...series('OPLOG_MASTER_LAG_TIME_DIFF', [800, 500, 600], secondary),
      ...series('CONNECTIONS', [1, 1, 1, 1, 1, 1, 1]),
    ],
  });
  const found = await lake.ask(
    `SELECT hour, process_type, avg_lag_seconds, max_lag_seconds, max_lag_at, last_lag_seconds, min_headroom_seconds
     FROM replication_lag ORDER BY hour`,
  );
  expect(found).toEqual([
    {
      hour: lakeTime(START),
      process_type: 'REPLICA_SECONDARY',
      avg_lag_seconds: 25 / 3,
      max_lag_seconds: 12,
      max_lag_at: lakeTime(START + 20 * MINUTE),
      last_lag_seconds: 12,
      min_headroom_seconds: 500,
    },
    {
      hour: lakeTime(START + HOUR),
      process_type: 'REPLICA_SECONDARY',
      avg_lag_seconds: 3,
      max_lag_seconds: 3,
      max_lag_at: lakeTime(START + HOUR),
      last_lag_seconds: 3,
      min_headroom_seconds: null,
    },
  ]);
});

test('search_health returns means and maxima of Atlas Search by hour, and its heap in bytes', async () => {
  await lake.write({
    table: searchTable,
    rows: [
      ...series('FTS_PROCESS_NORMALIZED_CPU_USER', [10, 20, 30, 40]),
      ...series('JVM_CURRENT_MEMORY', [1, 2, 3, 5]),
      ...series('JVM_MAX_MEMORY', [8, 8, 8, 8]),
      ...series('FTS_DISK_USAGE', [100, 200, 300]),
      { ...processRow({ measurement: 'JVM_CURRENT_MEMORY', value: 999, ts: START }), granularity: 'P1D' },
    ],
  });
  const found = await lake.ask(
    `SELECT dt, hour, process_id, cpu_user_percent, max_cpu_user_percent, heap_used_bytes, max_heap_used_bytes,
       heap_limit_bytes, max_disk_bytes
     FROM search_health ORDER BY hour`,
  );
  const process = { dt: '2026-03-02', process_id: 'a.example.net:27017', heap_limit_bytes: 8 * 2 ** 20 };
  expect(found).toEqual([
    {
      ...process,
      hour: lakeTime(START),
      cpu_user_percent: 20,
      max_cpu_user_percent: 30,
      heap_used_bytes: 2 * 2 ** 20,
      max_heap_used_bytes: 3 * 2 ** 20,
      max_disk_bytes: 300,
    },
    {
      ...process,
      hour: lakeTime(START + HOUR),
      cpu_user_percent: 40,
      max_cpu_user_percent: 40,
      heap_used_bytes: 5 * 2 ** 20,
      max_heap_used_bytes: 5 * 2 ** 20,
      max_disk_bytes: null,
    },
  ]);
});
