import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';
import { recordKey } from '../../../shared/lake/keys.ts';
import type { AnyRow } from '../../../shared/lake/table.ts';
import { ADDED, appendTo } from '../../support/appended-columns.ts';
import { projectNumber, writeBatch } from '../../support/committed-lake.ts';
import { createIcebergStandIn, type IcebergStandIn } from '../../support/iceberg-stand-in.ts';
import { createPublication, publish, type TestPublication } from '../../support/publication.ts';
import { startTestAws, type TestAws } from '../../support/test-aws.ts';
import { alertRow, alerts, anyRow, collectionRuns, diskRow, diskTable } from '../../support/written-rows.ts';

const T = Date.parse('2026-03-02T00:00:00Z');
const FIRST_BATCH = 1_772_000_000;
const TABLES = [diskTable, alerts, collectionRuns];

let aws: TestAws;
let iceberg: IcebergStandIn;
let now: number;
let executions = 0;

beforeEach(async () => {
  aws = await startTestAws();
  iceberg = await createIcebergStandIn(aws.bucket, () => TABLES);
  now = T + 12 * HOUR;
});
afterEach(async () => {
  iceberg.close();
  await aws.close();
});

const publication = (options: Partial<Parameters<typeof createPublication>[2]> = {}): TestPublication =>
  createPublication(aws, iceberg, { tables: TABLES, now: () => now, ...options });

const execute = (which = publication(), run = iceberg.run) => {
  executions += 1;
  return publish(which, run, `execution-${executions}`);
};

const point = (ts: number, value = 1) => diskRow({ measurement: 'DISK_QUEUE_DEPTH', ts, value });
const disk = (...rows: AnyRow[]) => [{ table: diskTable, rows }];
const commit = (batch: number, rows: Parameters<typeof writeBatch>[2], subject = 1) =>
  writeBatch(
    aws.lake,
    {
      dataset: 'disk_measurements',
      subject: projectNumber(subject),
      batch: FIRST_BATCH + batch,
      end: 'committed',
    },
    rows,
  );
const values = async () =>
  (await iceberg.ask('SELECT value FROM atlas_lake.disk_measurements ORDER BY ALL')).map(
    ({ value }) => value,
  );

