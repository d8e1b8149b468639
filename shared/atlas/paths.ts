import type { ErrorContext } from './errors.ts';
import { AtlasResponseError } from './errors.ts';

/** One query parameter; a name may occur more than once. */
export type QueryParameter = readonly [name: string, value: string];

/**
 * Returns the percent-encoded path of these segments and the query, from the first slash on. Keeps colons, because
 * Atlas itself writes `/processes/host:27017/…`.
 *
 * @throws AtlasResponseError when a segment is empty, `.`, `..` or not Unicode: a name from Atlas must never become the
 *   path of something else
 */
export function requestTarget(
  segments: readonly string[],
  query: readonly QueryParameter[],
  errorContext: ErrorContext,
): string {
  const path = segments.map((segment) => `/${encodeSegment(segment, errorContext)}`).join('');
  if (query.length === 0) return path;
  return `${path}?${query.map(([name, value]) => `${encodeText(name)}=${encodeText(value)}`).join('&')}`;
}

function encodeSegment(segment: string, errorContext: ErrorContext): string {
  if (segment === '' || segment === '.' || segment === '..' || !segment.isWellFormed()) {
    throw new AtlasResponseError(
      'name',
      'a name in the path is empty, a dot segment or not Unicode',
      errorContext,
    );
  }
  return encodeText(segment);
}

function encodeText(text: string): string {
  return encodeURIComponent(text).replaceAll('%3A', ':');
}

/**
 * Formats an instant (ms since 1970) as a parameter. Atlas rejects a fraction, even of zero milliseconds
 * (`FRACTIONAL_TIMESTAMP`).
 */
export function wholeSeconds(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
