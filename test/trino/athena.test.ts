import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ServiceError } from '../support/state-machine.ts';
import { type Lakehouse, startLakehouse } from './lakehouse.ts';

let house: Lakehouse;
beforeAll(async () => {
  house = await startLakehouse({ catalog: { landingDays: 2 } });
});
afterAll(() => house.close());

/** Creates an Iceberg table as Athena does. */
function createTable(name: string, properties = ''): Promise<unknown> {
  return house.athena.run(
    `CREATE TABLE IF NOT EXISTS \`${name}\` (\`id\` string, n int COMMENT 'a, b', ts timestamp, value double) PARTITIONED BY (day(ts), bucket(4, id)) LOCATION 's3://${house.bucket}/iceberg/${name}/' TBLPROPERTIES ('table_type' = 'ICEBERG', 'format' = 'parquet', 'write_compression' = 'zstd'${properties})`,
  );
}

const merge = (table: string) =>
  `MERGE INTO ${table} AS t USING (VALUES ('a', 2), ('b', 3)) AS s (id, n) ON t.id = s.id WHEN MATCHED THEN UPDATE SET n = s.n WHEN NOT MATCHED THEN INSERT (id, n, ts, value) VALUES (s.id, s.n, TIMESTAMP '2026-01-02 00:00:00.000001', 0e0)`;

describe('Iceberg tables in the catalog of Hive tables', () => {
  test('MERGE changes an Iceberg table through the redirection, and the repeated MERGE changes no value', async () => {
    await createTable('merged');
    await house.athena.run(`INSERT INTO merged VALUES ('a', 1, TIMESTAMP '2026-01-01 00:00:00', 1.5e10)`);
    const expected = [
      ['a', '2', '2026-01-01 00:00:00.000000', '1.5E10'],
      ['b', '3', '2026-01-02 00:00:00.000001', '0.0'],
    ];
    for (let time = 0; time < 2; time += 1) {
      await house.athena.run(merge('merged'));
      expect(
        await house.athena.run(`SELECT * FROM awsdatacatalog.${house.database}.merged ORDER BY id`),
      ).toEqual(expected);
    }
    expect(
      await house.trino.ask('SELECT operation FROM "merged$snapshots" WHERE operation = \'overwrite\''),
    ).toHaveLength(2);
    expect(await house.athena.run("DELETE FROM merged WHERE id = 'a'")).toEqual([]);
    expect(await house.athena.run('SELECT id FROM merged')).toEqual([['b']]);
  });

  test('a view reads an Iceberg table and a Hive table together', async () => {
    await createTable('mixed');
    await house.athena.run(merge('mixed'));
    await house.athena.run(
      'CREATE OR REPLACE VIEW both AS SELECT mixed.id AS id, alerts.alert_id AS alert_id FROM mixed LEFT JOIN alerts_landing AS alerts ON alerts.project_id = mixed.id',
    );
    expect(await house.athena.run('SELECT * FROM both ORDER BY id')).toEqual([
      ['a', null],
      ['b', null],
    ]);
  });

  test('a write to more than 100 partitions is refused, as in Athena', async () => {
    await createTable('wide');
    const insert = (days: number) =>
      `INSERT INTO wide SELECT 'a', 1, CAST(TIMESTAMP '2026-01-01 00:00:00' + day * INTERVAL '1' DAY AS timestamp(6)), 1e0 FROM UNNEST(sequence(1, ${days})) AS days (day)`;
    const refused = await house.athena
      .run(insert(101))
      .catch((error: Error) => error instanceof ServiceError && error.explanation);
    expect(refused).toMatch('ICEBERG_TOO_MANY_OPEN_PARTITIONS');
    await house.athena.run(insert(100));
    expect(await house.athena.run('SELECT count(*) FROM wide')).toEqual([['100']]);
  });
});

