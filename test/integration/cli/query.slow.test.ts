import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockLake } from '../../../local-aws/lock.ts';
import { DAY } from '../../../shared/durations.ts';
import { lakeTables } from '../../../sql/tables.ts';
import { views } from '../../../sql/views.ts';
import { readmeQueries } from '../../support/readme-examples.ts';
import { runCli } from '../../support/run-cli.ts';
import { createSampleLake } from '../../support/sample-lake.ts';
import { createWrittenLake, type WrittenLake } from '../../support/written-lake.ts';
import {
  accessLogs,
  diskRow,
  diskTable,
  loginRow,
  rankedNamespaces,
  rankRow,
} from '../../support/written-rows.ts';

const START = Date.parse('2026-03-02T00:00:00Z');

let lake: WrittenLake;
beforeEach(async () => {
  lake = await createWrittenLake();
});
afterEach(() => lake.remove());

const query = (...args: readonly string[]) => runCli(['query', '--lake', lake.folder, ...args]);

/** Writes one disk point at the start of each day. Its value is the number of the day. */
async function writeDays(count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, index) =>
    diskRow({ measurement: 'DISK_PARTITION_SPACE_USED', ts: START + index * DAY, value: index }),
  );
  await lake.write({ table: diskTable, rows });
}

/** Writes an unreadable file for a table and day. */
async function plantUnreadable(table: string, day: string): Promise<void> {
  const folder = path.join(lake.bucket, table, `dt=${day}`);
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'unreadable.json.gz'), 'this is no gzip');
}

describe('formats', () => {
  beforeEach(async () => {
    await lake.write({
      table: accessLogs,
      rows: [
        loginRow({ ts: START + 1, record_id: 'a', username: 'say "hi", you', failure_reason: '' }),
        loginRow({ ts: START + 2, record_id: 'b', username: 'line\nfeed', auth_result: null }),
      ],
    });
  });
  const sql =
    'SELECT ts, username, auth_result, failure_reason, 9007199254740993 AS large FROM access_logs ORDER BY ts';

  test("json is an array of objects with the lake's value formats", async () => {
    const { code, stdout, stderr } = await query(sql, '--format', 'json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual([
      {
        ...{ ts: '2026-03-02 00:00:00.001', username: 'say "hi", you', auth_result: true },
        ...{ failure_reason: '', large: '9007199254740993' },
      },
      {
        ...{ ts: '2026-03-02 00:00:00.002', username: 'line\nfeed', auth_result: null },
        ...{ failure_reason: null, large: '9007199254740993' },
      },
    ]);
  });

  test('json without rows is an empty array', async () => {
    expect((await query('SELECT * FROM alerts', '--format', 'json')).stdout).toBe('[]\n');
  });

  test('csv distinguishes null from an empty text', async () => {
    expect((await query(sql, '--format', 'csv')).stdout).toBe(
      [
        'ts,username,auth_result,failure_reason,large',
        '2026-03-02 00:00:00.001,"say ""hi"", you",true,"",9007199254740993',
        '2026-03-02 00:00:00.002,"line\nfeed",,,9007199254740993',
        '',
      ].join('\n'),
    );
  });

  test('a table shows each row on one line and reports omitted rows', async () => {
    const { stdout } = await query(sql);
    expect(stdout).toContain('line feed');
    const many = await query('SELECT * FROM range(1500)');
    expect(many.stdout.trimEnd().split('\n')).toHaveLength(1001);
    expect(many.stderr).toBe('showing 1000 of 1500 rows; use --format csv or --format json to get all\n');
  });

  test('--output writes the complete result of any size', async () => {
    const file = path.join(lake.folder, 'answer.csv');
    const { stdout } = await query('SELECT * FROM range(300000)', '--format', 'csv', '--output', file);
    expect(stdout).toBe('');
    const lines = (await readFile(file, 'utf8')).split('\n');
    expect([lines.length, lines.at(-2)]).toEqual([300_002, '299999']);
  });
});

describe('tables', () => {
  test('a table without files is empty and has the declared columns and types', async () => {
    for (const table of lakeTables) {
      const described = await lake.ask(`SELECT column_name, column_type FROM (DESCRIBE ${table.name})`);
      const types = {
        string: 'VARCHAR',
        double: 'DOUBLE',
        int: 'INTEGER',
        bigint: 'BIGINT',
        boolean: 'BOOLEAN',
        timestamp: 'TIMESTAMP',
      };
      expect(described).toEqual([
        ...table.columns.map(({ name, type }) => ({ column_name: name, column_type: types[type] })),
        { column_name: 'dt', column_type: 'VARCHAR' },
      ]);
      expect(await lake.ask(`SELECT * FROM ${table.name}`)).toEqual([]);
    }
    for (const { name } of views) expect(await lake.ask(`SELECT * FROM ${name}`)).toEqual([]);
  });

  test('column types come from declarations, not from values', async () => {
    await lake.write({
      table: accessLogs,
      rows: [loginRow({ ts: START, record_id: '007', username: '12' })],
    });
    expect(await lake.ask('SELECT record_id, username, typeof(dt) AS type FROM access_logs')).toEqual([
      { record_id: '007', username: '12', type: 'VARCHAR' },
    ]);
  });

  test('emptied objects of dead runs have no rows', async () => {
    await writeDays(1);
    const emptied = path.join(lake.bucket, 'disk_measurements/dt=2026-03-02/x.json.gz');
    await writeFile(emptied, gzipSync(''));
    expect(await lake.ask('SELECT count(*) AS rows FROM disk_measurements')).toEqual([{ rows: 1 }]);
  });

  test('a folder whose name contains glob characters is readable', async () => {
    await writeDays(2);
    const strange = path.join(lake.folder, "it's [a]*?");
    await mkdir(path.join(strange, 'lake/disk_measurements/dt=2026-03-02'), { recursive: true });
    const [day] = await lake.ask('SELECT count(*) AS rows FROM disk_measurements');
    expect(day).toEqual({ rows: 2 });
    const file = path.join(strange, 'lake/disk_measurements/dt=2026-03-02/a.json.gz');
    await writeFile(file, gzipSync('{"value":7}\n'));
    const { stdout } = await runCli([
      'query',
      '--lake',
      strange,
      '--format',
      'csv',
      'SELECT value FROM disk_measurements',
    ]);
    expect(stdout).toBe('value\n7\n');
  });
});

