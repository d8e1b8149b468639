import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { DeleteTableCommand, GetTableCommand, GlueClient, UpdateTableCommand } from '@aws-sdk/client-glue';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eraseFromIceberg } from '../../cli/erasure/erase-iceberg.ts';
import { eraseUser } from '../../cli/erasure/erase-user.ts';
import { DAY, HOUR } from '../../shared/durations.ts';
import { LakeRewriter } from '../../shared/lake/lake-rewriter.ts';
import type { AnyRow } from '../../shared/lake/table.ts';
import { lakeTables } from '../../sql/tables.ts';
import { ADDED, appendTo } from '../support/appended-columns.ts';
import { type BatchEnd, projectNumber, writeBatch } from '../support/committed-lake.ts';
import { EXTERNAL_CREDENTIALS } from '../support/external-aws.ts';
import type { Service } from '../support/state-machine.ts';
import { accessLogs, alertRow, alerts, diskRow, diskTable, loginRow } from '../support/written-rows.ts';
import { type Lakehouse, servers, startLakehouse } from './lakehouse.ts';
import { type Publishing, startPublishing } from './publishing.ts';

const T = Math.floor(Date.now() / DAY) * DAY;
const TABLES = [diskTable, alerts, accessLogs];

let house: Lakehouse;
let publishing: Publishing;
let glue: GlueClient;
let batches = 1_772_000_000;
beforeAll(async () => {
  house = await startLakehouse();
  glue = new GlueClient({ region: 'us-east-1', endpoint: servers().aws, credentials: EXTERNAL_CREDENTIALS });
  publishing = await startPublishing(house, lakeTables);
}, 300_000);
afterAll(async () => {
  await publishing?.close();
  glue?.destroy();
  house?.close();
});

const point = (measurement: string, ts: number, value: number) => diskRow({ measurement, ts, value });

function commit(rows: Parameters<typeof writeBatch>[2], end: BatchEnd = 'committed', batch?: number) {
  batches += 1;
  const scope = { dataset: 'disk_measurements', subject: projectNumber(1) };
  return writeBatch(publishing.objects, { ...scope, batch: batch ?? batches, end }, rows);
}
const disk = (...rows: AnyRow[]) => [{ table: diskTable, rows }];

/** Returns the values of a measurement, in order. */
async function values(measurement: string): Promise<unknown[]> {
  const rows = await house.trino.ask(
    `SELECT value FROM disk_measurements WHERE measurement = '${measurement}' ORDER BY ts, value`,
  );
  return rows.map(({ value }) => value);
}

test('a batch that is pending when it is listed is not published, neither before nor after it is given up', async () => {
  await commit(disk(point('A', T, 1)));
  batches += 1;
  const pending = batches;
  await commit(disk(point('A', T + 1, 2)), 'pending', pending);
  await publishing.execute();
  expect(await values('A')).toEqual([1]);
  await commit([], 'given-up', pending);
  await commit(disk(point('A', T + 2, 3)));
  await publishing.execute();
  expect(await values('A')).toEqual([1, 3]);
});

describe('after a restore of the bucket', () => {
  const name = accessLogs.name;
  const usernames = async () => {
    const rows = await house.trino.ask(
      `SELECT username FROM ${name} WHERE record_id LIKE 'R%' ORDER BY record_id`,
    );
    return rows.map(({ username }) => username);
  };
  const login = (number: number) =>
    commit([
      {
        table: accessLogs,
        rows: [loginRow({ ts: T + number, record_id: `R${number}`, username: `${number}` })],
      },
    ]);
  const removeAll = async (prefix: string) => {
    for (const key of await publishing.objects.list(prefix)) await publishing.objects.remove(key);
  };

  test('a table whose entry and files were deleted has all rows after the next publication', async () => {
    await login(1);
    await publishing.execute();
    await glue.send(new DeleteTableCommand({ DatabaseName: house.database, Name: name }));
    await removeAll(`iceberg/${name}/`);
    await removeAll('publication/');
    await login(2);
    await publishing.execute();
    expect(await usernames()).toEqual(['1', '2']);
  });

  test('a table whose entry names an earlier metadata file has all rows after the next publication', async () => {
    const request = { DatabaseName: house.database, Name: name };
    const before = (await glue.send(new GetTableCommand(request))).Table;
    const earlier = new Set(await publishing.objects.list(`iceberg/${name}/`));
    await login(3);
    await publishing.execute();
    expect(await usernames()).toEqual(['1', '2', '3']);
    const { Table } = await glue.send(new GetTableCommand(request));
    expect(Table?.Parameters?.['metadata_location']).not.toBe(before?.Parameters?.['metadata_location']);
    const { TableType, StorageDescriptor, Parameters } = before ?? {};
    await glue.send(
      new UpdateTableCommand({
        DatabaseName: house.database,
        TableInput: { Name: name, TableType, StorageDescriptor, Parameters },
      }),
    );
    for (const key of await publishing.objects.list(`iceberg/${name}/`)) {
      if (!earlier.has(key)) await publishing.objects.remove(key);
    }
    expect(await usernames()).toEqual(['1', '2']);
    await removeAll('publication/');
    await publishing.execute();
    expect(await usernames()).toEqual(['1', '2', '3']);
  });

  test('a table that someone drops is filled again', async () => {
    await house.trino.run(`DROP TABLE ${name}`);
    await publishing.execute();
    expect(await usernames()).toEqual(['1', '2', '3']);
    expect(publishing.restarts).toEqual([name]);
  });
});

