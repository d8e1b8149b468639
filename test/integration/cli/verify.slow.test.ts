import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startLocalAws } from '../../../cli/local-aws.ts';
import type { LakeSource } from '../../../cli/verification/lake-source.ts';
import { localSource } from '../../../cli/verification/s3-source.ts';
import { type Verification, verifyLake } from '../../../cli/verification/verify-lake.ts';
import { datasets } from '../../../functions/datasets.ts';
import type { CursorItem } from '../../../shared/cursors/document.ts';
import { documentFromJson, documentToJson } from '../../../shared/cursors/document-json.ts';
import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { runCli } from '../../support/run-cli.ts';
import { startScenario } from '../../support/scenario.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';
import { T } from '../../support/times.ts';

const DATASETS = ['disk_measurements', 'access_logs', 'alerts'];

/** A lake after two hours, and the same lake after one hour. */
let collected: string;
let earlier: string;
let folder: string;

beforeAll(async () => {
  const organisation = createOrganisation();
  const backfill = { backfill: 'PT30M' };
  const config = { datasets: { disk_measurements: backfill, access_logs: backfill } };
  const scenario = await startScenario({ organisation, start: T, config });
  collected = await makeTemporaryFolder();
  earlier = await makeTemporaryFolder();
  for (let at = T; at <= T + HOUR; at += 20 * MINUTE) await scenario.tick(at, DATASETS);
  await scenario.restart((from) => cp(from, earlier, { recursive: true }));
  for (let at = T + 80 * MINUTE; at <= T + 2 * HOUR; at += 20 * MINUTE) await scenario.tick(at, DATASETS);
  await scenario.restart((from) => cp(from, collected, { recursive: true }));
  await scenario.close();
});
afterAll(async () => {
  for (const made of [collected, earlier]) await rm(made, { recursive: true });
});
beforeEach(async () => {
  folder = await makeTemporaryFolder();
  await cp(collected, folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true }));

/** @param change changes what `verify` reads, to act like a collector that runs meanwhile */
async function verified(
  change: (source: LakeSource) => Partial<LakeSource> = () => ({}),
): Promise<Verification> {
  const aws = await startLocalAws(folder);
  try {
    const source = localSource(aws);
    return await verifyLake({ ...source, ...change(source) }, { datasets, now: T + 3 * HOUR });
  } finally {
    await aws.close();
  }
}

