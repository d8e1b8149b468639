import { gzipSync } from 'node:zlib';
import { marshall } from '@aws-sdk/util-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { encodeRecord } from '../../../shared/cursors/commit-record.ts';
import { SimulatedDynamoDb } from '../../faults/simulation/aws/dynamodb.ts';
import { CommitObserver } from '../../faults/simulation/commit-observer.ts';

const UNIT = 'alerts/7fa43699fb1d56ef50b409b4';
const pk = UNIT.replace('/', '#');
const keyOf = (batch: number) => `t/dt=2026-03-02/${batch}.json.gz`;
const contentOf = (mark: number) => ({ owner: 'o', targets: [{ name: '$self', mark }], states: null });

let objects: Map<string, Buffer>;
let observer: CommitObserver;
let table: SimulatedDynamoDb;
let sequence: number;
beforeEach(() => {
  objects = new Map();
  observer = new CommitObserver(objects, () => 0);
  table = new SimulatedDynamoDb({ now: () => 0, onChange: (changes) => observer.observe(changes) });
  sequence = 0;
});

/** Stores a header, and a cursor with it. */
function write(header: { batch: number; pending?: number }, mark?: number): void {
  sequence += 1;
  const pending = header.pending && { batch: header.pending, objects: [{ key: keyOf(header.pending) }] };
  const items = [
    { pk, sk: 'header', sequence, writtenBy: 'a run', batch: header.batch, pending: pending ?? null },
    ...(mark === undefined ? [] : [{ pk, sk: 'cursor#o#0', content: contentOf(mark) }]),
  ];
  const TransactItems = items.map((item) => ({ Put: { TableName: 't', Item: marshall(item) } }));
  const body = JSON.stringify({ TransactItems, ClientRequestToken: String(sequence) });
  table.handle({
    method: 'POST',
    path: '/',
    headers: { 'x-amz-target': 'DynamoDB_20120810.TransactWriteItems' },
    body,
  });
}

/** Announces a batch, and writes its object and its record. */
function record(batch: number, mark: number): void {
  write({ batch: batch - 1, pending: batch });
  const body = gzipSync('{"a":1}\n');
  objects.set(keyOf(batch), body);
  const written = { key: keyOf(batch), rows: 1, bytes: body.length, sha256: 's' };
  const cursors = [{ id: 'o#0', content: contentOf(mark) }];
  const commit = { batch, run: `run ${batch}`, at: 0, objects: [written], cursors, statistics: null };
  objects.set(`_commits/${UNIT}/${String(batch).padStart(10, '0')}.commit.gz`, encodeRecord(commit));
}

/** Returns a function that resets the table to its present content. */
function saved(): () => void {
  const [items, then] = [table.items, sequence];
  observer.tableSaved();
  return () => {
    observer.tableRestored(table.items, items);
    table.restore(items);
    sequence = then;
  };
}

/** A commit's batch and how it moved the watermark. */
const commits = () =>
  observer.commits.map((commit) => [commit.sequence, commit.moves[0]?.from, commit.moves[0]?.to]);

test('commits that a restored table takes from the records of the lake do not count again', () => {
  write({ batch: 0 });
  const restore = saved();
  record(1, 10);
  write({ batch: 1 }, 10);
  restore();
  write({ batch: 1 }, 10);
  record(2, 20);
  write({ batch: 2 }, 20);
  expect(commits()).toEqual([
    [1, undefined, 10],
    [2, 10, 20],
  ]);
  expect(observer.violations).toEqual([]);
});

test('a batch that was recorded when the table was lost continues from what its run had read there', () => {
  write({ batch: 0 });
  const restore = saved();
  record(1, 10);
  write({ batch: 1 }, 10);
  write({ batch: 1 }, 15);
  record(2, 20);
  restore();
  write({ batch: 2 }, 20);
  expect(commits()).toEqual([
    [1, undefined, 10],
    [1.5, 10, 15],
    [2, 15, 20],
  ]);
  expect(observer.commits.map(({ lostFrom }) => lostFrom)).toEqual([Infinity, 2, Infinity]);
  expect(observer.commits.map(({ isRecovered }) => isRecovered)).toEqual([false, false, true]);
  expect(observer.violations).toEqual([]);
});

test('a restored table that differs from the records is a violation', () => {
  write({ batch: 0 });
  const restore = saved();
  record(1, 10);
  write({ batch: 1 }, 10);
  restore();
  write({ batch: 1 }, 11);
  expect(observer.violations).toEqual([`${pk}: cursor o#0 is not what the record of its commit says`]);
});

test('a restored table that is used before it has the commits of the lake is a violation', () => {
  write({ batch: 0 });
  const restore = saved();
  record(1, 10);
  write({ batch: 1 }, 10);
  restore();
  write({ batch: 0 }, 5);
  expect(observer.violations).toEqual([`${pk}: went on while the table lacked commits of the lake`]);
});

test('an announcement that was lost with a table may come again once', () => {
  write({ batch: 0 });
  const restore = saved();
  write({ batch: 0, pending: 1 });
  restore();
  write({ batch: 0, pending: 1 });
  expect(observer.violations).toEqual([]);
  write({ batch: 0 });
  write({ batch: 0, pending: 1 });
  expect(observer.violations).toEqual([`${keyOf(1)} is announced for the second time`]);
});

test('an announcement that a restored table still has may not come again', () => {
  write({ batch: 0 });
  write({ batch: 0, pending: 1 });
  saved()();
  write({ batch: 0 });
  write({ batch: 0, pending: 1 });
  expect(observer.violations).toEqual([`${keyOf(1)} is announced for the second time`]);
});
