import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

/** A holder that was just killed may still be dying. */
const PATIENCE_MS = 2_000;
const RETRY_MS = 50;

/** SQLite's result code for a file that somebody else has locked. */
const SQLITE_BUSY = 5;

/** The hold of a lake folder. */
export interface LakeHold {
  release(): Promise<void>;
}

/** Somebody else is using the lake folder. */
export class LakeHeldError extends Error {
  override readonly name = 'LakeHeldError';
  constructor(folder: string) {
    super(
      `The lake ${folder} is in use by another atlas-lake: wait until it has finished, or use another folder (--lake DIR).`,
    );
  }
}

// An open database that nothing refers to would be closed by the garbage collector, and the hold be lost.
const held = new Set<DatabaseSync>();

/**
 * Holds a lake folder, which is created if need be, against every other process and every other caller in this
 * one. The operating system lets go when the process ends, even by SIGKILL.
 * @throws {LakeHeldError} when somebody else holds it, and goes on to.
 */
export async function holdLake(folder: string): Promise<LakeHold> {
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
    if (performance.now() >= deadline) throw new LakeHeldError(folder);
    await delay(RETRY_MS);
  }
}

/**
 * Node has no file locks of its own; SQLite's are the operating system's. The transaction stays open and empty,
 * so the file stays empty, too.
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
