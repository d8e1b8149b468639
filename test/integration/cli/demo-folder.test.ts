import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runCli } from '../../support/run-cli.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';

test('the demo leaves a folder alone that no demo made', async () => {
  const folder = await makeTemporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const lake = path.join(folder, 'precious');
  await mkdir(lake);
  await writeFile(path.join(lake, 'file'), 'x');
  const { code, stderr } = await runCli(['demo', '--lake', lake]);
  expect(code).toBe(2);
  expect(stderr).toContain('has files that no demo created');
  expect(await readFile(path.join(lake, 'file'), 'utf8')).toBe('x');
});
