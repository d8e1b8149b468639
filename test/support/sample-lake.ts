import { DAY, HOUR, MINUTE } from '../../shared/durations.ts';
import type { AnyRow } from '../../shared/lake/table.ts';
import { createWrittenLake, type WrittenLake } from './written-lake.ts';
import {
  accessLogs,
  alertRow,
  alerts,
  collectionGaps,
  collectionRuns,
  costRow,
  costUsage,
  databaseRow,
  databaseTable,
  diskRow,
  diskTable,
  gapRow,
  inventory,
  inventoryRow,
  loginRow,
  PROJECT,
  processRow,
  processTable,
  rankedNamespaces,
  rankRow,
  runRow,
  slowQueries,
  slowQueryRow,
} from './written-rows.ts';

/** The first instant of the sample (a Monday), its number of days, and the months of its costs by their first days. */
export const SAMPLE = {
  start: Date.parse('2026-03-02T00:00:00Z'),
  days: 16,
  months: ['2025-12-01', '2026-01-01', '2026-02-01', '2026-03-01'],
};

/** A name that does harm if a program executes it as code. */
export const HOSTILE = `</script><script>document.title='harmed'</script><img src=x onerror="document.title='harmed'">`;

/** A name that is written from right to left, with a character that turns what follows. */
export const TURNED = 'مشروع \u202e المبيعات';

/** A name without a place to break it. */
export const LONG = `long${'n'.repeat(200)}`;

const HOSTS = ['a', 'b', 'c'].map((letter) => `orders-shard-00-0${letter}.x1y2z.mongodb.net:27017`);

/** Creates a lake with rows in every table that the views read: three hosts, sixteen days, some failures. */
export async function createSampleLake(): Promise<WrittenLake> {
  const lake = await createWrittenLake();
  const hours = Array.from({ length: SAMPLE.days * 24 }, (_, hour) => SAMPLE.start + hour * HOUR);
  await lake.write({ table: diskTable, rows: HOSTS.flatMap((host, index) => diskRows(host, index, hours)) });
  await lake.write({
    table: databaseTable,
    rows: HOSTS.flatMap((host, index) => databaseRows(host, index, hours)),
  });
  await lake.write({
    table: processTable,
    rows: HOSTS.flatMap((host, index) => processRows(host, index, hours)),
  });
  await lake.write({ table: rankedNamespaces, rows: hours.flatMap(rankRows) });
  await lake.write({ table: slowQueries, rows: hours.map(slowQueryAt) });
  await lake.write({ table: accessLogs, rows: hours.flatMap(loginRows) });
  await lake.write({ table: alerts, rows: alertRows() });
  await lake.write({ table: collectionRuns, rows: hours.flatMap(runRows) });
  await lake.write({ table: inventory, rows: inventoryRows() });
  await lake.write({ table: costUsage, rows: costRows() });
  const gap = { dataset: 'disk_measurements', target: `${HOSTS[1]}/data` };
  await lake.write({
    table: collectionGaps,
    rows: ['orders', LONG].map((cluster_name, index) =>
      gapRow({
        ...gap,
        cluster_name,
        ts: SAMPLE.start + (3 + index) * DAY,
        gap_end: SAMPLE.start + (3 + index) * DAY + 5 * HOUR,
      }),
    ),
  });
  return lake;
}

function processRows(process_id: string, index: number, hours: readonly number[]): AnyRow[] {
  const process_type = index === 0 ? 'REPLICA_PRIMARY' : 'REPLICA_SECONDARY';
  const values = (hour: number): Record<string, number> => ({
    PROCESS_NORMALIZED_CPU_USER: 20 + 5 * index + 10 * Math.sin(hour / 4),
    MAX_PROCESS_NORMALIZED_CPU_USER: 60 + 5 * index + 20 * Math.sin(hour / 4),
    MEMORY_RESIDENT: 700 + index,
    CONNECTIONS: 40 + (hour % 24),
    OPLOG_REPLICATION_LAG_TIME: index === 0 ? 0 : (hour % 17) / 2,
  });
  return hours.flatMap((ts, hour) =>
    Object.entries(values(hour)).map(([measurement, value]) =>
      processRow({ process_id, process_type, measurement, ts, value }),
    ),
  );
}

