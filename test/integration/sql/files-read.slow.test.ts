import { cp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withLakeDatabase } from '../../../cli/duckdb/lake-database.ts';
import { queryRows } from '../../../cli/duckdb/query.ts';
import { BUCKET } from '../../../cli/local-aws.ts';
import { DAY } from '../../../shared/durations.ts';
import type { AnyRow, Table } from '../../../shared/lake/table.ts';
import { lakeTables } from '../../../sql/tables.ts';
import type { DaysRead } from '../../../sql/view.ts';
import { views } from '../../../sql/views.ts';
import { createWrittenLake, type WrittenLake } from '../../support/written-lake.ts';
import { anyRow, day } from '../../support/written-rows.ts';

/** A Monday and the first day of a month: every view can have rows with this `dt`. */
const THE_DAY = Date.parse('2026-06-01T00:00:00Z');

/** The newest day of the lake, in days after that day. */
const NEWEST = 10;

/** The days with rows, by their distance from that day. Costs have rows on first days of months only. */
const DAYS = Array.from({ length: 9 + NEWEST + 1 }, (_, index) => index - 9);
const MONTHS = [-61, -31, 0];

/** Returns whether a query for the day may read the files of the day at a distance. */
const MAY_READ: Readonly<Record<DaysRead, (distance: number) => boolean>> = {
  'that day': (distance) => distance === 0,
  'that day and the day before': (distance) => distance === 0 || distance === -1,
  'that week and the week before': (distance) => distance >= -7 && distance < 7,
  'that month and the month before': (distance) => distance === 0 || distance === -31,
  'that day and all later days': (distance) => distance >= 0,
  'the last 15 days': (distance) => distance > NEWEST - 15,
  'all days': () => true,
};

const ROLES = { roles: ['GROUP_OWNER'], secrets: [{ id: 'secret', expiresAt: '2026-06-20T00:00:00Z' }] };

/** Resources by type, as far as views read them. */
const RESOURCES: Readonly<Record<string, object>> = {
  project_service_account: ROLES,
  project_user: ROLES,
  project: {},
  access_list_entry: { cidrBlock: '0.0.0.0/0' },
  cluster: { backupEnabled: true, createDate: '2026-05-01T00:00:00Z' },
  backup_schedule: { policies: [{ policyItems: [{ frequencyType: 'hourly', frequencyInterval: 6 }] }] },
  backup_snapshot: { createdAt: '2026-06-01T00:00:00Z', status: 'completed' },
};

/** The values that the views require. */
const VALUES: Readonly<Record<string, Record<string, string | boolean>>> = {
  access_logs: { auth_result: false },
  alerts: { change: 'opened' },
  slow_queries: { plan_summary: 'COLLSCAN', is_user_query: true },
  query_shapes: { is_system_query: false },
  events: { actor_type: 'user' },
  inventory: { change: 'added' },
  collection_runs: { dataset: 'inventory', outcome: 'complete' },
};

const MEASUREMENTS: Readonly<Record<string, readonly string[]>> = {
  database_measurements: ['DATABASE_DATA_SIZE'],
  disk_measurements: ['DISK_PARTITION_SPACE_USED', 'DISK_PARTITION_SPACE_FREE'],
  process_measurements: ['OPLOG_REPLICATION_LAG_TIME'],
  search_measurements: ['JVM_CURRENT_MEMORY'],
};

const OF_A_DAY = ['alert_id', 'resource_id', 'partition_name'];

function rowsOf(table: Table, ts: number): AnyRow[] {
  // Each day has an alert, a resource and a disk of its own, so that no later day hides it.
  const names = table.columns.map(({ name }) => name).filter((name) => OF_A_DAY.includes(name));
  const own = Object.fromEntries(names.map((name) => [name, day(ts)]));
  // So has an index suggestion, by its cluster.
  const cluster = table.name.startsWith('index_suggestion') ? { cluster_name: day(ts) } : {};
  // A gap is longer than what is filled of it, so it is open.
  const gap = table.name === 'collection_gaps' ? { gap_end: ts + 1000 } : {};
  const row = anyRow(table, { ts, ...VALUES[table.name], ...own, ...cluster, ...gap });
  const rows = (MEASUREMENTS[table.name] ?? []).map((measurement) => ({ ...row, measurement }));
  if (rows.length > 0) return rows;
  if (table.name === 'inventory')
    return Object.entries(RESOURCES).map(([resource_type, document]) => ({
      ...row,
      resource_type,
      name: day(ts),
      // A change is one only if an earlier listing lacked it.
      parent: resource_type === 'project_user' ? 'all' : day(ts),
      document: JSON.stringify(document),
    }));
  return table.name === 'collection_runs' ? [row, row] : [row];
}

let lake: WrittenLake;
const objects: Array<{ key: string; distance: number }> = [];
beforeAll(async () => {
  lake = await createWrittenLake();
  for (const table of lakeTables) {
    for (const distance of table.name === 'cost_usage' ? MONTHS : DAYS) {
      const keys = await lake.write({ table, rows: rowsOf(table, THE_DAY + distance * DAY) });
      objects.push(...keys.map((key) => ({ key, distance })));
    }
  }
});
afterAll(() => lake?.remove());

/** Copies the lake. Nothing can read the copy's files of days that a query must not read. */
async function copyWithoutOthers(reads: DaysRead): Promise<string> {
  const copy = path.join(lake.folder, reads.replaceAll(' ', '-'));
  await cp(lake.bucket, path.join(copy, BUCKET), { recursive: true });
  for (const { key, distance } of objects) {
    if (!MAY_READ[reads](distance)) await writeFile(path.join(copy, BUCKET, key), 'not gzip');
  }
  return copy;
}

const the = (distance: number) => `'${day(THE_DAY + distance * DAY)}'`;

/** Conditions for the same day. */
const FILTERS = [
  `dt = ${the(0)}`,
  `dt BETWEEN ${the(0)} AND ${the(0)}`,
  `dt > ${the(-1)} AND dt < ${the(1)}`,
  `dt >= ${the(0)} AND dt < ${the(1)}`,
];

test.each(Object.keys(MAY_READ).filter(isDaysRead))(
  'a filter on one day makes views read only the files of %s',
  async (reads) => {
    const folder = await copyWithoutOthers(reads);
    await withLakeDatabase(folder, async (connection) => {
      for (const { name } of views.filter((view) => view.reads === reads)) {
        const all = await lake.ask(`SELECT * FROM ${name} ORDER BY ALL`);
        const expected = all.filter(({ dt }) => `'${dt}'` === the(0));
        expect(expected, name).not.toEqual([]);
        for (const filter of FILTERS) {
          const found = await queryRows(connection, `SELECT * FROM ${name} WHERE ${filter} ORDER BY ALL`);
          expect(found, `${name} WHERE ${filter}`).toEqual(expected);
        }
      }
      // The unreadable files are noticed.
      if (objects.some(({ distance }) => !MAY_READ[reads](distance)))
        await expect(queryRows(connection, 'SELECT count(value) FROM disk_measurements')).rejects.toThrow();
    });
  },
  120_000,
);

function isDaysRead(text: string): text is DaysRead {
  return text in MAY_READ;
}
