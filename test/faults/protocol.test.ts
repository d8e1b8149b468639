import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Document } from '../../shared/cursors/document.ts';
import type { Scope } from '../../shared/cursors/header.ts';
import { Tenure } from '../../shared/cursors/tenure.ts';
import { isProjectId } from '../../shared/ids.ts';
import type { SeenRequest } from '../support/fault-proxy.ts';
import { lakeObjects } from '../support/lake-files.ts';
import { startTestAws, type TestAws } from '../support/test-aws.ts';

/** The commit protocol over real HTTP, with the connection breaking at each of its steps. */

const project = '6a793f53c0eb9e7a177137c2';
if (!isProjectId(project)) throw new Error('not a project id');
const scope: Scope = { dataset: 'disk_measurements', project };
const body = gzipSync('{"a":1}\n');
const operation = (name: string) => (seen: SeenRequest) =>
  String(seen.headers['x-amz-target'] ?? '').endsWith(`.${name}`);
const put = ({ method }: SeenRequest) => method === 'PUT';

let aws: TestAws;
beforeEach(async () => {
  aws = await startTestAws();
});
afterEach(() => aws.close());

/** A ledger that says what was emptied. */
const noted = (_: Document, keys: readonly string[]): Document => ({ emptied: keys });

async function takeOver(run: string, options: { now?: number; breakLease?: boolean } = {}) {
  const now = options.now ?? 0;
  const claim = {
    run,
    now,
    leaseUntil: now + 1000,
    breakLease: options.breakLease ?? false,
    withEmptied: noted,
  };
  const taken = await Tenure.takeOver(aws.cursors, aws.lake, scope, claim);
  if (taken.kind === 'held') throw new Error('held');
  return taken;
}

const cursor = (mark: number) => [{ id: 'host:27017#0', content: { mark } }];
const commit = (mark: number) => ({ cursors: cursor(mark), ledger: { rows: mark }, release: true });

async function marks(): Promise<unknown[]> {
  return (await aws.cursors.readCursors(scope)).map(({ content }) => content);
}

describe('a batch', () => {
  test('is announced, written and committed', async () => {
    const { tenure } = await takeOver('one');
    const key = `t/dt=2026-03-02/${tenure.nextSequence}.json.gz`;
    await tenure.announce([key]);
    expect((await aws.cursors.readHeader(scope))?.pending).toEqual([key]);
    await aws.lake.create(key, body);
    await tenure.commit(commit(7));
    expect(await aws.cursors.readHeader(scope)).toMatchObject({ sequence: 3, owner: null, pending: [] });
    expect(await marks()).toEqual([{ mark: 7 }]);
    expect(await lakeObjects(aws.bucket)).toEqual([{ key, rows: [{ a: 1 }] }]);
  });

  test('is not announced over one that is pending', async () => {
    const { tenure } = await takeOver('one');
    await tenure.announce(['a']);
    await expect(tenure.announce(['b'])).rejects.toThrow('pending');
  });
});

