import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';

/** How the last `collect` on a lake ended. A refused credential leaves no other trace in the lake. */
const schema = z.object({
  /** ISO 8601. */
  at: z.iso.datetime(),
  /** The message of the error that ended it, on one line; null if it ended without one. */
  error: z.string().nullable(),
  /** One line for each credential that could not list its projects while others could. */
  credentials: z.array(z.string()).default([]),
});

export type LastCollect = z.infer<typeof schema>;

function fileIn(lake: string): string {
  return path.join(lake, '.last-collect');
}

/** Stores how a collection ended. What prevents this also prevents the next collection, which says so. */
export async function storeLastCollect(lake: string, last: LastCollect): Promise<void> {
  await writeFile(fileIn(lake), `${JSON.stringify(last)}\n`).catch(() => {});
}

/** Returns how the last collection ended; null if that is not known. */
export async function readLastCollect(lake: string): Promise<LastCollect | null> {
  try {
    return schema.parse(JSON.parse(await readFile(fileIn(lake), 'utf8')));
  } catch {
    return null;
  }
}