describe('a constant filter on dt', () => {
  test('reads only the partitions that it names', async () => {
    await writeDays(3);
    await plantUnreadable('disk_measurements', '2026-03-04');
    const broken = await query('SELECT count(*) FROM disk_measurements');
    expect(broken.code).toBe(2);
    expect(broken.stderr).toMatch(/^atlas-lake: .*unreadable\.json\.gz\n$/);
    for (const filter of [
      "dt = '2026-03-03'",
      "dt IN ('2026-03-03')",
      "dt > '2026-03-02' AND dt < '2026-03-04'",
    ]) {
      expect(await lake.ask(`SELECT dt, value FROM disk_measurements WHERE ${filter}`)).toEqual([
        { dt: '2026-03-03', value: 1 },
      ]);
    }
  });

  test.each([
    ['hourly_measurements', 'disk_measurements'],
    ['failed_logins', 'access_logs'],
    ['dataset_freshness', 'collection_runs'],
    ['duplicate_rows', 'ranked_namespaces'],
  ])('reaches through the view %s', async (view, table) => {
    await plantUnreadable(table, '2026-03-04');
    await expect(lake.ask(`SELECT * FROM ${view}`)).rejects.toThrow('unreadable.json.gz');
    expect(await lake.ask(`SELECT * FROM ${view} WHERE dt = '2026-03-03'`)).toEqual([]);
  });

  test('disk_forecast reads only the last 14 days', async () => {
    await writeDays(20);
    await plantUnreadable('disk_measurements', '2026-03-02');
    expect(await lake.ask('SELECT used_bytes FROM disk_forecast')).toEqual([{ used_bytes: 19 }]);
  });

  test('returns the same rows of a view that reads the previous day', async () => {
    await lake.write({
      table: rankedNamespaces,
      rows: [0, 1, 2].map((index) =>
        rankRow({ ts: START + index * DAY, rank: 1, database: 'shop', collection: 'a' }),
      ),
    });
    const all = await lake.ask('SELECT * FROM hottest_namespaces');
    const its = all.filter(({ dt }) => dt === '2026-03-04');
    expect(its).toEqual([expect.objectContaining({ previous_rank: 1, movement: 0 })]);
    expect(await lake.ask("SELECT * FROM hottest_namespaces WHERE dt = '2026-03-04'")).toEqual(its);
  });
});

test("README's queries return the same rows before and after compaction", async () => {
  const sample = await createSampleLake();
  try {
    const queries = await readmeQueries();
    expect(queries).toHaveLength(3);
    const ask = (sql: string) => runCli(['query', '--lake', sample.folder, '--format', 'csv', sql]);
    const before = await Promise.all(queries.map(ask));
    for (const { stdout, stderr } of before) {
      expect(stderr).toBe('');
      expect(stdout.split('\n').length).toBeGreaterThan(3);
    }
    expect((await runCli(['compact', '--lake', sample.folder])).code).toBe(0);
    expect(await Promise.all(queries.map(ask))).toEqual(before);
  } finally {
    await sample.remove();
  }
});

describe('the command', () => {
  test('lists every table and view without a query', async () => {
    const { code, stdout } = await runCli(['query']);
    expect(code).toBe(0);
    for (const { name, description } of [...lakeTables, ...views]) {
      expect(stdout).toContain(name);
      expect(stdout).toContain(description);
    }
  });

  test.each([
    ['SELEC 1', 'atlas-lake: Parser Error: syntax error at or near "SELEC"\n'],
    ['SELECT nothing FROM alerts', /^atlas-lake: Binder Error: Referenced column "nothing" not found .*\n$/],
    ["SELECT CAST('x' AS INT)", /^atlas-lake: Conversion Error: .*\n$/],
  ])('prints one line for the error in %s', async (sql, message) => {
    const { code, stdout, stderr } = await query(sql);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  test('prints one line for a folder without a lake', async () => {
    const { code, stderr } = await runCli(['query', '--lake', path.join(lake.folder, 'no'), 'SELECT 1']);
    expect(code).toBe(2);
    expect(stderr).toBe(
      `atlas-lake: there is no lake in ${path.join(lake.folder, 'no')}: collect first, or choose another folder (--lake DIR)\n`,
    );
  });

  test('queries a lake that a collector has locked', async () => {
    await writeDays(1);
    const lock = await lockLake(lake.folder);
    try {
      const { stdout } = await query('SELECT value FROM disk_measurements', '--format', 'csv');
      expect(stdout).toBe('value\n0\n');
    } finally {
      await lock.release();
    }
  });
});
