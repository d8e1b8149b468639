import { hash } from 'node:crypto';
import type { AccessLogEntry, UnreadableEntry } from '../../shared/atlas/api.ts';

/** Hexadecimal digits: 128 bits, of which no two will ever meet by chance. */
const RECORD_ID_DIGITS = 32;

/** Hexadecimal digits of the 64 bits that the cursor keeps. */
const SHORT_DIGITS = 16;

/**
 * What tells an entry of a host from every other: a hash of host and log line, so that equal lines of a host are one entry.
 * An entry without a line is told by the fields that it has. The host is put as JSON, and so are those fields, so that no
 * two entries give the same text.
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

/** What tells an entry that cannot be read from every other of the host: a hash of all that Atlas gave. */
export function unreadableId(hostname: string, { text }: UnreadableEntry): string {
  return hash('sha256', JSON.stringify([hostname, 'unreadable', text]), 'hex').slice(0, RECORD_ID_DIGITS);
}

/** The part of an id that the cursor keeps; that two of the 20,000 are equal by chance is beyond one in 10^10. */
export function shortHash(id: string): string {
  return id.slice(0, SHORT_DIGITS);
}
