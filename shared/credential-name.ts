/** The name that the owner gave a credential; null for the only one that needs none. */
export type CredentialName = string | null;

/**
 * Lower-case letters, digits and hyphens, after a letter, at most 32. A client id, a secret of a service account and a
 * private key do not fit. So if someone writes one in the wrong place, no message repeats it.
 */
const NAME = /^[a-z][a-z0-9-]{0,31}$/;

export const CREDENTIAL_NAME_FORM =
  'a lower-case letter, and then lower-case letters, digits and hyphens, up to 32';

export function isCredentialName(text: string): boolean {
  return NAME.test(text);
}

/** Returns the names once each, in the order in which credentials are preferred: the unnamed one, then by alphabet. */
export function inOrderOfPreference(names: Iterable<CredentialName>): CredentialName[] {
  return [...new Set(names)].sort((a, b) => {
    if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
    return a < b ? -1 : 1;
  });
}

/** Returns the field of logs, messages and stored state that names the credential: none if it has no name. */
export function credentialField(name: CredentialName): { credential?: string } {
  return name === null ? {} : { credential: name };
}
