import { afterEach, beforeEach, expect, test } from 'vitest';
import { HOUR } from '../../../shared/durations.ts';
import { projectNumber, writeBatch } from '../../support/committed-lake.ts';
import { createIcebergStandIn, type IcebergStandIn } from '../../support/iceberg-stand-in.ts';
import { createPublication, publish, type TestPublication } from '../../support/publication.ts';
import { startTestAws, type TestAws } from '../../support/test-aws.ts';
import { alertRow, alerts, diskRow, diskTable } from '../../support/written-rows.ts';

/** Iceberg tables that someone dropped. */

const T = Date.parse('2026-03-02T01:00:00Z');
const TABLES = [diskTable, alerts];

let aws: TestAws;
let iceberg: IcebergStandIn;
let now: number;
let executions = 0;
beforeEach(async () => {
  aws = await startTestAws();
  iceberg = await createIcebergStandIn(aws.bucket, () => TABLES);
  now = T;
});
afterEach(async () => {
  iceberg.close();
  await aws.close();
});

const publication = () => createPublication(aws, iceberg, { tables: TABLES, now: () => now });

function execute(which: TestPublication = publication(), run = iceberg.run) {
  executions += 1;
  return publish(which, run, `execution-${executions}`);
}

async function commit(number: number, batch = 1_772_000_000 + number): Promise<void> {
  const change = { alert_id: `${number}`, change: 'opened', status: 'OPEN', created: T, ts: T };
  await writeBatch(
    aws.lake,
    { dataset: 'disk_measurements', subject: projectNumber(1), batch, end: 'committed' },
    [
      {
        table: diskTable,
        rows: [diskRow({ measurement: 'DISK_QUEUE_DEPTH', ts: T + number, value: number })],
      },
      { table: alerts, rows: [alertRow(change)] },
    ],
  );
}

const drop = () => iceberg.ask('DROP TABLE atlas_lake.disk_measurements');
const values = async () =>
  (await iceberg.ask('SELECT value FROM atlas_lake.disk_measurements ORDER BY ALL')).map(
    ({ value }) => value,
  );
const merges = (table: string) =>
  iceberg.statements.filter((sql) => sql.startsWith(`MERGE INTO "atlas_lake"."${table}"`)).length;

test('a dropped table is created again with all of its rows, is reported once, and no other table is published again', async () => {
  await commit(1);
  await commit(2, 7);
  await execute();
  await drop();
  await commit(3);
  const one = publication();
  await execute(one);
  expect(await values()).toEqual([1, 2, 3]);
  expect(one.restarts).toEqual(['disk_measurements']);
  expect(merges('alerts')).toBe(2);
  await execute(one);
  expect(one.restarts).toHaveLength(1);
  expect(await aws.lake.list('publication/restarts/')).toEqual([]);
  expect(one.failures).toEqual([]);
});

test('a table that someone dropped and created again is filled again', async () => {
  await commit(1);
  await execute();
  const create = iceberg.statements.find((sql) => sql.startsWith('CREATE TABLE `atlas_lake`.`disk')) ?? '';
  await drop();
  await iceberg.run(create);
  await execute();
  expect(await values()).toEqual([1]);
});

test('a dropped table that cannot be created is published again once, when it can be', async () => {
  await commit(1);
  await execute();
  await drop();
  const one = publication();
  const refusing = async (sql: string) => {
    if (sql.includes('disk_measurements')) throw new Error('the location is not empty');
    await iceberg.run(sql);
  };
  for (let hour = 0; hour < 3; hour += 1) await execute(one, refusing);
  expect(one.restarts).toHaveLength(1);
  await execute(one);
  expect(await values()).toEqual([1]);
});

test('an execution that dies at any request after a table was dropped leaves its rows to the next one', async () => {
  await commit(1);
  await execute();
  let isOver = false;
  for (let number = 0; !isOver; number += 1) {
    await drop();
    let left = number;
    const dies = () => {
      left -= 1;
      return left < 0;
    };
    aws.s3.on(dies, 'refuse');
    await execute(publication()).catch(() => {});
    isOver = left >= 0;
    aws.s3.clear();
    now += 4 * HOUR;
    await execute();
    expect(await values()).toEqual([1]);
  }
}, 120_000);