function diskRows(process_id: string, index: number, hours: readonly number[]): AnyRow[] {
  return hours.flatMap((ts, hour) => {
    const used =
      (20 + index * 18) * 1e9 + (index === 2 ? -1 : 1) * hour * (3 - index) * 2e7 + Math.sin(hour / 4) * 3e8;
    const point = { process_id, ts };
    return [
      diskRow({ ...point, measurement: 'DISK_PARTITION_SPACE_USED', value: used }),
      diskRow({ ...point, measurement: 'DISK_PARTITION_SPACE_FREE', value: 80e9 - used }),
      diskRow({
        ...point,
        measurement: 'DISK_PARTITION_SPACE_PERCENT_USED',
        units: 'PERCENT',
        value: used / 8e8,
      }),
    ];
  });
}

function databaseRows(process_id: string, index: number, hours: readonly number[]): AnyRow[] {
  const process_type = index === 0 ? 'REPLICA_PRIMARY' : 'REPLICA_SECONDARY';
  return ['shop', 'sessions', HOSTILE].flatMap((database_name, size) =>
    hours.flatMap((ts, hour) => {
      const value = (size + 1) * 4e9 + hour * (size + 1) * 1.7e7;
      const point = { process_id, process_type, database_name, ts };
      return [
        databaseRow({ ...point, measurement: 'DATABASE_DATA_SIZE', value }),
        databaseRow({ ...point, measurement: 'DATABASE_STORAGE_SIZE', value: value * 0.4 }),
        databaseRow({ ...point, measurement: 'DATABASE_INDEX_SIZE', value: value * 0.1 }),
        databaseRow({
          ...point,
          measurement: 'DATABASE_OBJECT_COUNT',
          units: 'SCALAR',
          value: Math.round(value / 700),
        }),
      ];
    }),
  );
}

function rankRows(ts: number, hour: number): AnyRow[] {
  const collections = ['carts', 'orders', HOSTILE, 'users', 'events.archived', 'prices'];
  return collections.map((_, place) => {
    const collection = collections[(place + Math.floor(hour / 30)) % collections.length] ?? '';
    return rankRow({ ts, rank: place + 1, database: 'shop', collection, process_id: HOSTS[0] ?? '' });
  });
}

function slowQueryAt(ts: number, hour: number): AnyRow {
  const isScan = hour % 3 === 0;
  return slowQueryRow({
    record_id: `slow-${hour}`,
    ts,
    namespace: `shop.${['orders', 'carts', HOSTILE][hour % 3]}`,
    plan_summary: isScan ? 'COLLSCAN' : 'IXSCAN { status: 1 }',
    duration_ms: 120 + 40 * (hour % 50),
    docs_examined: isScan ? 90_000 : 40,
  });
}

function loginRows(ts: number, hour: number): AnyRow[] {
  return Array.from({ length: (hour % 5) + 1 }, (_, number) => {
    const failed = number > 0;
    return loginRow({
      ts: ts + number * MINUTE,
      record_id: `${hour}-${number}`,
      auth_result: !failed,
      username: failed ? (['admin', 'backup', HOSTILE][hour % 3] ?? null) : 'app',
      ip_address: `198.51.100.${number}`,
      failure_reason: failed ? 'AuthenticationFailed: SCRAM authentication failed' : null,
    });
  });
}

