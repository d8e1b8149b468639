import { cp, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { verifyCompacted } from '../../../cli/verification/verify-compacted.ts';
import { collectTwoHours, LakeToVerify } from '../../support/lake-to-verify.ts';
import { runCli } from '../../support/run-cli.ts';

let lakes: Awaited<ReturnType<typeof collectTwoHours>>;
let lake: LakeToVerify;

beforeAll(async () => {
  lakes = await collectTwoHours();
  for (const folder of Object.values(lakes)) await runCli(['compact', '--lake', folder]);
});
afterAll(async () => {
  for (const folder of Object.values(lakes)) await rm(folder, { recursive: true });
});
beforeEach(async () => {
  lake = await LakeToVerify.copyOf(lakes.collected);
});
afterEach(() => lake.remove());

test('a compacted lake is intact', async () => {
  expect(await verifyCompacted(lake.folder)).toEqual([]);
  const { code, stdout } = await runCli(['verify', '--lake', lake.folder]);
  expect(stdout).toMatch(/^The lake is intact: /);
  expect(code).toBe(0);
});

test.each([
  ['is gone', (file: string) => rm(file)],
  ['is cut short', (file: string) => truncate(file, 100)],
  ['is of an earlier compaction', replaceByEarlier],
])('a compacted day whose file %s is named', async (_, damage) => {
  const file = await lake.lastOf('disk_measurements_parquet');
  await damage(file);
  const { code, stdout } = await runCli(['verify', '--lake', lake.folder, '--json']);
  expect(JSON.parse(stdout).findings).toEqual([
    {
      problem: 'compacted',
      table: 'disk_measurements',
      day: '2026-03-02',
      count: 1,
      example: lake.keyOf(file),
    },
  ]);
  expect(code).toBe(1);
});

test('a damaged manifest is named', async () => {
  await writeFile(path.join(lake.folder, '.compaction/manifest.json'), '{');
  const findings = await verifyCompacted(lake.folder);
  expect(findings.map(({ example }) => example)).toEqual(['.compaction/manifest.json']);
});

async function replaceByEarlier(file: string): Promise<void> {
  const earlier = await LakeToVerify.copyOf(lakes.earlier);
  await cp(await earlier.lastOf('disk_measurements_parquet'), file);
  await earlier.remove();
}
