import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ErasureResult, eraseUser } from '../../../../cli/erasure/erase-user.ts';
import { accessLogs } from '../../../../functions/access-logs/tables.ts';
import type { Header } from '../../../../shared/cursors/header.ts';
import { collectionRuns } from '../../../../shared/engine/tables.ts';
import { isProjectId } from '../../../../shared/ids.ts';
import { objectKey } from '../../../../shared/lake/keys.ts';
import { LakeRewriter, type StoredObject } from '../../../../shared/lake/lake-rewriter.ts';
import { type LakeRow, lakeObjects } from '../../../support/lake-files.ts';
import { startTestAws, type TestAws } from '../../../support/test-aws.ts';

const PROJECT = '5efda6aea3f2ed2e7dd6ce00';

let aws: TestAws;
let s3: S3Client;
beforeEach(async () => {
  aws = await startTestAws();
  s3 = new S3Client({
    region: 'us-east-1',
    credentials: aws.credentials,
    endpoint: aws.s3.endpoint,
    forcePathStyle: true,
  });
});
afterEach(async () => {
  s3.destroy();
  await aws.close();
});

function keyOf(table: string, day: string, batch: number): string {
  if (!isProjectId(PROJECT)) throw new Error('not a project id');
  return objectKey({
    table,
    day,
    subject: PROJECT,
    dataset: 'access_logs',
    batch,
    part: 0,
    compression: 'gzip',
  });
}

function body(...users: string[]): Buffer {
  return gzipSync(users.map((username) => `${JSON.stringify({ username, log_line: null })}\n`).join(''));
}

function header(pending: readonly string[]): { header: Header } {
  const objects = pending.map((key) => ({ key, sha256: '' }));
  return {
    header: {
      sequence: 7,
      writtenBy: 'r',
      holder: 'r',
      leaseUntil: 0,
      stateVersion: 1,
      batch: 3,
      isBehind: false,
      pending: { batch: 4, objects },
      statistics: null,
    },
  };
}

function erase(
  options: { apply?: boolean; user?: string; pending?: readonly string[]; lake?: LakeRewriter } = {},
): Promise<ErasureResult> {
  return eraseUser({
    tables: [collectionRuns, accessLogs],
    lake: options.lake ?? new LakeRewriter(s3, 'lake'),
    readHeaders: async () => [header(options.pending ?? [])],
    user: options.user ?? 'ann',
    apply: options.apply ?? true,
  });
}

/** Returns the users of each object. */
async function users(): Promise<Record<string, unknown[]>> {
  const objects = await lakeObjects(aws.bucket);
  return Object.fromEntries(
    objects.map(({ key, rows }) => [key, rows.map((row: LakeRow) => row['username'])]),
  );
}

const first = keyOf('access_logs', '2026-03-01', 2);
const second = keyOf('access_logs', '2026-03-02', 3);
const third = keyOf('access_logs', '2026-03-02', 4);
const other = keyOf('collection_runs', '2026-03-02', 4);

async function fill(): Promise<void> {
  await aws.lake.create(first, body('ann', 'bob', 'ann'));
  await aws.lake.create(second, body('bob'));
  await aws.lake.create(third, body('ann'));
  await aws.lake.create(other, body('ann'));
}

const found = {
  tables: [{ table: 'access_logs', objects: 2, removed: 3, changed: 0, days: ['2026-03-01', '2026-03-02'] }],
  pending: 0,
};

test('erases the person from every day and changes nothing else', async () => {
  await fill();
  const untouched = await readFile(path.join(aws.bucket, second));
  expect(await erase()).toEqual(found);
  expect(await users()).toEqual({ [first]: ['bob'], [second]: ['bob'], [third]: [], [other]: ['ann'] });
  expect(await readFile(path.join(aws.bucket, second))).toEqual(untouched);
});

test('a dry run returns the same counts and changes nothing', async () => {
  await fill();
  const before = await users();
  expect(await erase({ apply: false })).toEqual(found);
  expect(await users()).toEqual(before);
});

test('a second erasure finds nothing', async () => {
  await fill();
  await erase();
  const [again] = (await erase()).tables;
  expect(again).toMatchObject({ objects: 0, removed: 0, changed: 0, days: [] });
});

test('leaves announced objects unchanged and reports them as pending', async () => {
  await fill();
  expect(await erase({ pending: [third, keyOf('access_logs', '2026-03-03', 9)] })).toEqual({
    tables: [{ table: 'access_logs', objects: 1, removed: 2, changed: 0, days: ['2026-03-01'] }],
    pending: 1,
  });
  expect((await users())[third]).toEqual(['ann']);
});

test('reads an object again if it changes during the rewrite', async () => {
  await fill();
  let changes = 0;
  class Interrupted extends LakeRewriter {
    override async read(key: string): Promise<StoredObject> {
      const stored = await super.read(key);
      if (key === first && changes === 0) {
        changes += 1;
        await aws.lake.empty(first, null);
      }
      return stored;
    }
  }
  await erase({ lake: new Interrupted(s3, 'lake') });
  expect(changes).toBe(1);
  expect((await users())[first]).toEqual([]);
});

test('erases an object whose response is lost', async () => {
  await fill();
  aws.s3.on(
    ({ method, path: where }) => method === 'PUT' && decodeURIComponent(where).includes(first),
    'lose-answer',
    1,
  );
  expect(await erase()).toEqual(found);
  expect(aws.s3.faulted).toHaveLength(1);
  expect(await users()).toMatchObject({ [first]: ['bob'], [third]: [] });
});

test('fails on a file that is not an object of the lake', async () => {
  await fill();
  await writeFile(path.join(aws.bucket, third), 'not gzip');
  await expect(erase()).rejects.toThrow('incorrect header check');
});
