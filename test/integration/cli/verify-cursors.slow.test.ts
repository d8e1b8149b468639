import { cp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startLocalAws } from '../../../cli/local-aws.ts';
import { UNREADABLE } from '../../../cli/verification/damage.ts';
import type { CursorItem } from '../../../shared/cursors/document.ts';
import { documentFromJson, documentToJson } from '../../../shared/cursors/document-json.ts';
import { DAY } from '../../../shared/durations.ts';
import { collectTwoHours, LakeToVerify } from '../../support/lake-to-verify.ts';

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

describe('a cursor table', () => {
  test('from an earlier time is behind for each dataset and project', async () => {
    const cursors = path.join(lake.folder, '.cursors');
    await rm(cursors, { recursive: true });
    await cp(path.join(lakes.earlier, '.cursors'), cursors, { recursive: true });
    const { findings } = await lake.verified();
    expect(new Set(findings.map(({ problem }) => problem))).toEqual(new Set(['behind']));
    expect(findings.map(({ table }) => table)).toContain('disk_measurements');
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
