import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MINUTE } from '../../../shared/durations.ts';
import { CommitLog } from '../../../shared/lake/commit-log.ts';
import { type NewCommits, readNewCommits } from '../../../shared/publication/commit-reader.ts';
import type { Positions } from '../../../shared/publication/positions.ts';
import { UnrecordedObjects } from '../../../shared/publication/unrecorded-objects.ts';
import { projectNumber, writeBatch } from '../../support/committed-lake.ts';
import { startTestAws, type TestAws } from '../../support/test-aws.ts';
import { diskRow, diskTable } from '../../support/written-rows.ts';

const DATASET = 'disk_measurements';
const T = Date.parse('2026-03-02T00:00:00Z');
const FIRST_BATCH = 1_772_000_000;

let aws: TestAws;
beforeEach(async () => {
  aws = await startTestAws();
});
afterEach(() => aws.close());

/** Writes batches of one object each. */
async function commit(subject: number, batches: number, first = FIRST_BATCH): Promise<void> {
  for (let batch = first; batch < first + batches; batch += 1) {
    await writeBatch(
      aws.lake,
      { dataset: DATASET, subject: projectNumber(subject), batch, end: 'committed' },
      [{ table: diskTable, rows: [diskRow({ measurement: 'DISK_QUEUE_DEPTH', ts: T + batch, value: 1 })] }],
    );
  }
}

const read = (known: Positions, most: number): Promise<NewCommits> =>
  readNewCommits(DATASET, known, {
    objects: aws.lake,
    log: new CommitLog(aws.lake),
    mayContinue: (objects) => objects < most,
  });

describe('reading commits with room for a few', () => {
  test('stops within the records of one project, and continues there', async () => {
    await commit(1, 5);
    const first = await read(new Map(), 2);
    expect(first.objects).toHaveLength(2);
    expect(first.hasMore).toBe(true);
    const second = await read(first.positions, 2);
    const third = await read(second.positions, 2);
    expect(third).toMatchObject({ hasMore: false, unreadSince: null });
    const keys = [first, second, third].flatMap(({ objects }) => objects.map(({ key }) => key));
    expect(new Set(keys).size).toBe(5);
  });

  test('says when the oldest unread commit was recorded, of a project that was never read too', async () => {
    const before = Date.now();
    await commit(1, 1);
    await commit(2, 1);
    const { unreadSince, objects } = await read(new Map(), 0);
    expect(objects).toEqual([]);
    expect(Math.abs((unreadSince ?? 0) - before)).toBeLessThan(MINUTE);
    expect(await read(new Map(), 3)).toMatchObject({ unreadSince: null, hasMore: false });
  });

  test('has nothing unread if there is no new commit', async () => {
    await commit(1, 1);
    const { positions } = await read(new Map(), 1);
    expect(await read(positions, 0)).toMatchObject({ unreadSince: null, hasMore: false });
  });
});

test('objects of before 0.1.0 that are not listed yet count from when the next one was written', async () => {
  const before = Date.now();
  await commit(1, 2, 7);
  const unrecorded = new UnrecordedObjects(aws.lake, aws.cursors);
  const none = await unrecorded.readNext([diskTable.name], { now: before, mayContinue: () => false });
  expect(none).toMatchObject({ objects: [], isComplete: false });
  expect(Math.abs((none.unreadSince ?? 0) - before)).toBeLessThan(MINUTE);
  const all = await unrecorded.readNext([diskTable.name], { now: before, mayContinue: () => true });
  expect(all).toMatchObject({ isComplete: true, unreadSince: null });
  expect(all.objects).toHaveLength(2);
});
