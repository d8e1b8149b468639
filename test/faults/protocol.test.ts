import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CommitRecord } from '../../shared/cursors/commit-record.ts';
import type { Document } from '../../shared/cursors/document.ts';
import type { PartitionKey } from '../../shared/cursors/header.ts';
import { Lease } from '../../shared/cursors/lease.ts';
import { isProjectId } from '../../shared/ids.ts';
import { CommitLog } from '../../shared/lake/commit-log.ts';
import { recordKey } from '../../shared/lake/keys.ts';
import { sha256Of } from '../../shared/lake/object-store.ts';
import type { SeenRequest } from '../support/fault-proxy.ts';
import { lakeObjects } from '../support/lake-files.ts';
import { startTestAws, type TestAws } from '../support/test-aws.ts';

/** Tests the commit protocol over real HTTP, with a connection that breaks at each step. */

const project = '6a793f53c0eb9e7a177137c2';
if (!isProjectId(project)) throw new Error('not a project id');
const scope: PartitionKey = { dataset: 'disk_measurements', subject: project };
const body = gzipSync('{"a":1}\n');
const KEY = 't/dt=2026-03-02/a.json.gz';
const operation = (name: string) => (seen: SeenRequest) =>
  String(seen.headers['x-amz-target'] ?? '').endsWith(`.${name}`);
const put = ({ method }: SeenRequest) => method === 'PUT';

let aws: TestAws;
let log: CommitLog;
beforeEach(async () => {
  aws = await startTestAws();
  log = new CommitLog(aws.lake);
});
afterEach(() => aws.close());

interface Noted {
  emptied: readonly string[];
  foreign: readonly string[];
  recovered: number;
}

/** Run statistics that note what happened to a dead run's batch, and what was recovered. */
const withEmptied = (_: Document, emptied: readonly string[], foreign: readonly string[]): Document => ({
  emptied,
  foreign,
});
const withRecovered = (statistics: Document, recovered: number): Document => ({
  ...Object(statistics),
  recovered,
});
const noted = (emptied: readonly string[], foreign: readonly string[] = []): Partial<Noted> => ({
  emptied,
  foreign,
});

function requestOf(run: string, now: number, breakLease = false) {
  return { run, now, leaseUntil: now + 1000, breakLease, stateVersion: 1, withEmptied, withRecovered };
}

async function acquire(run: string, options: { now?: number; breakLease?: boolean } = {}) {
  const request = requestOf(run, options.now ?? 0, options.breakLease);
  const taken = await Lease.acquire(aws.cursors, log, scope, request);
  if (taken.kind === 'held') throw new Error('held');
  return taken;
}

const cursor = (watermark: number) => [{ id: 'host:27017#0', content: { watermark } }];
const commit = (watermark: number) => ({
  cursors: cursor(watermark),
  statistics: { rows: watermark },
  release: true,
});
const announced = (...keys: string[]) => keys.map((key) => ({ key, sha256: sha256Of(body) }));

function recordOf(batch: number, watermark: number, key = KEY): CommitRecord {
  const objects = [{ key, rows: 1, bytes: body.length, sha256: sha256Of(body) }];
  return { batch, run: 'one', at: 0, objects, cursors: cursor(watermark), statistics: { rows: watermark } };
}

/** Announces, writes and records a batch, without its commit. */
async function write(lease: Lease, watermark: number, key = KEY): Promise<number> {
  const batch = lease.nextBatch;
  await lease.announce(announced(key));
  await aws.lake.create(key, body);
  await log.write(scope, recordOf(batch, watermark, key));
  return batch;
}

async function watermarks(): Promise<unknown[]> {
  return (await aws.cursors.readCursors(scope)).map(({ content }) => content);
}

describe('a batch', () => {
  test('is announced, written, recorded and committed', async () => {
    const { lease } = await acquire('one', { now: 5_000 });
    const batch = lease.nextBatch;
    await lease.announce(announced(KEY));
    const pending = { batch, objects: [{ key: KEY, sha256: sha256Of(body) }] };
    expect((await aws.cursors.readHeader(scope))?.pending).toEqual(pending);
    await aws.lake.create(KEY, body);
    await log.write(scope, recordOf(batch, 7));
    await lease.commit(commit(7));
    expect(await aws.cursors.readHeader(scope)).toMatchObject({
      sequence: 3,
      holder: null,
      pending: null,
      batch,
    });
    expect(await watermarks()).toEqual([{ watermark: 7 }]);
    expect(await lakeObjects(aws.bucket)).toEqual([{ key: KEY, rows: [{ a: 1 }] }]);
    expect(await log.readRecord(scope, batch)).toEqual(recordOf(batch, 7));
  });

  test('has the next number, and the first batch of a table has a number after the current second', async () => {
    const { lease } = await acquire('one', { now: 5_000 });
    expect(lease.nextBatch).toBe(6);
    await write(lease, 1);
    await lease.commit(commit(1));
    expect((await acquire('two', { now: 900_000 })).lease.nextBatch).toBe(7);
  });

  test('is not announced while another batch is pending', async () => {
    const { lease } = await acquire('one');
    await lease.announce(announced('a'));
    await expect(lease.announce(announced('b'))).rejects.toThrow('pending');
  });
});