describe('a publication', () => {
  test('contains the rows of committed batches, and none of batches that are pending or given up', async () => {
    const batch = { dataset: 'disk_measurements', subject: projectNumber(1) };
    await writeBatch(aws.lake, { ...batch, batch: FIRST_BATCH, end: 'committed' }, disk(point(T, 1)));
    await writeBatch(aws.lake, { ...batch, batch: FIRST_BATCH + 1, end: 'given-up' }, disk(point(T + 1, 2)));
    await writeBatch(aws.lake, { ...batch, batch: FIRST_BATCH + 2, end: 'committed' }, disk(point(T + 2, 3)));
    await writeBatch(aws.lake, { ...batch, batch: FIRST_BATCH + 3, end: 'pending' }, disk(point(T + 3, 4)));
    expect(await execute()).toEqual({ state: 'done', failures: 0 });
    expect(await values()).toEqual([1, 3]);
  });

  test('of a batch that was pending in an earlier publication has its rows once it is committed', async () => {
    await commit(0, disk(point(T, 1)));
    const late = { dataset: 'disk_measurements', subject: projectNumber(1), batch: FIRST_BATCH + 1 };
    await writeBatch(aws.lake, { ...late, end: 'pending' }, disk(point(T + 1, 2)));
    await execute();
    expect(await values()).toEqual([1]);
    await writeBatch(aws.lake, { ...late, end: 'committed' }, disk(point(T + 1, 2)));
    await execute();
    expect(await values()).toEqual([1, 2]);
  });

  test('reads only new commits, and repeats all of them without a duplicate when its positions are lost', async () => {
    await commit(0, disk(point(T, 1), point(T + DAY, 2)));
    await commit(0, disk({ ...point(T, 7), collected_at: T + HOUR }), 2);
    await execute();
    const merges = () => iceberg.statements.filter((sql) => sql.startsWith('MERGE')).length;
    expect(merges()).toBe(1);
    await execute();
    expect(merges()).toBe(1);
    await rm(path.join(aws.bucket, 'publication'), { recursive: true });
    await execute();
    expect(merges()).toBe(2);
    // Row 7 has the natural key of row 1, and the first that was collected stands.
    expect(await values()).toEqual([1, 2]);
  });

  test('adds late rows of an old day', async () => {
    await commit(0, disk(point(T + 200 * DAY, 1)));
    await execute();
    await commit(1, disk(point(T, 2), point(T + 201 * DAY, 3)));
    await execute();
    expect(await values()).toEqual([1, 2, 3]);
  });

  test('of rows with one natural key keeps the first that was collected, in one slice and in two', async () => {
    const again = { ...point(T, 2), collected_at: T + HOUR };
    const first = { ...point(T, 1), collected_at: T + MINUTE };
    await commit(0, disk(again, first));
    await execute();
    await commit(1, disk({ ...point(T, 3), collected_at: T }));
    await execute();
    expect(await values()).toEqual([1]);
  });

  test('keeps changes without a revision apart, and changes that return to an earlier value', async () => {
    const change = { alert_id: 'a', change: 'updated', status: 'OPEN', created: T, ts: T };
    const rows = [
      { ...alertRow(change), revision: null, collected_at: T + 1 },
      { ...alertRow(change), revision: null, collected_at: T + 2 },
      { ...alertRow(change), revision: 5, collected_at: T + 3 },
      { ...alertRow(change), revision: 6, collected_at: T + 4 },
    ];
    await commit(0, [{ table: alerts, rows }]);
    await commit(1, [{ table: alerts, rows: rows.slice(1, 3) }]);
    await execute();
    await rm(path.join(aws.bucket, 'publication'), { recursive: true });
    await execute();
    expect(await iceberg.ask('SELECT count(*) AS rows FROM atlas_lake.alerts')).toEqual([{ rows: 4 }]);
  });

  test('of many days stays below the limits of Athena in each statement', async () => {
    const days = Array.from({ length: 230 }, (_, number) => T - number * 2 * DAY);
    await commit(0, [
      { table: diskTable, rows: days.map((ts, value) => point(ts, value)) },
      {
        table: alerts,
        rows: days.map((ts, number) =>
          alertRow({ alert_id: `${number}`, change: 'opened', status: 'OPEN', created: ts, ts }),
        ),
      },
    ]);
    expect(await execute()).toEqual({ state: 'done', failures: 0 });
    expect(await values()).toEqual(days.map((_, value) => value));
    expect(await iceberg.ask('SELECT count(*) AS rows FROM atlas_lake.alerts')).toEqual([{ rows: 230 }]);
    const merges = iceberg.statements.filter((sql) => sql.startsWith('MERGE'));
    expect(merges.filter((sql) => sql.includes('"disk_measurements"'))).toHaveLength(3);
    expect(merges.filter((sql) => sql.includes('"alerts"'))).toHaveLength(1);
  });

  test('writes appended columns for new rows, and null for rows of before', async () => {
    await commit(0, disk(point(T, 1)));
    await execute();
    const later = TABLES.map(appendTo);
    const [laterDisk = diskTable] = later;
    iceberg.close();
    iceberg = await createIcebergStandIn(aws.bucket, () => later);
    await rm(path.join(aws.bucket, 'publication'), { recursive: true });
    await execute();
    const added = Object.fromEntries(
      ADDED.map(({ name }) => [name, anyRow(laterDisk, { ts: T + 1 })[name] ?? null]),
    );
    await commit(1, [{ table: laterDisk, rows: [{ ...point(T + 1, 2), ...added }] }]);
    expect(await execute(publication({ tables: later }))).toEqual({ state: 'done', failures: 0 });
    expect(
      await iceberg.ask(
        'SELECT value, added_string, added_bigint FROM atlas_lake.disk_measurements ORDER BY ALL',
      ),
    ).toEqual([
      { value: 1, added_string: null, added_bigint: null },
      { value: 2, added_string: 'x', added_bigint: 1 },
    ]);
  });

  test('of a table of a later version waits until the program knows the table', async () => {
    const later = { ...diskTable, name: 'later_measurements' };
    await commit(0, [{ table: later, rows: [point(T, 1)] }, ...disk(point(T, 2))]);
    expect(await execute()).toEqual({ state: 'done', failures: 0 });
    expect(await values()).toEqual([2]);
    const tables = [...TABLES, later];
    iceberg.close();
    iceberg = await createIcebergStandIn(aws.bucket, () => tables);
    expect(await execute(publication({ tables }))).toEqual({ state: 'done', failures: 0 });
    expect(await iceberg.ask('SELECT value FROM atlas_lake.later_measurements')).toEqual([{ value: 1 }]);
  });
});

