import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCli, startCli } from '../../support/run-cli.ts';
import { createWrittenLake, type WrittenLake } from '../../support/written-lake.ts';
import { accessLogs, diskRow, diskTable, loginRow } from '../../support/written-rows.ts';

const START = Date.parse('2026-03-02T00:00:00Z');
const MAIN = fileURLToPath(new URL('../../../cli/main.js', import.meta.url));

let lake: WrittenLake;
beforeEach(async () => {
  lake = await createWrittenLake();
  await lake.write(
    {
      table: diskTable,
      rows: [diskRow({ measurement: 'DISK_PARTITION_SPACE_USED', ts: START, value: 7e9 })],
    },
    { table: accessLogs, rows: [loginRow({ ts: START, record_id: 'a', username: '=1+1' })] },
  );
});
afterEach(() => lake.remove());

const query = (...args: readonly string[]) => runCli(['query', '--lake', lake.folder, ...args]);

/** Runs the command line with a text as its standard input. */
async function withInput(args: readonly string[], input: string) {
  const child = spawn(process.execPath, [MAIN, ...args, '--lake', lake.folder]);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    output.stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output.stderr += chunk.toString();
  });
  child.stdin.end(input);
  await once(child, 'close');
  return { code: child.exitCode, ...output };
}

describe('a query only reads the lake', () => {
  test('statements that write, attach or open another file fail with one line', async () => {
    const outside = path.join(lake.folder, 'outside.csv');
    await writeFile(outside, 'a\n1\n');
    const inside = path.join(lake.bucket, 'made');
    const statements = [
      `COPY (SELECT 1) TO '${inside}'`,
      `EXPLAIN ANALYZE COPY (SELECT 1) TO '${inside}'`,
      `EXPORT DATABASE '${inside}'`,
      `ATTACH '${inside}'`,
      'INSTALL httpfs',
      'LOAD httpfs',
      'SET enable_external_access = true',
      'RESET lock_configuration',
      'PRAGMA enable_profiling',
      `PREPARE p AS COPY (SELECT 1) TO '${inside}'; EXECUTE p`,
      `WITH a AS (SELECT 1) INSERT INTO disk_measurements SELECT * FROM disk_measurements`,
      `SELECT * FROM read_text('${outside}')`,
      `SELECT * FROM '${outside}'`,
      `SELECT * FROM read_text('${lake.bucket}/../outside.csv')`,
      "SELECT * FROM glob('/etc/*')",
      `CREATE TABLE a AS FROM read_csv('${outside}')`,
    ];
    const script = path.join(lake.folder, 'out');
    await mkdir(script);
    for (const sql of statements) {
      const { code, stdout, stderr } = await query(sql);
      expect({ sql, code, stdout }).toEqual({ sql, code: 2, stdout: '' });
      expect(stderr).toMatch(/^atlas-lake: .+\n$/);
    }
    await expect(access(inside)).rejects.toThrow('ENOENT');
    expect(await readdir(lake.bucket)).toEqual(['access_logs', 'disk_measurements']);
  }, 120_000);

  test('the message says what is not possible and what to do instead', async () => {
    expect((await query("COPY (SELECT 1) TO 'x.csv'")).stderr).toBe(
      'atlas-lake: queries only read, so COPY is not possible; --output FILE writes a result to a file\n',
    );
    expect((await query("SELECT * FROM read_text('/etc/passwd')")).stderr).toBe(
      'atlas-lake: queries can only read the lake, not "/etc/passwd"; --output FILE writes a result to a file\n',
    );
  });

  test('a wrong statement is found before the first one runs', async () => {
    const { code, stdout, stderr } = await query('SELECT 1 AS one; SELEC 2');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/syntax error at or near "SELEC"\n$/);
  });
});

describe('statements', () => {
  test('several statements print one table each', async () => {
    const { stdout } = await query('CREATE VIEW a AS SELECT 1 AS one; FROM a; SELECT 2 AS two;');
    expect(stdout).toBe('one\n  1\n\ntwo\n  2\n');
  });

  test('a format for programs needs exactly one result', async () => {
    const two = await query('SELECT 1; SELECT 2', '--format', 'csv');
    expect(two).toMatchObject({ code: 2, stdout: '' });
    expect(two.stderr).toContain('--format csv has room for one result');
    const one = await query('CREATE VIEW a AS SELECT 1 AS one; FROM a', '--format', 'csv');
    expect(one.stdout).toBe('one\n1\n');
  });

  test('a PIVOT has one result', async () => {
    const { stdout } = await query(
      'PIVOT disk_measurements ON measurement USING max(value) GROUP BY dt',
      '--format',
      'csv',
    );
    expect(stdout).toBe('dt,DISK_PARTITION_SPACE_USED\n2026-03-02,7000000000\n');
  });

  test.each(['', ' ; ', '/* nothing */'])('an empty query such as %j is refused', async (sql) => {
    const { code, stderr } = await query(sql);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^atlas-lake: the query is empty: .*\n$/);
  });

  test.each([[['query']], [['query', '-']]])('%j reads SQL from the standard input', async (args) => {
    const { code, stdout } = await withInput([...args, '--format', 'csv'], 'SELECT 1\n  AS one;\n');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'one\n1\n' });
  });
});

