import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startLocalAws } from '../../../cli/local-aws.ts';
import { UNREADABLE } from '../../../cli/verification/damage.ts';
import { decodeRecord, isGivenUp } from '../../../shared/cursors/commit-record.ts';
import type { CursorItem } from '../../../shared/cursors/document.ts';
import { documentFromJson, documentToJson } from '../../../shared/cursors/document-json.ts';
import { DAY } from '../../../shared/durations.ts';
import { collectTwoHours, LakeToVerify } from '../../support/lake-to-verify.ts';
import { runCli } from '../../support/run-cli.ts';
import { T } from '../../support/times.ts';

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

/** Returns a cursor as it would be three days later. */
function withLaterMarks({ id, content }: CursorItem): CursorItem {
  const later = documentToJson(content).replace(
    /"mark":(\d+)/g,
    (_, mark) => `"mark":${Number(mark) + 3 * DAY}`,
  );
  return { id, content: documentFromJson(later) };
}

/** Returns a cursor as it would be if Atlas had returned no values since an instant. */
function withSilence({ id, content }: CursorItem, since: number): CursorItem {
  const silent = documentToJson(content).replace(/"empty_from":null/g, `"empty_from":${since}`);
  return { id, content: documentFromJson(silent) };
}

describe('a cursor table', () => {
  test('from an earlier time is behind for each dataset and project', async () => {
    const cursors = path.join(lake.folder, '.cursors');
    await rm(cursors, { recursive: true });
    await cp(path.join(lakes.earlier, '.cursors'), cursors, { recursive: true });
    const { findings } = await lake.verified();
    expect(new Set(findings.map(({ problem }) => problem))).toEqual(new Set(['behind']));
    expect(findings.map(({ table }) => table)).toContain('disk_measurements');
  });

  test('that is new is behind for each dataset and project with records', async () => {
    await rm(path.join(lake.folder, '.cursors'), { recursive: true });
    const { findings } = await lake.verified();
    const datasets = await readdir(lake.fileOf('_commits'));
    expect(findings.map(({ problem, table }) => `${problem} ${table}`)).toEqual(
      datasets.sort().map((name) => `behind ${name}`),
    );
  });

  test('without a header is behind, and missing objects of the dataset are found', async () => {
    const { header } = await lake.itemsOf('disk_measurements');
    await lake.deleteItem(header);
    const object = await lake.lastOf('disk_measurements');
    await rm(object);
    expect(await lake.problems()).toEqual(['missing disk_measurements', 'behind disk_measurements']);
  });

  test('without a cursor that a commit stored is behind', async () => {
    const { cursors } = await lake.itemsOf('disk_measurements');
    const [cursor] = cursors;
    if (!cursor) throw new Error('no disks');
    await lake.deleteItem(cursor);
    const { findings } = await lake.verified();
    const example = cursor['sk']?.S?.replace('cursor#', '');
    expect(findings).toEqual([
      { problem: 'behind', table: 'disk_measurements', day: null, count: 1, example },
    ]);
  });

  test('with an announced batch is pending, and the objects of the batch are not findings', async () => {
    const aws = await startLocalAws(lake.folder);
    const [first] = await aws.readHeaders();
    if (!first) throw new Error('no header');
    const { scope, header } = first;
    const key = `alerts/dt=2026-03-02/${scope.subject}-alerts-1772460000-0.json.gz`;
    const pending = { batch: (header.batch ?? 0) + 1, objects: [{ key, sha256: 'x' }] };
    const next = { ...header, sequence: header.sequence + 1, pending };
    await aws.cursors.putHeader(scope, next, header.sequence);
    await aws.close();
    await writeFile(lake.fileOf(key), gzipSync('{"ts":"2026-03-02 12:00:00.000"}\n'));
    expect(await lake.problems()).toEqual([`pending ${scope.dataset}`]);
  });

  test('with watermarks days after the last row of their disks is unbacked', async () => {
    const { findings } = await lake.verified(({ cursors }) => ({
      cursors: async (scope) => (await cursors(scope)).map(withLaterMarks),
    }));
    expect(findings.map(({ problem, table }) => `${problem} ${table}`)).toEqual([
      'unbacked disk_measurements',
    ]);
  });
});

test('watermarks days after the last row are no finding if Atlas has returned no values since', async () => {
  const { findings } = await lake.verified(({ cursors }) => ({
    cursors: async (scope) => (await cursors(scope)).map((one) => withSilence(withLaterMarks(one), T)),
  }));
  expect(findings).toEqual([]);
});

describe('a commit that is gone with its record and all of its objects', () => {
  /** Deletes the record of disks at an index, and its objects. Returns its key. */
  async function deleteCommit(index: number): Promise<string> {
    const records = await lake.filesOf('_commits/disk_measurements');
    const file = records.at(index);
    if (file === undefined) throw new Error('no such record');
    const record = decodeRecord(await readFile(file));
    if (!isGivenUp(record)) for (const { key } of record.objects) await rm(lake.fileOf(key));
    await rm(file);
    return lake.keyOf(file);
  }

  // The first number is given up, where the numbers start.
  test.each([
    ['the first', 1],
    ['one in the middle', 3],
    ['the last', -1],
  ])('is found: %s', async (_, index) => {
    const example = await deleteCommit(index);
    const { findings } = await lake.verified();
    expect(findings).toEqual([{ problem: 'lost', table: 'disk_measurements', day: null, count: 1, example }]);
  });

  test('is found if nothing is left of where the numbers start', async () => {
    await deleteCommit(0);
    const example = await deleteCommit(0);
    const { findings } = await lake.verified();
    expect(findings).toEqual([{ problem: 'lost', table: 'disk_measurements', day: null, count: 1, example }]);
  });

  test('is no finding if a lifecycle rule deletes records', async () => {
    await deleteCommit(3);
    const { findings } = await lake.verified(() => ({
      expiresAfterDays: async (key) => (key.startsWith('_commits/disk_measurements/') ? 30 : null),
    }));
    expect(findings).toEqual([]);
  });

  test('is a line of the verdict if all commits of the dataset are gone: someone may have removed its data', async () => {
    const records = await lake.filesOf('_commits/disk_measurements');
    for (let left = records.length; left > 0; left -= 1) await deleteCommit(-1);
    const { code, stdout } = await runCli(['verify', '--lake', lake.folder]);
    expect(stdout).toMatch(/^The lake is intact: .*\n2 datasets of projects have cursors but no commits/);
    expect(code).toBe(0);
  });
});

describe('a run that commits while the lake is verified', () => {
  test('is not behind: its header is read again after its record', async () => {
    let reads = 0;
    const { findings } = await lake.verified((source) => ({
      headers: async () => {
        const now = await source.headers();
        const beforeItsCommit = now.map(({ scope, header }) => ({
          scope,
          header: header === UNREADABLE ? header : { ...header, batch: (header.batch ?? 0) - 1 },
        }));
        reads += 1;
        return reads === 1 ? beforeItsCommit : now;
      },
    }));
    expect(findings).toEqual([]);
  });

  test('may move watermarks by days: they are read before the rows', async () => {
    let hasRows = false;
    const { findings } = await lake.verified(({ list, cursors }) => ({
      list: (prefix) => {
        hasRows ||= prefix === 'disk_measurements/';
        return list(prefix);
      },
      cursors: async (scope) => {
        const items = await cursors(scope);
        return hasRows ? items.map(withLaterMarks) : items;
      },
    }));
    expect(findings).toEqual([]);
  });
});