describe('translations', () => {
  test('ADD COLUMNS adds each column, which is null in old rows', async () => {
    await createTable('grown');
    await house.athena.run(merge('grown'));
    await house.athena.run('ALTER TABLE grown ADD COLUMNS (x string, `y` timestamp)');
    expect(await house.athena.run("SELECT x, y FROM grown WHERE id = 'a'")).toEqual([[null, null]]);
    const columns = await house.trino.ask('DESCRIBE grown');
    expect(columns.map(({ Column, Type }) => `${Column} ${Type}`)).toEqual([
      'id varchar',
      'n integer',
      'ts timestamp(6)',
      'value double',
      'x varchar',
      'y timestamp(6)',
    ]);
  });

  test('OPTIMIZE rewrites small files, and VACUUM removes the old snapshots with their files', async () => {
    await createTable('tidy', ", 'vacuum_max_snapshot_age_seconds' = '0'");
    for (const n of [1, 2, 3]) {
      await house.athena.run(`INSERT INTO tidy VALUES ('a', ${n}, TIMESTAMP '2026-01-01 00:00:00', 0e0)`);
    }
    const count = async (what: string) =>
      (await house.trino.ask(`SELECT count(*) AS n FROM "tidy$${what}"`))[0]?.['n'];
    expect(await count('files')).toBe(3);
    await house.athena.run(
      "OPTIMIZE tidy REWRITE DATA USING BIN_PACK WHERE ts < TIMESTAMP '2026-01-01 00:00:00'",
    );
    expect(await count('files')).toBe(3);
    await house.athena.run('OPTIMIZE tidy REWRITE DATA USING BIN_PACK');
    expect(await count('files')).toBe(1);
    expect(await count('snapshots')).toBeGreaterThan(3);
    await house.athena.run('VACUUM tidy');
    expect(await count('snapshots')).toBe(1);
    expect(await house.athena.run('SELECT n FROM tidy ORDER BY n')).toEqual([['1'], ['2'], ['3']]);
  });

  test('UNLOAD writes Parquet to an empty location and leaves no table', async () => {
    await createTable('source');
    await house.athena.run(merge('source'));
    const location = `s3://${house.bucket}/unloaded/`;
    await house.athena.run(
      `UNLOAD (SELECT id, n FROM source) TO '${location}' WITH (format = 'PARQUET', compression = 'ZSTD')`,
    );
    expect(await house.trino.ask("SHOW TABLES LIKE 'unload%'")).toEqual([]);
    await house.trino.run(
      `CREATE TABLE again (id varchar, n integer) WITH (external_location = '${location}', format = 'PARQUET')`,
    );
    expect(await house.athena.run('SELECT * FROM again ORDER BY id')).toEqual([
      ['a', '2'],
      ['b', '3'],
    ]);
  });
});

describe("Athena's API", () => {
  const runToEnd = async (QueryString: string) =>
    house.athena.service('arn:aws:states:::athena:startQueryExecution.sync', {
      QueryString,
      QueryExecutionContext: { Database: house.database },
    });

  test('a result has pages of at most 1,000 rows, and its first row names the columns', async () => {
    const { QueryExecutionId } = house.athena.startQueryExecution({
      QueryString:
        'SELECT n, CAST(n AS double) AS d, NULLIF(n, 2) AS x FROM UNNEST(sequence(1, 2500)) AS numbers (n)',
    });
    expect(house.athena.getQueryExecution({ QueryExecutionId }).QueryExecution.Status.State).toBe('RUNNING');
    await expect
      .poll(() => house.athena.getQueryExecution({ QueryExecutionId }).QueryExecution.Status.State, {
        timeout: 60_000,
      })
      .toBe('SUCCEEDED');
    const sizes: number[] = [];
    let page = house.athena.getQueryResults({ QueryExecutionId });
    expect(page.ResultSet.Rows[0]).toEqual({
      Data: ['n', 'd', 'x'].map((VarCharValue) => ({ VarCharValue })),
    });
    expect(page.ResultSet.Rows[2]).toEqual({ Data: [{ VarCharValue: '2' }, { VarCharValue: '2.0' }, {}] });
    for (;;) {
      sizes.push(page.ResultSet.Rows.length);
      if (page.NextToken === undefined) break;
      page = house.athena.getQueryResults({ QueryExecutionId, NextToken: page.NextToken });
    }
    expect(sizes).toEqual([1000, 1000, 501]);
  });

  test('a failed statement fails its task with the reason, and has no result', async () => {
    const failure = await runToEnd('SELECT * FROM nothing').catch((error: Error) => error);
    expect(failure).toMatchObject({
      message: 'States.TaskFailed',
      explanation: expect.stringContaining('TABLE_NOT_FOUND'),
    });
  });
});