describe('formats', () => {
  test('csv neutralises texts that a spreadsheet would run, and keeps numbers', async () => {
    const sql = `SELECT username, '@a' AS a, '-x' AS b, '+1' AS c, -1.5 AS d, -9007199254740993 AS e, e'\\t=1' AS "=f" FROM access_logs`;
    expect((await query(sql, '--format', 'csv')).stdout).toBe(
      `username,a,b,c,d,e,'=f\n'=1+1,'@a,'-x,+1,-1.5,-9007199254740993,'\t=1\n`,
    );
    expect((await query(sql, '--format', 'csv', '--raw-csv')).stdout).toBe(
      'username,a,b,c,d,e,=f\n=1+1,@a,-x,+1,-1.5,-9007199254740993,\t=1\n',
    );
  });

  test('parquet keeps types, and replaces the file only when it is complete', async () => {
    const file = path.join(lake.folder, "it's.parquet");
    const write = (sql: string) => query(sql, '--format', 'parquet', '-o', file);
    expect(await write('SELECT ts, value FROM disk_measurements -- all')).toMatchObject({
      code: 0,
      stderr: '',
    });
    const before = await readFile(file);
    expect(before.subarray(0, 4).toString()).toBe('PAR1');
    expect(await write("SELECT CAST('x' AS int)")).toMatchObject({ code: 2 });
    expect(await readFile(file)).toEqual(before);
    expect((await readdir(lake.folder)).sort()).toEqual(["it's.parquet", 'lake']);
    expect((await query('SELECT 1', '--format', 'parquet')).stderr).toContain('needs --output FILE');
  });

  test('vertical shows each column of a row on its own line', async () => {
    const { stdout } = await query(
      'SELECT 1 AS a, NULL AS bcd UNION ALL SELECT 1234, 5',
      '--format',
      'vertical',
    );
    expect(stdout).toBe('row 1\na    1\nbcd\n\nrow 2\na    1,234\nbcd  5\n');
  });

  test('a table shows bytes with their unit', async () => {
    const { stdout } = await query('SELECT 34242123776 AS used_bytes, 34242123776 AS rows');
    expect(stdout).toBe('used_bytes            rows\n34.2 GB     34,242,123,776\n');
  });
});

test('Ctrl-C interrupts a running query at once', { timeout: 30_000 }, async () => {
  const endless = 'SELECT count(*) FROM range(1000000000000) WHERE sqrt(range) > 5';
  const { child, result } = startCli(['query', '--lake', lake.folder, `SELECT 1 AS one; ${endless}`]);
  await once(child.stdout ?? child, 'data');
  const before = performance.now();
  child.kill('SIGINT');
  expect(await result).toEqual({ code: 130, stdout: 'one\n  1\n', stderr: 'Interrupted.\n' });
  expect(performance.now() - before).toBeLessThan(5_000);
});

describe('the shell', () => {
  test('answers statements of several lines and dot commands', async () => {
    const { code, stdout, stderr } = await withInput(
      ['sql'],
      'SELECT 1\n  AS one;\n.schema access_logs\n.tables\nSELECT 2 AS two; SELECT 3 AS three\n',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^one\n {2}1\ncolumn +type +description\nproject_id +varchar/);
    expect(stdout).toMatch(/\ndataset_freshness {2,}How far/);
    expect(stdout).toMatch(/\ntwo\n {2}2\nthree\n {4}3\n$/);
  });

  test('continues after a wrong statement, and exits with 2', async () => {
    const { code, stdout, stderr } = await withInput(['sql'], 'SELEC 1;\n.nothing\nSELECT 2 AS two;\n');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'Parser Error: syntax error at or near "SELEC"\n',
    });
    expect(stdout).toBe('unknown command ".nothing": .help lists the commands\ntwo\n  2\n');
  });
});
