import { createHash } from 'node:crypto';
import { isExactNumber } from '../../shared/atlas/exact-json.ts';

/**
 * Returns the first bytes of the SHA-256 of a JSON value, in hexadecimal. The order of an object's keys does not count:
 * Atlas does not guarantee one.
 */
export function fingerprint(value: unknown, bytes: number): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex')
    .slice(0, 2 * bytes);
}

/** Replaces objects with lists of their entries, sorted by key. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null || isExactNumber(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return { entries: entries.map(([key, field]) => [key, sorted(field)]) };
}