describe('taking over', () => {
  test('is refused while the lease runs, and allowed when it has run out or its owner is known to be dead', async () => {
    await takeOver('one', { now: 0 });
    const claim = { run: 'two', now: 999, leaseUntil: 5000, breakLease: false, withEmptied: noted };
    const held = await Tenure.takeOver(aws.cursors, aws.lake, scope, claim);
    expect(held).toEqual({ kind: 'held', leaseUntil: 1000 });
    await takeOver('three', { now: 1000 });
    await takeOver('four', { now: 1001, breakLease: true });
    expect((await aws.cursors.readHeader(scope))?.owner).toBe('four');
  });

  test('empties what the dead run had announced, whether it was written or not', async () => {
    const { tenure } = await takeOver('dead');
    await tenure.announce(['t/dt=2026-03-02/a.json.gz', 't/dt=2026-03-02/b.json.gz']);
    await aws.lake.create('t/dt=2026-03-02/a.json.gz', body);
    const { tenure: next } = await takeOver('next', { now: 2000 });
    expect(next.ledger).toEqual(noted(null, ['t/dt=2026-03-02/a.json.gz', 't/dt=2026-03-02/b.json.gz']));
    expect(await lakeObjects(aws.bucket)).toEqual([
      { key: 't/dt=2026-03-02/a.json.gz', rows: [] },
      { key: 't/dt=2026-03-02/b.json.gz', rows: [] },
    ]);
    expect((await aws.cursors.readHeader(scope))?.pending).toEqual([]);
  });

  test('notes what it emptied at once: a run that dies after it leaves that to the next', async () => {
    const { tenure } = await takeOver('dead');
    await tenure.announce(['t/dt=2026-03-02/a.json.gz']);
    await takeOver('second', { now: 2000 });
    const { tenure: third } = await takeOver('third', { now: 4000 });
    expect(third.ledger).toEqual(noted(null, ['t/dt=2026-03-02/a.json.gz']));
  });

  test('that dies while emptying is done again by the next', async () => {
    const { tenure } = await takeOver('dead');
    await tenure.announce(['t/dt=2026-03-02/a.json.gz']);
    await aws.lake.create('t/dt=2026-03-02/a.json.gz', body);
    aws.s3.on(put, 'refuse');
    await expect(takeOver('second', { now: 2000 })).rejects.toThrow();
    aws.s3.clear();
    const { tenure: third } = await takeOver('third', { now: 4000 });
    expect(third.ledger).toEqual(noted(null, ['t/dt=2026-03-02/a.json.gz']));
    expect(await lakeObjects(aws.bucket)).toMatchObject([{ rows: [] }]);
  });

  test('fences the dead run off: it can neither announce nor commit any more', async () => {
    const { tenure } = await takeOver('dead');
    await tenure.announce(['t/dt=2026-03-02/a.json.gz']);
    const { tenure: next } = await takeOver('next', { now: 2000 });
    await expect(tenure.commit(commit(1))).rejects.toThrow('could not be updated');
    await expect(aws.lake.create('t/dt=2026-03-02/a.json.gz', body)).rejects.toThrow('exists');
    await next.commit(commit(2));
    expect(await marks()).toEqual([{ mark: 2 }]);
    expect(await lakeObjects(aws.bucket)).toMatchObject([{ rows: [] }]);
  });

  test('of two runs at the same time one wins', async () => {
    const outcomes = await Promise.allSettled([takeOver('one'), takeOver('two')]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('a lost answer', () => {
  test('to the commit: it is neither repeated nor undone', async () => {
    const { tenure } = await takeOver('one');
    await tenure.announce(['t/dt=2026-03-02/a.json.gz']);
    await aws.lake.create('t/dt=2026-03-02/a.json.gz', body);
    aws.dynamodb.on(operation('TransactWriteItems'), 'lose-answer', 1);
    await tenure.commit(commit(5));
    expect(aws.dynamodb.met).toHaveLength(1);
    expect(await aws.cursors.readHeader(scope)).toMatchObject({
      sequence: 3,
      pending: [],
      ledger: { rows: 5 },
    });
    expect(await marks()).toEqual([{ mark: 5 }]);
    expect(await lakeObjects(aws.bucket)).toMatchObject([{ rows: [{ a: 1 }] }]);
  });

  test('to every try of the commit: the header says that it took effect', async () => {
    const { tenure } = await takeOver('one');
    aws.dynamodb.on(operation('TransactWriteItems'), 'lose-answer');
    await tenure.commit(commit(5));
    expect(await marks()).toEqual([{ mark: 5 }]);
  });

  test('to a commit that took no effect stops the run, and the next empties what it had written', async () => {
    const { tenure } = await takeOver('one');
    await tenure.announce(['t/dt=2026-03-02/a.json.gz']);
    await aws.lake.create('t/dt=2026-03-02/a.json.gz', body);
    aws.dynamodb.on(operation('TransactWriteItems'), 'refuse');
    await expect(tenure.commit(commit(5))).rejects.toThrow('could not be updated');
    aws.dynamodb.clear();
    const { tenure: two } = await takeOver('two', { now: 2000 });
    expect(two.ledger).toMatchObject({ emptied: [expect.any(String)] });
    expect(await marks()).toEqual([]);
    expect(await lakeObjects(aws.bucket)).toMatchObject([{ rows: [] }]);
  });

  test('to a commit without cursors, to the announcement and to the take-over', async () => {
    aws.dynamodb.on(operation('PutItem'), 'lose-answer', 1);
    const { tenure } = await takeOver('one');
    aws.dynamodb.on(operation('PutItem'), 'lose-answer', 1);
    await tenure.announce(['t/dt=2026-03-02/a.json.gz']);
    aws.dynamodb.on(operation('PutItem'), 'lose-answer', 1);
    await tenure.commit({ cursors: [], ledger: null, release: true });
    expect(aws.dynamodb.met).toHaveLength(3);
    expect(await aws.cursors.readHeader(scope)).toMatchObject({ sequence: 3, owner: null });
  });

  test('to a PUT: the object is ours', async () => {
    aws.s3.on(put, 'lose-answer', 1);
    await aws.lake.create('t/dt=2026-03-02/a.json.gz', body);
    expect(aws.s3.met).toHaveLength(1);
    expect(await lakeObjects(aws.bucket)).toMatchObject([{ rows: [{ a: 1 }] }]);
  });
});

describe('a PUT of a dead run', () => {
  test('that arrives after the next run has taken over changes nothing', async () => {
    const { tenure } = await takeOver('dead');
    await tenure.announce(['t/dt=2026-03-02/a.json.gz']);
    aws.s3.on(put, 'hold');
    await expect(aws.lake.create('t/dt=2026-03-02/a.json.gz', body)).rejects.toThrow();
    aws.s3.clear();
    const { tenure: next } = await takeOver('next', { now: 2000 });
    const statuses = await aws.s3.release();
    expect(statuses.length).toBeGreaterThan(0);
    expect(new Set(statuses)).toEqual(new Set([412]));
    await next.commit(commit(2));
    expect(await lakeObjects(aws.bucket)).toMatchObject([{ rows: [] }]);
  });

  test('that arrives before the next run takes over is emptied by it', async () => {
    const { tenure } = await takeOver('dead');
    await tenure.announce(['t/dt=2026-03-02/a.json.gz']);
    aws.s3.on(put, 'hold');
    await expect(aws.lake.create('t/dt=2026-03-02/a.json.gz', body)).rejects.toThrow();
    aws.s3.clear();
    expect((await aws.s3.release())[0]).toBe(200);
    expect(await lakeObjects(aws.bucket)).toMatchObject([{ rows: [{ a: 1 }] }]);
    await takeOver('next', { now: 2000 });
    expect(await lakeObjects(aws.bucket)).toMatchObject([{ rows: [] }]);
  });

  test('commit of a dead run that arrives after the next run has taken over changes nothing', async () => {
    const { tenure } = await takeOver('dead');
    aws.dynamodb.on(operation('TransactWriteItems'), 'hold');
    await expect(tenure.commit(commit(1))).rejects.toThrow();
    aws.dynamodb.clear();
    const { tenure: next } = await takeOver('next', { now: 2000 });
    for (const status of await aws.dynamodb.release()) expect(status).toBe(400);
    await next.commit(commit(2));
    expect(await marks()).toEqual([{ mark: 2 }]);
  });
});