function alertRows(): AnyRow[] {
  return Array.from({ length: 9 }, (_, number) => {
    const created = SAMPLE.start + number * 1.7 * DAY;
    const about = {
      alert_id: `alert-${number}`,
      created,
      cluster_name: number % 4 === 3 ? HOSTILE : 'orders',
    };
    const acknowledged = { change: 'acknowledged', acknowledging_username: 'ann@example.com' };
    return [
      alertRow({ ...about, change: 'opened', status: 'OPEN', ts: created }),
      ...(number % 2 === 0
        ? [alertRow({ ...about, ...acknowledged, status: 'OPEN', ts: created + 2 * HOUR })]
        : []),
      ...(number < 7
        ? [alertRow({ ...about, change: 'closed', status: 'CLOSED', ts: created + (number + 1) * 5 * HOUR })]
        : []),
    ];
  }).flat();
}

function runRows(ts: number, hour: number): AnyRow[] {
  return ['database_measurements', 'disk_measurements', 'access_logs'].map((dataset, index) =>
    runRow({
      dataset,
      ts: ts + MINUTE,
      rows: 1000 + index * 700 + (hour % 24) * 30,
      outcome: hour % 100 === 99 ? 'partial' : 'complete',
    }),
  );
}

/** Returns users and a service account with roles and secrets, a cluster that is resized, and one user who leaves. */
function inventoryRows(): AnyRow[] {
  const user = { resource_type: 'project_user' };
  const users = ['ann@example.com', 'bob@example.com', HOSTILE].map((name, index) => ({
    ...user,
    resource_id: `user-${index}`,
    name,
    change: 'added',
    ts: SAMPLE.start,
    document: JSON.stringify({
      roles: index === 0 ? ['GROUP_OWNER', 'GROUP_READ_ONLY'] : ['GROUP_READ_ONLY'],
    }),
  }));
  const expires = (days: number) => new Date(SAMPLE.start + days * DAY).toISOString();
  const robot = {
    resource_type: 'project_service_account',
    resource_id: 'robot',
    name: HOSTILE,
    change: 'added',
    ts: SAMPLE.start,
    document: JSON.stringify({
      roles: ['GROUP_READ_ONLY'],
      secrets: [
        { id: 'old', expiresAt: expires(20) },
        { id: 'new', expiresAt: expires(200) },
      ],
    }),
  };
  const cluster = { resource_type: 'cluster', resource_id: 'orders', name: 'orders' };
  const added = { change: 'added', ts: SAMPLE.start };
  const named = [
    { ...added, resource_type: 'project', resource_id: PROJECT, name: TURNED },
    { ...added, resource_type: 'organization', resource_id: 'o', name: HOSTILE },
    { ...added, resource_type: 'cluster', resource_id: 'long', name: LONG },
  ];
  const resized = Array.from({ length: 5 }, (_, number) => ({
    ...cluster,
    change: number === 0 ? 'added' : 'changed',
    changed_fields: number === 0 ? null : '["replicationSpecs"]',
    document: JSON.stringify({ replicationSpecs: [{ instanceSize: `M${(number + 1) * 10}` }] }),
    ts: SAMPLE.start + number * 3 * DAY,
  }));
  const gone = { ...user, resource_id: 'user-1', name: 'bob@example.com', change: 'removed' };
  return [...named, ...users, robot, ...resized, { ...gone, ts: SAMPLE.start + 9 * DAY }].map(inventoryRow);
}

function costRows(): AnyRow[] {
  return SAMPLE.months.map(Date.parse).flatMap((ts, index) =>
    ['Clusters', 'Backup', HOSTILE].flatMap((service, place) => {
      const amount = (800 + 40 * index) / (1 + 4 * place);
      const row = { ts, service, collected_at: SAMPLE.start };
      const part = { ...row, amount: amount / 2, amount_change: amount / 2 };
      return [
        costRow({ ...row, level: 'organisation', amount, amount_change: amount }),
        costRow({ ...part, level: 'cluster', cluster_id: 'c1', cluster_name: 'orders' }),
        costRow({ ...part, level: 'cluster', cluster_id: 'c2', cluster_name: HOSTILE }),
      ];
    }),
  );
}