describe('acquiring a lease', () => {
  test('is refused while the lease is held, and allowed when it expired or its holder is known to be dead', async () => {
    await acquire('one', { now: 0 });
    const held = await Lease.acquire(aws.cursors, log, scope, requestOf('two', 999));
    expect(held).toEqual({ kind: 'held', leaseUntil: 1000 });
    await acquire('three', { now: 1000 });
    await acquire('four', { now: 1001, breakLease: true });
    expect((await aws.cursors.readHeader(scope))?.holder).toBe('four');
  });

  test('empties the announced objects of a dead run without a record, even unwritten ones', async () => {
    const other = 't/dt=2026-03-02/b.json.gz';
    const { lease } = await acquire('dead');
    await lease.announce(announced(KEY, other));
    await aws.lake.create(KEY, body);
    const { lease: next } = await acquire('next', { now: 2000 });
    expect(next.statistics).toEqual(noted([KEY, other]));
    expect(await lakeObjects(aws.bucket)).toEqual([
      { key: KEY, rows: [] },
      { key: other, rows: [] },
    ]);
    expect((await aws.cursors.readHeader(scope))?.pending).toBeNull();
  });

  test('commits the batch that a dead run recorded', async () => {
    const { lease } = await acquire('dead');
    const batch = await write(lease, 4);
    const { lease: next } = await acquire('next', { now: 2000 });
    expect(next.statistics).toEqual({ rows: 4 });
    expect(await watermarks()).toEqual([{ watermark: 4 }]);
    expect(next.nextBatch).toBe(batch + 1);
    expect(await lakeObjects(aws.bucket)).toEqual([{ key: KEY, rows: [{ a: 1 }] }]);
  });

  test('gives up a batch for good, so that its record cannot be written later', async () => {
    const { lease } = await acquire('dead');
    const batch = lease.nextBatch;
    await lease.announce(announced(KEY));
    await acquire('next', { now: 2000 });
    await expect(log.write(scope, recordOf(batch, 4))).rejects.toThrow('exists');
    const givenUp = [{ key: KEY, sha256: sha256Of(body) }];
    expect(await log.readRecord(scope, batch)).toEqual({ givenUp });
  });

  test('keeps an announced object with other bytes, and notes it', async () => {
    const { lease } = await acquire('dead');
    await lease.announce(announced(KEY));
    await aws.lake.create(KEY, gzipSync('{"a":"not of this batch"}\n'));
    const { lease: next } = await acquire('next', { now: 2000 });
    expect(next.statistics).toEqual(noted([], [KEY]));
    expect(await lakeObjects(aws.bucket)).toMatchObject([{ rows: [{ a: 'not of this batch' }] }]);
  });

  test('notes immediately what it emptied, so that the next run has the note if this one dies', async () => {
    const { lease } = await acquire('dead');
    await lease.announce(announced(KEY));
    await acquire('second', { now: 2000 });
    const { lease: third } = await acquire('third', { now: 4000 });
    expect(third.statistics).toEqual(noted([KEY]));
  });

  test('is repeated by the next run if a run dies while it empties objects', async () => {
    const { lease } = await acquire('dead');
    await lease.announce(announced(KEY));
    await aws.lake.create(KEY, body);
    aws.s3.on(put, 'refuse');
    await expect(acquire('second', { now: 2000 })).rejects.toThrow();
    aws.s3.clear();
    const { lease: third } = await acquire('third', { now: 4000 });
    expect(third.statistics).toEqual(noted([KEY]));
    expect(await lakeObjects(aws.bucket)).toMatchObject([{ rows: [] }]);
  });

  test('fences the dead run, which can no longer write or commit', async () => {
    const { lease } = await acquire('dead');
    await lease.announce(announced(KEY));
    const { lease: next } = await acquire('next', { now: 2000 });
    await expect(lease.commit(commit(1))).rejects.toThrow('could not be updated');
    await expect(aws.lake.create(KEY, body)).rejects.toThrow('exists');
    await next.commit(commit(2));
    expect(await watermarks()).toEqual([{ watermark: 2 }]);
    expect(await lakeObjects(aws.bucket)).toMatchObject([{ rows: [] }]);
  });

  test('succeeds for one of two runs at the same time', async () => {
    const outcomes = await Promise.allSettled([acquire('one'), acquire('two')]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('is refused without a change if a later version wrote the state', async () => {
    const { lease } = await acquire('one');
    await lease.commit(commit(1));
    const newer = { ...requestOf('newer', 2000), stateVersion: 2 };
    const taken = await Lease.acquire(aws.cursors, log, scope, newer);
    if (taken.kind === 'taken') await taken.lease.commit(commit(2));
    const before = await aws.cursors.readHeader(scope);
    await expect(acquire('older', { now: 9000 })).rejects.toThrow('nothing was changed');
    expect(await aws.cursors.readHeader(scope)).toEqual(before);
  });
});

describe('a table restored to an earlier time', () => {
  const keyOf = (number: number) => `t/dt=2026-03-02/${number}.json.gz`;

  /** Commits batches with these watermarks. */
  async function commitAll(all: readonly number[], now: number): Promise<void> {
    for (const watermark of all) {
      const { lease } = await acquire(`run ${watermark}`, { now: now + watermark });
      await write(lease, watermark, keyOf(watermark));
      await lease.commit(commit(watermark));
    }
  }

  /** Restores the table to the state in which `items` was read. */
  async function restore(items: Awaited<ReturnType<TestAws['scan']>>): Promise<void> {
    await aws.replaceTable(items);
  }

  const rows = async () => (await lakeObjects(aws.bucket)).map(({ rows: found }) => found);

  test('takes missing commits from the records and touches no object', async () => {
    await commitAll([1, 2], 0);
    const saved = await aws.scan();
    await commitAll([3, 4, 5], 10_000);
    await restore(saved);
    const { lease } = await acquire('after', { now: 20_000 });
    expect(lease.statistics).toEqual({ rows: 5, recovered: 3 });
    expect(lease.recovered).toBe(3);
    expect(await watermarks()).toEqual([{ watermark: 5 }]);
    await write(lease, 6, keyOf(6));
    await lease.commit(commit(6));
    expect(await rows()).toEqual(Array(6).fill([{ a: 1 }]));
  });

  test('keeps the batch that was committed after the restored announcement', async () => {
    const { lease } = await acquire('one');
    await lease.announce(announced(KEY));
    const saved = await aws.scan();
    await aws.lake.create(KEY, body);
    await log.write(scope, recordOf(lease.nextBatch, 1));
    await lease.commit(commit(1));
    await commitAll([2], 5_000);
    await restore(saved);
    const { lease: next } = await acquire('after', { now: 20_000 });
    expect(await watermarks()).toEqual([{ watermark: 2 }]);
    expect(next.statistics).toEqual({ rows: 2, recovered: 1 });
    expect(await rows()).toEqual(Array(2).fill([{ a: 1 }]));
  });

  test('is built from the records if it is empty, and continues with unused batch numbers', async () => {
    await commitAll([1, 2, 3], 0);
    await restore([]);
    const { lease } = await acquire('after', { now: 9_000_000 });
    expect(await watermarks()).toEqual([{ watermark: 3 }]);
    expect(lease.recovered).toBe(3);
    expect(lease.nextBatch).toBe(9_001);
  });

  test('loses and duplicates nothing while a run from before the restore still writes a record', async () => {
    await commitAll([1], 0);
    const saved = await aws.scan();
    const { lease: old } = await acquire('old', { now: 5_000 });
    const batch = old.nextBatch;
    await old.announce(announced(keyOf(2)));
    await aws.lake.create(keyOf(2), body);
    await restore(saved);
    const { lease } = await acquire('new', { now: 10_000 });
    expect(lease.nextBatch).toBe(batch);
    await lease.announce(announced(keyOf(3)));
    await aws.lake.create(keyOf(3), body);
    await log.write(scope, recordOf(batch, 2, keyOf(2)));
    await expect(log.write(scope, recordOf(batch, 3, keyOf(3)))).rejects.toThrow('exists');
    const { lease: next } = await acquire('next', { now: 20_000 });
    expect(await watermarks()).toEqual([{ watermark: 2 }]);
    expect(next.nextBatch).toBe(batch + 1);
    expect((await lakeObjects(aws.bucket)).map(({ key, rows: found }) => [key, found.length])).toEqual([
      [keyOf(1), 1],
      [keyOf(2), 1],
      [keyOf(3), 0],
    ]);
  });

  test.each([
    ['a later batch', [1]],
    ['the first batch of all', []],
  ])('takes no record that a run of a lost table sends late, for %s', async (_, before) => {
    await commitAll(before, 0);
    const { lease: old } = await acquire('old', { now: 5_000 });
    await old.announce(announced(keyOf(2)));
    await aws.lake.create(keyOf(2), body);
    await restore([]);
    const { lease } = await acquire('new', { now: 10_000 });
    await expect(log.write(scope, recordOf(old.nextBatch, 2, keyOf(2)))).rejects.toThrow('exists');
    await write(lease, 3, keyOf(3));
    await lease.commit(commit(3));
    expect(lease.recovered).toBe(before.length);
    expect(await watermarks()).toEqual([{ watermark: 3 }]);
  });

  test('takes the record of a lost table that arrives while a new one is built', async () => {
    await commitAll([1], 0);
    const { lease: old } = await acquire('old', { now: 5_000 });
    await old.announce(announced(keyOf(2)));
    await aws.lake.create(keyOf(2), body);
    await restore([]);
    let lists = 0;
    const busy = Object.assign(new CommitLog(aws.lake), {
      async recordsAfter(...where: Parameters<CommitLog['recordsAfter']>) {
        const found = await log.recordsAfter(...where);
        lists += 1;
        if (lists === 1) await log.write(scope, recordOf(old.nextBatch, 2, keyOf(2)));
        return found;
      },
    });
    const taken = await Lease.acquire(aws.cursors, busy, scope, requestOf('new', 10_000));
    expect(taken).toMatchObject({ kind: 'taken', lease: { recovered: 2 } });
    expect(lists).toBe(2);
    expect(await watermarks()).toEqual([{ watermark: 2 }]);
  });

  test('empties a batch that an earlier run gave up before it died', async () => {
    await commitAll([1], 0);
    const saved = await aws.scan();
    const { lease } = await acquire('dead', { now: 5_000 });
    const batch = lease.nextBatch;
    await lease.announce(announced(keyOf(2)));
    await aws.lake.create(keyOf(2), body);
    await log.giveUp(scope, batch, announced(keyOf(2)));
    await restore(saved);
    const { lease: next } = await acquire('next', { now: 20_000 });
    expect(next.nextBatch).toBe(batch + 1);
    expect(await rows()).toEqual([[{ a: 1 }], []]);
  });

  test('catches up if the first attempt died', async () => {
    await commitAll([1, 2, 3], 0);
    await restore([]);
    aws.dynamodb.on(operation('TransactWriteItems'), 'refuse');
    await expect(acquire('dies', { now: 9_000_000 })).rejects.toThrow();
    aws.dynamodb.clear();
    await acquire('next', { now: 9_900_000 });
    expect(await watermarks()).toEqual([{ watermark: 3 }]);
  });
});

describe('a lost answer', () => {
  test('to the commit neither repeats nor undoes it', async () => {
    const { lease } = await acquire('one');
    await write(lease, 5);
    aws.dynamodb.on(operation('TransactWriteItems'), 'lose-answer', 1);
    await lease.commit(commit(5));
    expect(aws.dynamodb.faulted).toHaveLength(1);
    expect(await aws.cursors.readHeader(scope)).toMatchObject({
      sequence: 3,
      pending: null,
      statistics: { rows: 5 },
    });
    expect(await watermarks()).toEqual([{ watermark: 5 }]);
    expect(await lakeObjects(aws.bucket)).toMatchObject([{ rows: [{ a: 1 }] }]);
  });

  test('to every attempt of the commit lets the run learn from the header that it took effect', async () => {
    const { lease } = await acquire('one');
    aws.dynamodb.on(operation('TransactWriteItems'), 'lose-answer');
    await lease.commit(commit(5));
    expect(await watermarks()).toEqual([{ watermark: 5 }]);
  });

  test('to a commit without effect stops the run, and the next run commits the recorded batch', async () => {
    const { lease } = await acquire('one');
    await write(lease, 5);
    aws.dynamodb.on(operation('TransactWriteItems'), 'refuse');
    await expect(lease.commit(commit(5))).rejects.toThrow('could not be updated');
    aws.dynamodb.clear();
    const { lease: two } = await acquire('two', { now: 2000 });
    expect(two.statistics).toEqual({ rows: 5 });
    expect(await watermarks()).toEqual([{ watermark: 5 }]);
    expect(await lakeObjects(aws.bucket)).toMatchObject([{ rows: [{ a: 1 }] }]);
  });

  test('to a commit without cursors, an announcement or a lease request does no harm', async () => {
    aws.dynamodb.on(operation('PutItem'), 'lose-answer', 1);
    const { lease } = await acquire('one');
    aws.dynamodb.on(operation('PutItem'), 'lose-answer', 1);
    await lease.announce(announced(KEY));
    aws.dynamodb.on(operation('PutItem'), 'lose-answer', 1);
    await lease.commit({ cursors: [], statistics: null, release: true });
    expect(aws.dynamodb.faulted).toHaveLength(3);
    expect(await aws.cursors.readHeader(scope)).toMatchObject({ sequence: 3, holder: null });
  });

  test('to a PUT leaves the object as the run wrote it', async () => {
    aws.s3.on(put, 'lose-answer', 1);
    await aws.lake.create(KEY, body);
    expect(aws.s3.faulted).toHaveLength(1);
    expect(await lakeObjects(aws.bucket)).toMatchObject([{ rows: [{ a: 1 }] }]);
  });

  test('to the PUT of a record does not prevent the commit', async () => {
    const { lease } = await acquire('one');
    const batch = lease.nextBatch;
    await lease.announce(announced(KEY));
    await aws.lake.create(KEY, body);
    aws.s3.on(put, 'lose-answer', 1);
    await log.write(scope, recordOf(batch, 5));
    await lease.commit(commit(5));
    expect(await log.readRecord(scope, batch)).toEqual(recordOf(batch, 5));
  });

  test('to the PUT that gives up a batch still gives it up', async () => {
    const { lease } = await acquire('dead');
    await lease.announce(announced(KEY));
    aws.s3.on(({ method, path }) => method === 'PUT' && path.includes('_commits'), 'lose-answer', 1);
    const { lease: next } = await acquire('next', { now: 2000 });
    expect(next.statistics).toEqual(noted([KEY]));
    expect(aws.s3.faulted).toHaveLength(1);
  });
});

describe('a late request of a dead run', () => {
  test('writes no object after the next run has the lease', async () => {
    const { lease } = await acquire('dead');
    await lease.announce(announced(KEY));
    aws.s3.on(put, 'hold');
    await expect(aws.lake.create(KEY, body)).rejects.toThrow();
    aws.s3.clear();
    const { lease: next } = await acquire('next', { now: 2000 });
    const statuses = await aws.s3.release();
    expect(statuses.length).toBeGreaterThan(0);
    expect(new Set(statuses)).toEqual(new Set([412]));
    await next.commit(commit(2));
    expect(await lakeObjects(aws.bucket)).toMatchObject([{ rows: [] }]);
  });

  test('writes an object before the next run has the lease, and that run empties it', async () => {
    const { lease } = await acquire('dead');
    await lease.announce(announced(KEY));
    aws.s3.on(put, 'hold');
    await expect(aws.lake.create(KEY, body)).rejects.toThrow();
    aws.s3.clear();
    expect((await aws.s3.release())[0]).toBe(200);
    expect(await lakeObjects(aws.bucket)).toMatchObject([{ rows: [{ a: 1 }] }]);
    await acquire('next', { now: 2000 });
    expect(await lakeObjects(aws.bucket)).toMatchObject([{ rows: [] }]);
  });

  test('writes no record after the next run gave up the batch', async () => {
    const { lease } = await acquire('dead');
    const batch = lease.nextBatch;
    await lease.announce(announced(KEY));
    await aws.lake.create(KEY, body);
    aws.s3.on(put, 'hold');
    await expect(log.write(scope, recordOf(batch, 1))).rejects.toThrow();
    aws.s3.clear();
    const { lease: next } = await acquire('next', { now: 2000 });
    expect(new Set(await aws.s3.release())).toEqual(new Set([412]));
    await next.commit(commit(2));
    expect(await watermarks()).toEqual([{ watermark: 2 }]);
    expect(await aws.lake.exists(recordKey(scope, batch))).toBe(true);
    expect(await lakeObjects(aws.bucket)).toMatchObject([{ rows: [] }]);
  });

  test('commits nothing after the next run has the lease', async () => {
    const { lease } = await acquire('dead');
    aws.dynamodb.on(operation('TransactWriteItems'), 'hold');
    await expect(lease.commit(commit(1))).rejects.toThrow();
    aws.dynamodb.clear();
    const { lease: next } = await acquire('next', { now: 2000 });
    for (const status of await aws.dynamodb.release()) expect(status).toBe(400);
    await next.commit(commit(2));
    expect(await watermarks()).toEqual([{ watermark: 2 }]);
  });
});
