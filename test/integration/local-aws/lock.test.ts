import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { holdLake, LakeHeldError } from '../../../local-aws/lock.ts';
import { kill, startProcess, temporaryFolder } from './support.ts';

test('a lake can be held by one holder, and again after its release', async () => {
  const folder = path.join(await temporaryFolder(), 'new/lake');
  const hold = await holdLake(folder);
  const other = await holdLake(path.join(folder, 'other'));
  await expect(holdLake(folder)).rejects.toThrow(LakeHeldError);
  await hold.release();
  await hold.release();
  await (await holdLake(folder)).release();
  await other.release();
});

test('holdLake does not block other work while it waits, and then explains in one line what to do', async () => {
  const folder = await temporaryFolder();
  const hold = await holdLake(folder);
  let ticks = 0;
  const ticking = setInterval(() => {
    ticks += 1;
  }, 20);
  const start = performance.now();
  const error = await holdLake(folder).catch((reason: unknown) => reason);
  const waited = performance.now() - start;
  clearInterval(ticking);
  expect(error).toBeInstanceOf(LakeHeldError);
  expect(String(error)).toContain(folder);
  expect(String(error)).toMatch(/wait until .*--lake DIR/);
  expect(String(error)).not.toContain('\n');
  expect(waited).toBeGreaterThanOrEqual(1_900);
  expect(ticks).toBeGreaterThan(20);
  await hold.release();
});

test('holdLake returns when another holder releases the lake', async () => {
  const folder = await temporaryFolder();
  const hold = await holdLake(folder);
  const next = holdLake(folder);
  await hold.release();
  await (await next).release();
});

test('a hold of another process lasts until that process is killed', async () => {
  const folder = await temporaryFolder();
  const { child } = await startProcess('lake-holder', folder);
  await expect(holdLake(folder)).rejects.toThrow(LakeHeldError);
  const waiting = holdLake(folder);
  await kill(child);
  await (await waiting).release();
});

test('holdLake prints nothing to stderr', async () => {
  const folder = await temporaryFolder();
  const module = fileURLToPath(new URL('../../../local-aws/lock.ts', import.meta.url));
  const script = `import { holdLake } from ${JSON.stringify(module)}; await (await holdLake(${JSON.stringify(folder)})).release();`;
  const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  expect(stderr).toBe('');
});

test('holdLake fails immediately if the lock file is something else', async () => {
  const folder = await temporaryFolder();
  await mkdir(path.join(folder, 'directory/.lock'), { recursive: true });
  await expect(holdLake(path.join(folder, 'directory'))).rejects.toThrow(
    /^Cannot lock .*directory\/\.lock: /,
  );
  await writeFile(path.join(folder, '.lock'), 'some other file that a user has put there, long enough');
  await expect(holdLake(folder)).rejects.toThrow(/^Cannot lock .*\.lock: file is not a database$/);
});
