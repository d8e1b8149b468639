import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { LakeLockedError, lockLake } from '../../../local-aws/lock.ts';
import { kill, startProcess, temporaryFolder } from './support.ts';

test('a lake is locked by one caller at a time, and can be locked again after its release', async () => {
  const folder = path.join(await temporaryFolder(), 'new/lake');
  const lock = await lockLake(folder);
  const other = await lockLake(path.join(folder, 'other'));
  await expect(lockLake(folder)).rejects.toThrow(LakeLockedError);
  await lock.release();
  await lock.release();
  await (await lockLake(folder)).release();
  await other.release();
});

test('lockLake does not block other work while it waits, and then explains in one line what to do', async () => {
  const folder = await temporaryFolder();
  const lock = await lockLake(folder);
  let ticks = 0;
  const ticking = setInterval(() => {
    ticks += 1;
  }, 20);
  const start = performance.now();
  const error = await lockLake(folder).catch((reason: unknown) => reason);
  const waited = performance.now() - start;
  clearInterval(ticking);
  expect(error).toBeInstanceOf(LakeLockedError);
  expect(String(error)).toContain(folder);
  expect(String(error)).toMatch(/wait until .*--lake DIR/);
  expect(String(error)).not.toContain('\n');
  expect(waited).toBeGreaterThanOrEqual(1_900);
  expect(ticks).toBeGreaterThan(20);
  await lock.release();
});

test('lockLake returns when another holder releases the lake', async () => {
  const folder = await temporaryFolder();
  const lock = await lockLake(folder);
  const next = lockLake(folder);
  await lock.release();
  await (await next).release();
});

test('a lock of another process lasts until that process is killed', async () => {
  const folder = await temporaryFolder();
  const { child } = await startProcess('lock-lake', folder);
  await expect(lockLake(folder)).rejects.toThrow(LakeLockedError);
  const waiting = lockLake(folder);
  await kill(child);
  await (await waiting).release();
});

test('lockLake prints nothing to stderr', async () => {
  const folder = await temporaryFolder();
  const module = fileURLToPath(new URL('../../../local-aws/lock.ts', import.meta.url));
  const script = `import { lockLake } from ${JSON.stringify(module)}; await (await lockLake(${JSON.stringify(folder)})).release();`;
  const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  expect(stderr).toBe('');
});

test('lockLake fails immediately if the lock file is something else', async () => {
  const folder = await temporaryFolder();
  await mkdir(path.join(folder, 'directory/.lock'), { recursive: true });
  await expect(lockLake(path.join(folder, 'directory'))).rejects.toThrow(
    /^Cannot lock .*directory\/\.lock: /,
  );
  await writeFile(path.join(folder, '.lock'), 'some other file that a user has put there, long enough');
  await expect(lockLake(folder)).rejects.toThrow(/^Cannot lock .*\.lock: file is not a database$/);
});
