import { hash } from 'node:crypto';
import type { SlowQuery, UnreadableEntry } from '../../shared/atlas/api.ts';
import type { Identity } from '../../shared/histories/merge.ts';
import { mergedSpans } from '../../shared/histories/unreadable.ts';
import { type ReadLine, readLine } from './log-line.ts';

/** Hexadecimal digits of a record id: 128 bits, so that two ids never collide by chance. */
const RECORD_ID_DIGITS = 32;

/** A line of a process, with what it says and what identifies it. */
export interface IdentifiedQuery {
  query: SlowQuery;
  line: ReadLine;
  recordId: string;
}

/**
 * Reads the lines of a response and gives each an id: a hash of the process and the line, so that equal lines of a
 * process are one entry, whatever Atlas says beside them. It may say it in one response and not in another.
 *
 * If literal values are redacted, the hash is of what is stored, because a hash of the line would let anyone check a
 * guessed value. Lines that differ only in values are numbered. Which of them has which number does not matter, because
 * their rows are equal. They have the same millisecond, so a response has all of them or none.
 */
export function identified(
  process: string,
  queries: readonly SlowQuery[],
  isRedacted: boolean,
): IdentifiedQuery[] {
  const unlike = new Map<string, Set<string>>();
  const all: IdentifiedQuery[] = [];
  for (const query of queries) {
    const line = readLine(query.line, query.time);
    // Only what Atlas says beside them tells lines apart that are cut off.
    const rest = line.isWhole ? [line.namespace] : [query.namespace, query.metrics];
    if (!isRedacted) {
      all.push({ query, line, recordId: recordId([process, query.line, ...rest]) });
      continue;
    }
    const known = [process, line.redacted, ...rest];
    const key = JSON.stringify(known);
    const lines = unlike.get(key) ?? new Set();
    unlike.set(key, lines);
    if (lines.has(query.line)) continue;
    lines.add(query.line);
    all.push({ query, line, recordId: recordId([...known, lines.size]) });
  }
  return all;
}

/** Returns how to tell the lines of a process apart. */
export function identityOf(process: string): Identity<IdentifiedQuery> {
  return {
    timeOf: ({ query }) => query.time,
    idOf: (query) => query.recordId,
    unreadableIdsOf: ({ identity }: UnreadableEntry) => [recordId([process, 'unreadable', identity])],
    gapsOf: mergedSpans,
    unreadableReason: 'log lines without a time',
  };
}

/** Written as JSON, so that no two lists produce the same text. */
function recordId(parts: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(parts), 'hex').slice(0, RECORD_ID_DIGITS);
}
