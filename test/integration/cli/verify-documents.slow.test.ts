import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { collectTwoHours, LakeToVerify } from '../../support/lake-to-verify.ts';
import { runCli } from '../../support/run-cli.ts';

let lakes: Awaited<ReturnType<typeof collectTwoHours>>;
let lake: LakeToVerify;

beforeAll(async () => {
  lakes = await collectTwoHours();
});
afterAll(async () => {
  for (const folder of Object.values(lakes)) await rm(folder, { recursive: true });
});
beforeEach(async () => {
  lake = await LakeToVerify.copyOf(lakes.collected);
});
afterEach(() => lake.remove());

/** Deletes an object, which must be found in any case. Returns the other findings. */
async function otherFindings(): Promise<string[]> {
  const file = await lake.lastOf('alerts');
  await rm(file);
  const { findings } = await lake.verified();
  const missing = findings.filter(({ problem }) => problem === 'missing');
  expect(missing.map(({ example }) => example)).toEqual([lake.keyOf(file)]);
  return findings
    .filter(({ problem }) => problem !== 'missing')
    .map(({ problem, example }) => `${problem} ${example}`);
}

describe('a damaged document is named, and the rest is checked:', () => {
  test.each([
    ['cut short', (body: Buffer) => body.subarray(0, 20)],
    ['empty', () => Buffer.alloc(0)],
    ['without its fields', () => gzipSync('{"version":1}')],
    ['that is not JSON', () => gzipSync('{"version":1,')],
  ])('a commit record %s', async (_, damaged) => {
    const record = await lake.lastOf('_commits/disk_measurements');
    await writeFile(record, damaged(await readFile(record)));
    expect(await otherFindings()).toEqual([`unreadable ${lake.keyOf(record)}`]);
    expect((await runCli(['verify', '--lake', lake.folder])).code).toBe(1);
    const { stdout } = await runCli(['check', '--lake', lake.folder]);
    expect(stdout).toContain(`${lake.keyOf(record)} cannot be read`);
  });

  test('the note of an erasure', async () => {
    const [file = ''] = await lake.filesOf('access_logs');
    const [line = ''] = gunzipSync(await readFile(file))
      .toString('utf8')
      .split('\n');
    await runCli(['erase', '--lake', lake.folder, '--user', JSON.parse(line).username, '--apply']);
    const note = await lake.lastOf('_erasures/access_logs');
    await writeFile(note, '{"version":1,');
    expect(await otherFindings()).toEqual([`unreadable ${lake.keyOf(note)}`]);
  });

  test('the note of a backfill, which does not excuse the object that is gone', async () => {
    const file = await lake.lastOf('disk_measurements');
    const note = `_replaced/${lake.keyOf(file)}.json`;
    await rm(file);
    await mkdir(path.dirname(lake.fileOf(note)), { recursive: true });
    await writeFile(lake.fileOf(note), '');
    const { findings } = await lake.verified();
    expect(findings.map(({ problem, example }) => `${problem} ${example}`)).toEqual([
      `missing ${lake.keyOf(file)}`,
      `unreadable ${note}`,
    ]);
  });

  test('a header', async () => {
    const { partition, header } = await lake.itemsOf('disk_measurements');
    await lake.putItem({ ...header, batch: { S: 'x' } });
    expect(await otherFindings()).toEqual([`unreadable ${partition}`]);
  });

  test.each(['disk_measurements', 'access_logs'])('a cursor of %s', async (dataset) => {
    const { partition, cursors } = await lake.itemsOf(dataset);
    await lake.putItem({ ...cursors[0], content: { S: 'x' } });
    expect(await otherFindings()).toEqual([`unreadable ${partition}`]);
  });
});

test('a header of a later version ends with what to do', async () => {
  const { header } = await lake.itemsOf('disk_measurements');
  await lake.putItem({ ...header, version: { N: '99' } });
  const { code, stderr } = await runCli(['verify', '--lake', lake.folder]);
  expect(code).toBe(1);
  expect(stderr).toContain('was written by a later version of Atlas Lake');
});
