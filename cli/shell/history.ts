import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

export const HISTORY_SIZE = 500;

/** Returns the file of the history, where other programs of the XDG specification keep theirs. */
export function historyFile(variables: NodeJS.ProcessEnv): string {
  const state = variables['XDG_STATE_HOME'] || path.join(homedir(), '.local', 'state');
  return path.join(state, 'atlas-lake', 'sql-history');
}

/** Returns the lines of earlier shells, newest first. */
export function readHistory(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean).reverse().slice(0, HISTORY_SIZE);
  } catch {
    return [];
  }
}

/** Stores the history, newest first. A shell works without it, for example in a read-only home. */
export function storeHistory(file: string, lines: readonly string[]): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, `${lines.toReversed().join('\n')}\n`, { mode: 0o600 });
  } catch {
    // Nothing depends on it.
  }
}
