import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

/** How long to wait for a holder, which may have been killed and still be exiting. */
const PATIENCE_MS = 2_000;
const RETRY_MS = 50;

/** SQLite's result code for a file that is locked elsewhere. */
const SQLITE_BUSY = 5;

/** A lock on a lake folder. */
export interface LakeLock {
  release(): Promise<void>;
}

/** Another process or caller is using the lake folder. */
export class LakeLockedError extends Error {
  override readonly name = 'LakeLockedError';
  constructor(folder: string) {
    super(
      `The lake ${folder} is in use by another atlas-lake: wait until it finishes, or use another folder (--lake DIR).`,
    );
  }
}

// The garbage collector would close an unreferenced database, and release its lock.
const held = new Set<DatabaseSync>();

/**
 * Locks a lake folder against every other process and every other caller in this one. Creates the folder if it does not
 * exist. The operating system releases the lock when the process ends, even by SIGKILL.
 *
 * @throws {LakeLockedError} when another holder keeps it
 */
export async function lockLake(folder: string): Promise<LakeLock> {
  await mkdir(folder, { recursive: true });
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const lock = tryLock(path.join(folder, '.lock'));
    if (lock !== undefined) {
      held.add(lock);
      return {
        release: async () => {
          if (held.delete(lock)) lock.close();
        },
      };
    }
    if (performance.now() >= deadline) throw new LakeLockedError(folder);
    await delay(RETRY_MS);
  }
}

/**
 * Locks a file with SQLite, because Node has no file locks and SQLite uses the operating system's. The transaction
 * stays open and empty, so the file stays empty, too.
 */
function tryLock(file: string): DatabaseSync | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database?.close();
    if (!(error instanceof Error)) throw error;
    if ('errcode' in error && error.errcode === SQLITE_BUSY) return undefined;
    throw new Error(`Cannot lock ${file}: ${error.message}`, { cause: error });
  }
}