describe('objects of before 0.1.0, which have no commit record', () => {
  const old = { dataset: 'disk_measurements', subject: projectNumber(1) };

  test('are published, except those that a header announces, until that run is over', async () => {
    await writeBatch(aws.lake, { ...old, batch: 7, end: 'pending' }, disk(point(T, 1)));
    const announced = await writeBatch(aws.lake, { ...old, batch: 8, end: 'pending' }, disk(point(T + 1, 2)));
    const header = {
      ...{ sequence: 1, writtenBy: 'r', holder: 'r', leaseUntil: 0, stateVersion: 1, batch: null },
      ...{ isBehind: false, statistics: {} },
    };
    const objects = announced.map((key) => ({ key, sha256: null }));
    await aws.cursors.putHeader(old, { ...header, pending: { batch: null, objects } }, 0);
    await execute();
    expect(await values()).toEqual([1]);
    await aws.cursors.putHeader(old, { ...header, sequence: 2, pending: null }, 1);
    await execute();
    expect(await values()).toEqual([1, 2]);
    const listings = iceberg.statements.length;
    await execute();
    expect(iceberg.statements).toHaveLength(listings);
  });

  test('that are written after their table was listed are published when it is listed again', async () => {
    await writeBatch(aws.lake, { ...old, batch: 7, end: 'committed' }, disk(point(T, 1)));
    await rm(path.join(aws.bucket, '_commits'), { recursive: true });
    await execute();
    await writeBatch(aws.lake, { ...old, batch: 8, end: 'pending' }, disk(point(T + 1, 2)));
    await execute();
    expect(await values()).toEqual([1]);
    await aws.lake.remove('publication/unrecorded.json');
    await execute();
    expect(await values()).toEqual([1, 2]);
  });
});

