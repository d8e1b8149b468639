import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
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

describe('an unchanged lake', () => {
  test('has no findings, and every object and commit is checked', async () => {
    const { findings, checked } = await lake.verified();
    expect(findings).toEqual([]);
    const entries = await readdir(lake.fileOf(''), { recursive: true });
    expect(checked.objects).toBe(entries.filter((name) => name.endsWith('.json.gz')).length);
    const decided = entries.filter((name) => name.endsWith('.commit.gz'));
    // The first number of each dataset and subject is given up, so that it shows where the numbers start.
    const starts = new Set(decided.map((name) => path.dirname(name)));
    expect(checked.commits).toBe(decided.length - starts.size);
    expect(checked.rows).toBeGreaterThan(1_000);
  });

  test('exits with 0 and prints one line, or one object with --json', async () => {
    const plain = await runCli(['verify', '--lake', lake.folder]);
    expect(plain).toMatchObject({ code: 0, stderr: '' });
    expect(plain.stdout).toMatch(
      /^The lake is intact: [\d,]+ objects with [\d,]+ rows from [\d,]+ commits\.\n$/,
    );
    const json = await runCli(['verify', '--lake', lake.folder, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ clean: true, findings: [] });
  });
});

describe('an object', () => {
  test('that was deleted is missing, with its table and day', async () => {
    const file = await lake.lastOf('disk_measurements');
    await rm(file);
    const { findings } = await lake.verified();
    expect(findings).toEqual([
      {
        problem: 'missing',
        table: 'disk_measurements',
        day: '2026-03-02',
        count: 1,
        example: lake.keyOf(file),
      },
    ]);
  });

  test('that was copied to another key is uncommitted, and its rows are duplicates', async () => {
    const file = await lake.lastOf('disk_measurements');
    await cp(file, file.replace('-0.json.gz', '-1.json.gz'));
    const rows =
      gunzipSync(await readFile(file))
        .toString('utf8')
        .split('\n').length - 1;
    const { findings } = await lake.verified();
    expect(findings.map(({ problem, table }) => `${problem} ${table}`)).toEqual([
      'uncommitted disk_measurements',
      'duplicate disk_measurements',
    ]);
    expect(findings[1]).toMatchObject({ day: '2026-03-02', count: rows });
  });

  test('that was truncated is unreadable', async () => {
    const file = await lake.lastOf('access_logs');
    const body = await readFile(file);
    await writeFile(file, body.subarray(0, body.length - 10));
    expect(await lake.problems()).toEqual(['unreadable access_logs']);
  });

  test('that was emptied is changed', async () => {
    await writeFile(await lake.lastOf('alerts'), gzipSync(''));
    expect(await lake.problems()).toEqual(['changed alerts']);
  });

  test('of the same size with other rows is changed', async () => {
    const file = await lake.lastOf('collection_runs');
    const lines = gunzipSync(await readFile(file))
      .toString('utf8')
      .replace('"complete"', '"complets"');
    await writeFile(file, gzipSync(lines));
    expect(await lake.problems()).toEqual(['changed collection_runs']);
  });

  test('that another program wrote is uncommitted', async () => {
    const day = path.dirname(await lake.lastOf('disk_measurements'));
    await writeFile(path.join(day, 'mine.json.gz'), gzipSync('{"a":1}\n'));
    expect(await lake.problems()).toEqual(['uncommitted disk_measurements']);
  });

  test('outside of any day is uncommitted and does not stop the command', async () => {
    await mkdir(lake.fileOf('alerts/notes'), { recursive: true });
    await writeFile(lake.fileOf('alerts/notes/x.txt'), 'hello');
    expect(await lake.problems()).toEqual(['uncommitted alerts']);
  });
});

test('an erased person is not a finding', async () => {
  const [file] = await lake.filesOf('access_logs');
  const lines = gunzipSync(await readFile(file ?? ''))
    .toString('utf8')
    .split('\n');
  const { username } = JSON.parse(lines[0] ?? '');
  const erased = await runCli(['erase', '--lake', lake.folder, '--user', username, '--apply', '--json']);
  expect(JSON.parse(erased.stdout).tables.some(({ objects }: { objects: number }) => objects > 0)).toBe(true);
  expect((await lake.verified()).findings).toEqual([]);
});

test('a damaged lake exits with 1 and prints the verdict first; a missing lake or option exits with 2', async () => {
  await rm(await lake.lastOf('disk_measurements'));
  const { code, stdout } = await runCli(['verify', '--lake', lake.folder]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^The lake is NOT intact: objects of a commit are missing\.\n/);
  expect(stdout).toContain('disk_measurements');
  expect((await runCli(['verify', '--lake', path.join(lake.folder, 'none')])).code).toBe(2);
  expect((await runCli(['verify', '--bucket', 'b'])).code).toBe(2);
});
