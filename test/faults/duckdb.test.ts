import path from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestAws, type TestAws } from '../support/test-aws.ts';

let aws: TestAws;
beforeEach(async () => {
  aws = await startTestAws();
});
afterEach(() => aws.close());

test('DuckDB reads a partition with emptied objects of both compressions, and keeps its timestamps unchanged', async () => {
  const folder = 'disk_measurements/dt=2026-03-02';
  await aws.lake.empty(`${folder}/a.json.gz`, null);
  const [first = '', second = ''] = [1, 2].map(
    (value) => `${JSON.stringify({ ts: `2026-03-02 12:00:0${value}.500`, value })}\n`,
  );
  await aws.lake.create(`${folder}/b.json.gz`, gzipSync(first));
  await aws.lake.create(`${folder}/c.json.zst`, zstdCompressSync(second));
  await aws.lake.empty(`${folder}/d.json.zst`, null);
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const files = path.join(aws.bucket, 'disk_measurements/*/*.json.[gz]*');
  const answer = await connection.runAndReadAll(
    `SELECT dt::VARCHAR AS dt, typeof(ts) AS type, epoch_ms(max(ts)) AS newest, sum(value)::INT AS sum
     FROM read_json('${files}', format = 'newline_delimited', hive_partitioning = true) GROUP BY ALL`,
  );
  expect(answer.getRowObjects()).toEqual([
    { dt: '2026-03-02', type: 'TIMESTAMP', newest: BigInt(Date.UTC(2026, 2, 2, 12, 0, 2, 500)), sum: 3 },
  ]);
  connection.closeSync();
});

test('DuckDB reads a partition whose objects are all empty', async () => {
  await aws.lake.empty('disk_measurements/dt=2026-03-02/a.json.gz', null);
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const files = path.join(aws.bucket, 'disk_measurements/*/*.json.gz');
  const answer = await connection.runAndReadAll(
    `SELECT count(*)::INT AS rows FROM read_json('${files}', format = 'newline_delimited', columns = {ts: 'TIMESTAMP'})`,
  );
  expect(answer.getRowObjects()).toEqual([{ rows: 0 }]);
  connection.closeSync();
});
