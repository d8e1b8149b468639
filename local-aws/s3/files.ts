import type { BigIntStats } from 'node:fs';
import { type FileHandle, link, mkdir, open, rename, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { isSystemError, S3Error } from './errors.ts';

/** What is at a path, or nothing. */
export async function statOf(name: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(name, { bigint: true });
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** Opens a file for reading, if there is one. */
export async function openIfPresent(name: string): Promise<FileHandle | undefined> {
  try {
    return await open(name);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/**
 * Puts a file in its place in one step, and has that survive a power failure.
 * @throws {S3Error} PreconditionFailed when it must not replace another, and there is one.
 * @throws {S3Error} KeyConflict when a part of the path is a file, or the whole is a directory.
 */
export async function putInPlace(from: string, to: string, mayReplace: boolean): Promise<void> {
  try {
    const directory = path.dirname(to);
    const firstMade = await mkdir(directory, { recursive: true });
    // A link never replaces what is there, whoever put it there.
    await (mayReplace ? rename(from, to) : link(from, to));

    const top = firstMade === undefined ? directory : path.dirname(firstMade);
    for (let made = directory; made !== top; made = path.dirname(made)) await sync(made);
    await sync(top);
  } catch (error) {
    if (isSystemError(error, 'EEXIST') && error.syscall === 'link') throw preconditionFailed('If-None-Match');
    if (isSystemError(error, 'EEXIST', 'ENOTDIR', 'EISDIR', 'ENOTEMPTY')) throw keyConflict();
    throw error;
  }
}

/** Removes directories that are empty, from `directory` upwards, as far as `end`, which stays. */
export async function removeEmpty(directory: string, end: string): Promise<void> {
  try {
    for (let empty = directory; empty !== end; empty = path.dirname(empty)) await rmdir(empty);
  } catch (error) {
    if (!isSystemError(error, 'ENOTEMPTY', 'EEXIST')) throw error;
  }
}

/** Makes the names in a directory survive a power failure. */
export async function sync(directory: string): Promise<void> {
  const handle = await open(directory);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export function preconditionFailed(header: string): S3Error {
  const message = `At least one of the pre-conditions you specified did not hold: ${header}.`;
  return new S3Error('PreconditionFailed', message);
}

export function keyConflict(): S3Error {
  return new S3Error(
    'KeyConflict',
    'Objects are kept as files here, and one key cannot be the directory of another: there is such an object.',
  );
}
