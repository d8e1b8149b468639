import type { AtlasCredentials } from '../api.ts';
import { AtlasConfigurationError } from '../errors.ts';

/** Printable ASCII without spaces: all that Atlas issues, and all that is safe in a header. */
const PRINTABLE = /^[\x21-\x7e]+$/;

/** Returns the two halves of a credential of either kind. */
export function halves(credentials: AtlasCredentials): readonly [id: string, secret: string] {
  return credentials.kind === 'service-account'
    ? [credentials.clientId, credentials.clientSecret]
    : [credentials.publicKey, credentials.privateKey];
}

export function sameCredentials(a: AtlasCredentials, b: AtlasCredentials): boolean {
  const [aId, aSecret] = halves(a);
  const [bId, bSecret] = halves(b);
  return a.kind === b.kind && aId === bId && aSecret === bSecret;
}

/**
 * Checks that both halves can be sent in a header.
 *
 * @throws AtlasConfigurationError when a half is empty, or has a character that Atlas never issues, such as a line
 *   break
 */
export function assertUsable(credentials: AtlasCredentials): void {
  if (halves(credentials).every((half) => PRINTABLE.test(half))) return;
  const text = `the ${credentials.kind === 'api-key' ? 'API key' : 'service account'} has an empty or malformed half`;
  throw new AtlasConfigurationError(text, { operation: 'configuration', attempts: 0 });
}