test('an execution that dies at each of its tasks, before or after the effect, loses and duplicates no row', async () => {
  const tasks = 5;
  for (let dies = 1; dies <= 2 * tasks; dies += 1) {
    await commit(disk(point('B', T + dies, dies)));
    let left = Math.ceil(dies / 2);
    const dying: Service = async (resource, argument) => {
      left -= 1;
      if (left > 0) return publishing.service(resource, argument);
      if (dies % 2 === 0) await publishing.service(resource, argument);
      throw new Error('died');
    };
    await publishing.execute(dying).catch(() => {});
    publishing.wait(4 * HOUR);
  }
  await publishing.execute();
  expect(await values('B')).toEqual(Array.from({ length: 2 * tasks }, (_, index) => index + 1));
}, 600_000);

test('1,400 days of a table by day and of one by month are published, late days too', async () => {
  const days = Array.from({ length: 1_400 }, (_, number) => T - number * DAY);
  await commit([
    { table: diskTable, rows: days.map((ts, number) => point('C', ts, number)) },
    {
      table: alerts,
      rows: days.map((ts, number) =>
        alertRow({ alert_id: `C${number}`, change: 'opened', status: 'OPEN', created: ts, ts }),
      ),
    },
  ]);
  await publishing.execute();
  await commit(disk(point('C', T - 1_000 * DAY + 1, -1)));
  await publishing.execute();
  const counts = await house.trino.ask(
    `SELECT (SELECT count(DISTINCT dt) FROM disk_measurements WHERE measurement = 'C') AS days, (SELECT count(*) FROM disk_measurements WHERE measurement = 'C') AS points, (SELECT count(DISTINCT dt) FROM alerts WHERE alert_id LIKE 'C%') AS alerts`,
  );
  expect(counts).toEqual([{ days: 1_400, points: 1_401, alerts: 1_400 }]);
}, 900_000);

describe('ugly rows', () => {
  const texts = [
    '\u2028\u2029',
    'a\u0000b',
    '🦀 é\u0301',
    'x'.repeat(1_000_000),
    '"\\/\b\f\n\r\t',
    '\ufeff',
    '',
  ];
  const numbers = [1e308, -1e308, 5e-324, 2 ** 53 + 2, -(2 ** 60), 0.1];
  const times = [Date.parse('0001-01-01T00:00:00.001Z'), Date.parse('9999-12-31T23:59:59.999Z')];

  test('texts, numbers and years at the limits arrive as they were written', async () => {
    const logins = texts.map((username, index) =>
      loginRow({ ts: T + index, record_id: `D${index}`, username }),
    );
    await commit([
      { table: accessLogs, rows: logins },
      ...disk(...numbers.map((value, index) => point('D', T + index, value))),
      ...disk(...times.map((ts) => ({ ...point('E', ts, 1), collected_at: T }))),
    ]);
    await publishing.execute();
    const rows = await house.trino.ask(
      `SELECT username FROM access_logs WHERE record_id LIKE 'D%' ORDER BY record_id`,
    );
    expect(rows.map(({ username }) => username)).toEqual(texts);
    expect(await values('D')).toEqual(numbers);
    const years = await house.trino.ask(
      `SELECT CAST(ts AS varchar) AS ts, dt FROM disk_measurements WHERE measurement = 'E' ORDER BY dt`,
    );
    expect(years).toEqual([
      { ts: '0001-01-01 00:00:00.001000', dt: '0001-01-01' },
      { ts: '9999-12-31 23:59:59.999000', dt: '9999-12-31' },
    ]);
  }, 300_000);
});

