import { hash } from 'node:crypto';
import type { AccessLogEntry } from '../../shared/atlas/api.ts';

/** Hexadecimal digits: 128 bits, of which no two will ever meet by chance. */
const RECORD_ID_DIGITS = 32;

/** Hexadecimal digits of the 64 bits that the cursor keeps. */
const SHORT_DIGITS = 16;

/**
 * What tells an entry from every other: a hash of host and log line, so that equal lines of a host are one entry. An
 * entry without a line is told by the fields that it has. The parts are put together as JSON, which keeps them apart.
 */
export function recordId(hostname: string, entry: AccessLogEntry): string {
  const parts =
    entry.logLine === null
      ? [
          hostname,
          null,
          entry.timestamp,
          entry.authResult,
          entry.authSource,
          entry.failureReason,
          entry.ipAddress,
          entry.username,
        ]
      : [hostname, entry.logLine];
  return hash('sha256', JSON.stringify(parts), 'hex').slice(0, RECORD_ID_DIGITS);
}

/** The part of an id that the cursor keeps; that two of the 20,000 are equal by chance is beyond one in 10^10. */
export function shortHash(id: string): string {
  return id.slice(0, SHORT_DIGITS);
}
