import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { runCli, startCli } from '../../support/run-cli.ts';
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

test('the demo replaces the lake of an earlier demo', async () => {
  const lake = await makeTemporaryFolder();
  const old = path.join(lake, 'old');
  await writeFile(path.join(lake, '.demo'), '');
  await writeFile(old, 'x');
  const { child, result } = startCli(['demo', '--lake', lake]);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await result;
    await rm(lake, { recursive: true, force: true });
  });
  const exists = (file: string) =>
    access(file).then(
      () => true,
      () => false,
    );
  while ((await exists(old)) || !(await exists(path.join(lake, '.demo')))) {
    expect(child.exitCode).toBeNull();
    await setTimeout(20);
  }
});