test('an appended column is added by the next publication, and is null in older rows', async () => {
  await commit(disk(point('F', T, 1)));
  await publishing.execute();
  const later = await startPublishing(house, lakeTables.map(appendTo));
  try {
    await later.execute();
    const names = ADDED.map(({ name }) => name).join(', ');
    const [row] = await house.trino.ask(`SELECT ${names} FROM disk_measurements WHERE measurement = 'F'`);
    expect(row).toEqual(Object.fromEntries(ADDED.map(({ name }) => [name, null])));
  } finally {
    await later.close();
  }
}, 300_000);

test('an erased person is in no row, no snapshot and no file of an Iceberg table', async () => {
  const user = 'ann@example.com';
  const about = (record_id: string, username: string) => loginRow({ ts: T, record_id, username });
  const change = { alert_id: 'G', created: T, ts: T };
  await commit([
    { table: accessLogs, rows: [about('G1', user), about('G2', `joann@example.com`)] },
    {
      table: alerts,
      rows: [
        alertRow({ ...change, change: 'opened', status: 'OPEN', document: JSON.stringify({ by: user }) }),
        alertRow({
          ...change,
          change: 'acknowledged',
          status: 'OPEN',
          acknowledging_username: user,
          revision: 2,
        }),
      ],
    },
  ]);
  await publishing.execute();
  const run = (statement: string) => house.athena.run(statement);
  const where = { tables: TABLES, database: house.database, bucket: house.bucket, run, wait: setTimeout };
  const only = (await eraseFromIceberg(where, user, false)).filter(
    ({ removed, changed }) => removed + changed > 0,
  );
  expect(only).toEqual([
    { table: 'alerts', removed: 0, changed: 2 },
    { table: 'access_logs', removed: 1, changed: 0 },
  ]);
  const lake = new LakeRewriter(house.s3, house.bucket);
  await eraseUser({ tables: TABLES, lake, readHeaders: async () => [], user, apply: true });
  await eraseFromIceberg(where, user, true);
  await publishing.execute();
  const left = await house.trino.ask(
    `SELECT username FROM access_logs WHERE record_id LIKE 'G%' UNION ALL SELECT acknowledging_username FROM alerts WHERE alert_id = 'G' AND change = 'acknowledged' ORDER BY 1`,
  );
  expect(left.map(({ username }) => username)).toEqual(['[erased]', 'joann@example.com']);
  expect(await filesThatContain(user)).toEqual([]);
  expect(await filesThatContain('joann@example.com')).not.toEqual([]);
}, 300_000);

/** Returns the Parquet files of the bucket that contain a text in any column. */
async function filesThatContain(text: string): Promise<string[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'atlas-lake-erased-'));
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const found: string[] = [];
  try {
    for (const [index, key] of (await publishing.objects.list('iceberg/')).entries()) {
      if (!key.endsWith('.parquet')) continue;
      // DuckDB caches what it reads by the name of the file.
      const file = path.join(folder, `${index}.parquet`);
      await writeFile(file, (await publishing.objects.read(key)) ?? Buffer.alloc(0));
      const reader = await connection.runAndReadAll(
        `SELECT count(*) FROM read_parquet('${file}') AS one WHERE regexp_matches(CAST(one AS varchar), '(^|[^a-z])${text.replaceAll('.', '\\.')}')`,
      );
      if (Number(reader.getRows()[0]?.[0]) > 0) found.push(key);
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true });
  }
  return found;
}

test('nightly maintenance keeps every row', async () => {
  const count = () => house.trino.ask('SELECT count(*) AS rows FROM disk_measurements');
  const before = await count();
  publishing.wait(DAY);
  const started = house.athena.statements.length;
  publishing.wait(12 * HOUR);
  await publishing.execute();
  const nightly = house.athena.statements.slice(started).filter((sql) => /^(?:OPTIMIZE|VACUUM)/.test(sql));
  expect(nightly).toHaveLength(2 * lakeTables.length);
  expect(await count()).toEqual(before);
}, 300_000);