/** Returns all files of a table, sorted by path. */
async function filesOf(table: string): Promise<string[]> {
  const below = path.join(folder, 'lake', table);
  const entries = await readdir(below, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

async function lastOf(table: string): Promise<string> {
  const last = (await filesOf(table)).at(-1);
  if (last === undefined) throw new Error(`${table} has no objects`);
  return last;
}

/** Returns a cursor as it would be three days later. */
function withLaterMarks({ id, content }: CursorItem): CursorItem {
  const later = documentToJson(content).replace(
    /"mark":(\d+)/g,
    (_, mark) => `"mark":${Number(mark) + 3 * DAY}`,
  );
  return { id, content: documentFromJson(later) };
}

const keyOf = (file: string) => path.relative(path.join(folder, 'lake'), file);
const problems = ({ findings }: Verification) => findings.map(({ problem, table }) => `${problem} ${table}`);

describe('an unchanged lake', () => {
  test('has no findings, and every object and commit is checked', async () => {
    const { findings, checked } = await verified();
    expect(findings).toEqual([]);
    const entries = await readdir(path.join(folder, 'lake'), { recursive: true });
    expect(checked.objects).toBe(entries.filter((name) => name.endsWith('.json.gz')).length);
    const decided = entries.filter((name) => name.endsWith('.commit.gz'));
    // The first number of each dataset and subject is given up, so that it shows where the numbers start.
    const starts = new Set(decided.map((name) => path.dirname(name)));
    expect(checked.commits).toBe(decided.length - starts.size);
    expect(checked.rows).toBeGreaterThan(1_000);
  });

  test('exits with 0 and prints one line, or one object with --json', async () => {
    const plain = await runCli(['verify', '--lake', folder]);
    expect(plain).toMatchObject({ code: 0, stderr: '' });
    expect(plain.stdout).toMatch(
      /^The lake is intact: [\d,]+ objects with [\d,]+ rows from [\d,]+ commits\.\n$/,
    );
    const json = await runCli(['verify', '--lake', folder, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ clean: true, findings: [] });
  });
});

describe('an object', () => {
  test('that was deleted is missing, with its table and day', async () => {
    const file = await lastOf('disk_measurements');
    await rm(file);
    const { findings } = await verified();
    expect(findings).toEqual([
      { problem: 'missing', table: 'disk_measurements', day: '2026-03-02', count: 1, example: keyOf(file) },
    ]);
  });

  test('that was copied to another key is uncommitted, and its rows are duplicates', async () => {
    const file = await lastOf('disk_measurements');
    await cp(file, file.replace('-0.json.gz', '-1.json.gz'));
    const rows =
      gunzipSync(await readFile(file))
        .toString('utf8')
        .split('\n').length - 1;
    const { findings } = await verified();
    expect(findings.map(({ problem, table }) => `${problem} ${table}`)).toEqual([
      'uncommitted disk_measurements',
      'duplicate disk_measurements',
    ]);
    expect(findings[1]).toMatchObject({ day: '2026-03-02', count: rows });
  });

  test('that was truncated is unreadable', async () => {
    const file = await lastOf('access_logs');
    const body = await readFile(file);
    await writeFile(file, body.subarray(0, body.length - 10));
    expect(problems(await verified())).toEqual(['unreadable access_logs']);
  });

  test('that was emptied is changed', async () => {
    await writeFile(await lastOf('alerts'), gzipSync(''));
    expect(problems(await verified())).toEqual(['changed alerts']);
  });

  test('of the same size with other rows is changed', async () => {
    const file = await lastOf('collection_runs');
    const lines = gunzipSync(await readFile(file))
      .toString('utf8')
      .replace('"complete"', '"complets"');
    await writeFile(file, gzipSync(lines));
    expect(problems(await verified())).toEqual(['changed collection_runs']);
  });

  test('that another program wrote is uncommitted', async () => {
    const day = path.dirname(await lastOf('disk_measurements'));
    await writeFile(path.join(day, 'mine.json.gz'), gzipSync('{"a":1}\n'));
    expect(problems(await verified())).toEqual(['uncommitted disk_measurements']);
  });

  test('outside of any day is uncommitted and does not stop the command', async () => {
    await mkdir(path.join(folder, 'lake', 'alerts', 'notes'), { recursive: true });
    await writeFile(path.join(folder, 'lake', 'alerts', 'notes', 'x.txt'), 'hello');
    expect(problems(await verified())).toEqual(['uncommitted alerts']);
  });
});

describe('a cursor table', () => {
  test('from an earlier time is behind for each dataset and project', async () => {
    await rm(path.join(folder, '.cursors'), { recursive: true });
    await cp(path.join(earlier, '.cursors'), path.join(folder, '.cursors'), { recursive: true });
    const { findings } = await verified();
    expect(new Set(findings.map(({ problem }) => problem))).toEqual(new Set(['behind']));
    expect(findings.map(({ table }) => table)).toContain('disk_measurements');
  });

  test('with an announced batch is pending, and the objects of the batch are not findings', async () => {
    const aws = await startLocalAws(folder);
    const [first] = await aws.readHeaders();
    if (!first) throw new Error('no header');
    const { scope, header } = first;
    const objects = [
      { key: `alerts/dt=2026-03-02/${scope.subject}-alerts-1772460000-0.json.gz`, sha256: 'x' },
    ];
    const pending = { batch: (header.batch ?? 0) + 1, objects };
    await aws.cursors.putHeader(
      scope,
      { ...header, sequence: header.sequence + 1, pending },
      header.sequence,
    );
    await aws.close();
    await writeFile(
      path.join(folder, 'lake', objects[0]?.key ?? ''),
      gzipSync('{"ts":"2026-03-02 12:00:00.000"}\n'),
    );
    expect(problems(await verified())).toEqual([`pending ${scope.dataset}`]);
  });
});

describe('a run that commits while the lake is verified', () => {
  test('is not behind: its header is read again after its record', async () => {
    let reads = 0;
    const { findings } = await verified((source) => ({
      headers: async () => {
        const now = await source.headers();
        const beforeItsCommit = now.map(({ scope, header }) => ({
          scope,
          header: { ...header, batch: (header.batch ?? 0) - 1 },
        }));
        reads += 1;
        return reads === 1 ? beforeItsCommit : now;
      },
    }));
    expect(findings).toEqual([]);
  });

  test('may move watermarks by days: they are read before the rows', async () => {
    let hasRows = false;
    const { findings } = await verified((source) => ({
      list: (prefix) => {
        hasRows ||= prefix === 'disk_measurements/';
        return source.list(prefix);
      },
      cursors: async (scope) => {
        const items = await source.cursors(scope);
        return hasRows ? items.map(withLaterMarks) : items;
      },
    }));
    expect(findings).toEqual([]);
  });
});

test('a watermark days after the last row of its disk is unbacked', async () => {
  const { findings } = await verified((source) => ({
    cursors: async (scope) => (await source.cursors(scope)).map(withLaterMarks),
  }));
  expect(findings.map(({ problem, table }) => `${problem} ${table}`)).toEqual(['unbacked disk_measurements']);
});

test('an erased person is not a finding', async () => {
  const [file] = await filesOf('access_logs');
  const lines = gunzipSync(await readFile(file ?? ''))
    .toString('utf8')
    .split('\n');
  const { username } = JSON.parse(lines[0] ?? '');
  const erased = await runCli(['erase', '--lake', folder, '--user', username, '--apply', '--json']);
  expect(JSON.parse(erased.stdout).tables.some(({ objects }: { objects: number }) => objects > 0)).toBe(true);
  expect((await verified()).findings).toEqual([]);
});

test('a damaged lake exits with 1 and prints the verdict first; a missing lake or option exits with 2', async () => {
  await rm(await lastOf('disk_measurements'));
  const { code, stdout } = await runCli(['verify', '--lake', folder]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^The lake is NOT intact: objects of a commit are missing\.\n/);
  expect(stdout).toContain('disk_measurements');
  expect((await runCli(['verify', '--lake', path.join(folder, 'none')])).code).toBe(2);
  expect((await runCli(['verify', '--bucket', 'b'])).code).toBe(2);
});