describe('one bad item', () => {
  test('a commit record that cannot be read holds up only later commits of its project', async () => {
    await commit(0, disk(point(T, 1)));
    await commit(2, disk(point(T + 2, 3)));
    await commit(0, disk(point(T + 5, 9)), 2);
    const scope = { dataset: 'disk_measurements', subject: projectNumber(1) };
    await aws.lake.create(recordKey(scope, FIRST_BATCH + 1), Buffer.from('not a record'));
    const one = publication({ now: () => Date.now() + HOUR });
    await execute(one);
    expect(await values()).toEqual([1, 9]);
    expect(one.failures.map(([what]) => what)).toContain(`disk_measurements/${projectNumber(1)}`);
    expect(one.progress.at(-1)?.behind).toBeGreaterThan(59 * MINUTE);
  });

  test('positions that cannot be read hold up only their dataset', async () => {
    const batch = { subject: projectNumber(1), batch: FIRST_BATCH, end: 'committed' } as const;
    await writeBatch(aws.lake, { ...batch, dataset: 'alerts' }, disk(point(T, 1)));
    await commit(0, disk(point(T + 1, 2)));
    await aws.lake.overwrite('publication/positions/alerts.json', Buffer.from('not JSON'));
    const one = publication();
    await execute(one);
    expect(await values()).toEqual([2]);
    expect(one.failures.map(([what]) => what)).toContain('alerts');
    await aws.lake.remove('publication/positions/alerts.json');
    await execute();
    expect(await values()).toEqual([1, 2]);
  });

  test('an object that Athena cannot read ends up waiting alone, and all other rows are published', async () => {
    const keys: string[] = [];
    for (let number = 0; number < 12; number += 1)
      keys.push(...(await commit(number, disk(point(T + number, number)))));
    await commit(20, [{ table: collectionRuns, rows: [anyRow(collectionRuns, { ts: T })] }]);
    const bad = keys[5] ?? '';
    await aws.lake.overwrite(bad, Buffer.from('not gzip'));
    const one = publication();
    for (let hour = 0; hour < 6; hour += 1) {
      // Something else must succeed, or the failure may have nothing to do with the object.
      await commit(30 + hour, [
        { table: collectionRuns, rows: [anyRow(collectionRuns, { ts: T + hour + 1 })] },
      ]);
      expect((await execute(one)).state).toBe('done');
    }
    expect(await values()).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]);
    const waiting = await aws.lake.list('publication/slices/disk_measurements/');
    expect(waiting).toHaveLength(1);
    expect((await aws.lake.read(waiting[0] ?? ''))?.toString()).toBe(`s3://lake/${bad}`);
  });

  test('a slice that failed a hundred times still waits', async () => {
    const [bad = ''] = await commit(0, disk(point(T, 1)));
    await aws.lake.overwrite(bad, Buffer.from('not gzip'));
    const name = '99-1772000000-often';
    const body = Buffer.from(`s3://lake/${bad}`);
    await execute();
    for (const key of await aws.lake.list('publication/slices/')) await aws.lake.remove(key);
    await aws.lake.overwrite(`publication/slices/disk_measurements/slice=${name}/objects.txt`, body);
    for (let hour = 0; hour < 2; hour += 1) await execute();
    expect(await aws.lake.list('publication/slices/')).toEqual([
      `publication/slices/disk_measurements/slice=${name}/objects.txt`,
    ]);
  });

  test('a statement that fails for another reason than its files leaves its slice whole', async () => {
    for (let number = 0; number < 4; number += 1) await commit(number, disk(point(T + number, number)));
    await commit(9, [{ table: collectionRuns, rows: [anyRow(collectionRuns, { ts: T })] }]);
    const denied = async (sql: string) => {
      if (sql.startsWith('MERGE INTO "atlas_lake"."disk_measurements"')) throw new Error('AccessDenied');
      await iceberg.run(sql);
    };
    await execute(publication(), denied);
    expect(await aws.lake.list('publication/slices/disk_measurements/')).toHaveLength(1);
    await execute();
    expect(await values()).toEqual([0, 1, 2, 3]);
  });

  test('an object that a lifecycle rule has deleted leaves its slice without a failed statement, and is counted', async () => {
    const [gone = ''] = await commit(0, disk(point(T, 1)));
    await commit(1, disk(point(T + 1, 2)));
    const [alone = ''] = await commit(0, disk(point(T - 300 * DAY, 3)), 2);
    for (const key of [gone, alone]) await rm(path.join(aws.bucket, key));
    const one = publication({ now: () => Date.now() + 2 * DAY });
    expect(await execute(one)).toEqual({ state: 'done', failures: 0 });
    expect(await values()).toEqual([2]);
    expect(one.expired.sort()).toEqual([gone, alone].sort());
    expect(one.failures).toEqual([]);
    expect(await aws.lake.list('publication/slices/')).toEqual([]);
  });

  test('an object that is deleted after its slice was chosen leaves it after the statement failed, and is counted', async () => {
    const [gone = ''] = await commit(0, disk(point(T, 1)));
    await commit(1, disk(point(T + 1, 2)));
    await rm(path.join(aws.bucket, gone));
    const one = publication();
    await execute(one);
    await execute(one);
    expect(await values()).toEqual([2]);
    expect(one.expired).toEqual([gone]);
  });

  test('a table of someone else with the name of a table fails only that table', async () => {
    iceberg.addForeign({ name: 'alerts', kind: 'other', columns: [], created: 0 });
    const change = alertRow({ alert_id: 'a', change: 'opened', status: 'OPEN', created: T, ts: T });
    await commit(0, [{ table: alerts, rows: [change] }, ...disk(point(T, 1))]);
    const one = publication();
    await execute(one);
    expect(await values()).toEqual([1]);
    for (const failure of one.failures) {
      expect(failure).toEqual(['alerts', expect.objectContaining({ name: 'ForeignTableError' })]);
    }
    expect(one.failures.length).toBeGreaterThan(0);
  });

  test('a table of landing files that had the name before 0.1.0 is replaced', async () => {
    iceberg.addForeign({ name: 'disk_measurements', kind: 'landing', columns: [], created: 0 });
    await commit(0, disk(point(T, 1)));
    await execute();
    expect(await values()).toEqual([1]);
  });
});

