import { hash } from 'node:crypto';
import type { AccessLogEntry, UnreadableEntry } from '../../shared/atlas/api.ts';
import type { Identity } from '../../shared/histories/merge.ts';
import { mergedSpans } from '../../shared/histories/unreadable.ts';

/** Hexadecimal digits of a record id: 128 bits, so that two ids never collide by chance. */
const RECORD_ID_DIGITS = 32;

/**
 * Returns the function that computes an entry's id: a hash of the host and the log line, so that equal lines of a host
 * are one entry. An entry without a line is identified by its fields. The host and the fields are written as JSON, so
 * that no two entries produce the same text.
 */
export function recordIds(hostname: string): (entry: AccessLogEntry) => string {
  const host = JSON.stringify(hostname);
  return (entry) => {
    const text = entry.logLine === null ? fieldsOf(hostname, entry) : host + entry.logLine;
    return hash('sha256', text, 'hex').slice(0, RECORD_ID_DIGITS);
  };
}

function fieldsOf(hostname: string, entry: AccessLogEntry): string {
  const { timestamp, authResult, authSource, failureReason, ipAddress, username } = entry;
  return JSON.stringify([hostname, timestamp, authResult, authSource, failureReason, ipAddress, username]);
}

/** Returns the id of an entry that cannot be read: a hash of the host and everything that Atlas returned. */
function unreadableId(hostname: string, { identity }: UnreadableEntry): string {
  return hash('sha256', JSON.stringify([hostname, 'unreadable', identity]), 'hex').slice(0, RECORD_ID_DIGITS);
}

/** Returns how to tell the entries of a host apart. */
export function identityOf(hostname: string): Identity<AccessLogEntry> {
  return {
    timeOf: ({ timestamp }) => timestamp,
    idOf: recordIds(hostname),
    unreadableIdsOf: (entry) => [unreadableId(hostname, entry)],
    gapsOf: mergedSpans,
    unreadableReason: 'log entries that cannot be read',
  };
}
