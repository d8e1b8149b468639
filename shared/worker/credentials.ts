import * as z from 'zod';
import type { AtlasCredentials } from '../atlas/api.ts';
import type { CredentialSet } from '../atlas/clients.ts';
import { AtlasConfigurationError } from '../atlas/errors.ts';
import { CREDENTIAL_NAME_FORM, type CredentialName, isCredentialName } from '../credential-name.ts';

const serviceAccount = z.object({ clientId: z.string().min(1), clientSecret: z.string().min(1) });
const apiKey = z.object({ publicKey: z.string().min(1), privateKey: z.string().min(1) });

/** The fields of a credential. At the top, one of them makes the content one credential without a name. */
const FIELDS = Object.keys({ ...serviceAccount.shape, ...apiKey.shape });

const WANTED =
  '{"clientId", "clientSecret"} of a service account or {"publicKey", "privateKey"} of an API key';

/** Beside the credentials, the key for hashes of withheld values. */
const REDACTION_KEY = 'redactionKey';

/**
 * Returns the credentials in a secret or file: one without a name, or an object of named ones. One that is not complete has
 * its error instead. Messages say what there must be, and nothing of the content.
 *
 * @param source what holds the content, for messages: `the Atlas secret`
 * @throws {AtlasConfigurationError} if there is no credential at all
 */
export function parseCredentials(text: string, source: string): CredentialSet {
  const content = parsedJson(text, source);
  if (!isObject(content)) throw unusable(`${source} must hold ${WANTED}`);
  const hasUnnamed = FIELDS.some((field) => Object.hasOwn(content, field));
  const entries = Object.entries(content).filter(
    ([name, value]) =>
      name !== REDACTION_KEY &&
      !FIELDS.includes(name) &&
      // Beside a credential without a name, other texts and numbers are notes of the owner.
      (!hasUnnamed || isObject(value)),
  );
  const all = new Map<CredentialName, AtlasCredentials | AtlasConfigurationError>();
  if (hasUnnamed) all.set(null, credential(content, source));
  for (const [index, [name, value]] of entries.entries()) {
    if (isCredentialName(name)) all.set(name, credential(value, `the credential ${name} of ${source}`));
    // The name may itself be a secret, so only its place is shown. It cannot be another's name.
    else
      all.set(
        `#${index + 1}`,
        unusable(`the name of credential #${index + 1} of ${source} must be ${CREDENTIAL_NAME_FORM}`),
      );
  }
  if (all.size > 0) return all;
  const isEmpty = Object.keys(content).length === 0;
  throw unusable(isEmpty ? `${source} is empty; put ${WANTED} there` : `${source} must hold ${WANTED}`);
}

/** Returns the key for hashes of withheld values, beside the credentials; null if there is none. */
export function parseRedactionKey(text: string, source: string): string | null {
  const schema = z.object({ [REDACTION_KEY]: z.string().min(1) });
  return schema.safeParse(parsedJson(text, source)).data?.[REDACTION_KEY] ?? null;
}

function credential(content: unknown, what: string): AtlasCredentials | AtlasConfigurationError {
  const account = serviceAccount.safeParse(content);
  if (account.success) return { kind: 'service-account', ...account.data };
  const key = apiKey.safeParse(content);
  if (key.success) return { kind: 'api-key', ...key.data };
  return unusable(`${what} must hold ${WANTED}`);
}

/** Unlike a schema of a record, this keeps an entry with the name `__proto__`. */
function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsedJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message would contain the secret.
    throw unusable(`${source} must be JSON that holds ${WANTED}`);
  }
}

function unusable(text: string): AtlasConfigurationError {
  return new AtlasConfigurationError(text, { operation: 'readCredentials', attempts: 0 });
}