test('an execution that dies at any request, or loses the answer of a statement, loses and duplicates no row', async () => {
  await commit(0, disk(point(T, 0)));
  await execute();
  const requests = (await countRequests()) + 2;
  for (let number = 1; number <= requests; number += 1) {
    await commit(number + 1, disk(point(T + number, number)));
    let left = number;
    const dies = () => {
      left -= 1;
      return left < 0;
    };
    aws.s3.on(dies, 'refuse');
    aws.dynamodb.on(dies, 'refuse');
    const loses = async (sql: string) => {
      await iceberg.run(sql);
      if (number % 2 === 0) throw new Error('the answer was lost');
    };
    await execute(publication(), loses).catch(() => {});
    aws.s3.clear();
    aws.dynamodb.clear();
    now += 4 * HOUR;
  }
  expect(await execute()).toEqual({ state: 'done', failures: 0 });
  expect(await values()).toEqual(Array.from({ length: requests + 1 }, (_, number) => number));
}, 120_000);

/** Returns how many requests an execution with one new commit sends. */
async function countRequests(): Promise<number> {
  let count = 0;
  const stops = [aws.s3, aws.dynamodb].map((proxy) =>
    proxy.watch(
      () => true,
      (when) => {
        if (when === 'before') count += 1;
      },
    ),
  );
  await commit(1, disk(point(T, 0)));
  await execute();
  for (const stop of stops) stop();
  return count;
}

describe('two executions', () => {
  test('do not work at the same time, and a dead one loses the lock when it expires', async () => {
    await commit(0, disk(point(T, 1)));
    const { publisher, busy } = publication();
    expect((await publisher.prepare({ execution: 'dead', number: 1 })).state).toBe('work');
    expect(busy.count).toBe(0);
    const other = publication();
    expect((await execute(other)).state).toBe('busy');
    expect(other.busy.count).toBe(1);
    now += 4 * HOUR;
    expect((await execute()).state).toBe('done');
    expect(await values()).toEqual([1]);
  });

  test('an execution whose function failed gives the lock back', async () => {
    const { publisher } = publication();
    await publisher.prepare({ execution: 'failed', number: 1 });
    await publisher.abandon({ execution: 'failed' });
    expect((await execute()).state).toBe('done');
  });
});

describe('at night', () => {
  test('tables are maintained once, after everything is published, and expired rows are deleted', async () => {
    await commit(
      0,
      disk(
        { ...point(T - 40 * DAY, 1), collected_at: T - 40 * DAY },
        point(T - 40 * DAY + 1, 2),
        point(T, 3),
      ),
    );
    now = T + 2 * HOUR;
    await execute();
    const maintained = () => iceberg.statements.filter((sql) => /^(?:OPTIMIZE|VACUUM|DELETE)/.test(sql));
    expect(maintained()).toEqual([]);
    now = T + 3 * HOUR;
    const one = publication({ expireAfterDays: { disk_measurements: 30 } });
    await commit(1, disk(point(T + 1, 4)));
    await execute(one);
    await execute(one);
    expect(maintained()).toHaveLength(2 * TABLES.length + 1);
    expect(iceberg.statements.findLastIndex((sql) => sql.startsWith('MERGE'))).toBeLessThan(
      iceberg.statements.findIndex((sql) => sql.startsWith('OPTIMIZE')),
    );
    expect(await values()).toEqual([3, 4]);
    now += DAY;
    // Neither a record that cannot be read nor a foreign table holds up the other tables.
    const scope = { dataset: 'disk_measurements', subject: projectNumber(1) };
    await aws.lake.create(recordKey(scope, FIRST_BATCH + 2), Buffer.from('not a record'));
    await commit(0, disk(point(T + 2, 5)), 2);
    await execute(one);
    expect(maintained()).toHaveLength(2 * (2 * TABLES.length + 1));
  });
});
