import type { BigIntStats } from 'node:fs';
import { type FileHandle, link, mkdir, open, rename, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { isSystemError, S3Error } from './errors.ts';

/** Returns the status of a path, or undefined if it does not exist. */
export async function statOf(name: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(name, { bigint: true });
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** Opens a file for reading. Returns undefined if it does not exist. */
export async function openIfPresent(name: string): Promise<FileHandle | undefined> {
  try {
    return await open(name);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/**
 * Moves a file to its place atomically, and makes that survive a power failure.
 *
 * @throws {S3Error} PreconditionFailed when it must not replace a file, and there is one
 * @throws {S3Error} KeyConflict when a part of the path is a file, or the whole path is a directory
 */
export async function putInPlace(from: string, to: string, mayReplace: boolean): Promise<void> {
  try {
    const directory = path.dirname(to);
    const firstMade = await mkdir(directory, { recursive: true });
    // A link never replaces an existing file, even one that was just created.
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

/** Removes empty directories from `directory` upwards to `end`, which stays. */
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
    'This server stores objects as files, so a key cannot be the directory of another: such an object exists.',
  );
}
