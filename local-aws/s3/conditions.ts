import { S3Error } from './errors.ts';
import { preconditionFailed } from './files.ts';
import type { Precondition } from './store.ts';

/**
 * Returns the precondition of a PUT on the existing object.
 *
 * @throws {S3Error} NotImplemented for conditions that S3 does not have either
 */
export function preconditionOf(headers: ReadonlyMap<string, string>): Precondition {
  const ifNoneMatch = headers.get('if-none-match');
  const ifMatch = headers.get('if-match');
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch === '*' && ifMatch === undefined) return 'absent';
    throw new S3Error(
      'NotImplemented',
      'A PUT supports If-None-Match only with *, and not together with If-Match.',
    );
  }
  return ifMatch === undefined ? 'none' : { md5: unquote(ifMatch) };
}

/**
 * Returns whether a GET or HEAD returns the object (true) or 304 (false).
 *
 * @throws {S3Error} PreconditionFailed
 */
export function isWanted(headers: ReadonlyMap<string, string>, md5: string): boolean {
  const ifMatch = headers.get('if-match');
  if (ifMatch !== undefined && !matches(ifMatch, md5)) throw preconditionFailed('If-Match');
  const ifNoneMatch = headers.get('if-none-match');
  return ifNoneMatch === undefined || !matches(ifNoneMatch, md5);
}

function matches(list: string, md5: string): boolean {
  return list.split(',').some((etag) => etag.trim() === '*' || unquote(etag) === md5);
}

function unquote(etag: string): string {
  return etag.trim().replace(/^(?:W\/)?"(.*)"$/, '$1');
}
