import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BUCKET, type LocalAws, startLocalAws } from '../../../cli/local-aws.ts';
import { CommitLog } from '../../../shared/lake/commit-log.ts';
import { objectKey } from '../../../shared/lake/keys.ts';
import { goneObjects, noteReplacement, replacedObjects } from '../../../shared/lake/replacements.ts';
import { projectNumber } from '../../support/committed-lake.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';
import { T } from '../../support/times.ts';

const SCOPE = { dataset: 'disk_measurements', subject: projectNumber(1) };
const TABLE = 'disk_measurements';
const DAYS = ['2026-03-01', '2026-03-02'];

let folder: string;
let aws: LocalAws;
let batch: number;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
  aws = await startLocalAws(folder);
  batch = 1_500_000_000;
});
afterEach(async () => {
  await aws.close();
  await rm(folder, { recursive: true, force: true });
});

/** Commits an object with this many rows, as a run does. Returns its key. */
async function commit(day: string, rows: number, run = 'a run'): Promise<string> {
  batch += 1;
  const key = objectKey({ ...SCOPE, table: TABLE, day, batch, part: 0, compression: 'gzip' });
  await aws.lake.create(key, Buffer.from(`${batch}`));
  const objects = [{ key, rows, bytes: 10, sha256: '' }];
  await new CommitLog(aws.lake).write(SCOPE, { batch, run, at: T, objects, cursors: [], statistics: {} });
  return key;
}

const lose = (key: string) => rm(path.join(folder, BUCKET, key));
const gone = () => goneObjects(aws.lake, SCOPE, TABLE, DAYS);
const replacedIn = async (its: Awaited<ReturnType<typeof gone>>) =>
  [...(await replacedObjects(aws.lake, SCOPE, TABLE, its)).values()].flat().map(({ key }) => key);

test('objects that are gone are replaced when a backfill has written as many rows, and not before', async () => {
  const [first, second] = [await commit('2026-03-02', 100), await commit('2026-03-02', 50)];
  await commit('2026-03-02', 1000);
  await lose(first);
  await lose(second);
  const before = await gone();
  expect(before.byDay.get('2026-03-02')).toEqual([
    { key: first, rows: 100 },
    { key: second, rows: 50 },
  ]);
  await commit('2026-03-02', 149, `${before.runPrefix}1`);
  // Rows of another run or another day do not count.
  await commit('2026-03-02', 500);
  await commit('2026-03-01', 500, `${before.runPrefix}2`);
  expect(await replacedIn(before)).toEqual([]);
  await commit('2026-03-02', 1, `${before.runPrefix}3`);
  expect(await replacedIn(before)).toEqual([first, second]);
});

test('a repetition counts what a dead backfill wrote, but nothing that was written before objects disappeared', async () => {
  const [first, second] = [await commit('2026-03-02', 100), await commit('2026-03-02', 50)];
  await lose(first);
  const before = await gone();
  await commit('2026-03-02', 100, `${before.runPrefix}1`);
  expect(await replacedIn(await gone())).toEqual([first]);
  await noteReplacement(aws.lake, first, T);
  await lose(second);
  const later = await gone();
  expect(later.byDay.get('2026-03-02')).toEqual([{ key: second, rows: 50 }]);
  expect(await replacedIn(later)).toEqual([]);
});
