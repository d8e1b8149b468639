import { type ExactNumber, isExactNumber } from '../../shared/atlas/exact-json.ts';

/**
 * Removes what must never reach the lake, wherever Atlas puts it. Secrets are found by the field's name, by the form of
 * the text, and by the fields that the catalogue names. Removing a harmless text is better than keeping a credential.
 */

export type Json =
  | string
  | number
  | boolean
  | null
  | ExactNumber
  | readonly Json[]
  | { readonly [name: string]: Json };

export const REDACTED = '[redacted]';

/** Names of fields that hold a secret, or an address that works as one. */
const SECRET_NAME =
  /secret|passw(or)?d|passphrase|token|credential|(private|api|access|shared|signing|account)_?key|signature|sasl|jaas|keytab|(delivery|snapshot|download|signed|webhook)_?url/i;

/** Ends of names that only show when, how often or whether there was a secret: `tokenTimestamp`. */
const ABOUT_SECRET = /(Timestamp|Date|Time|At|Count|Discovered)$/;

/** Only harmless values stay inside such a field: ids of hexadecimal digits, and times. */
const HARMLESS = /^([a-f0-9]{20,24}|\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?)$/;
const HARMLESS_NAME = /^(_?id|date|\w*(Id|At|Date|Time))$/;

/**
 * Functions that remove secrets from a text, applied in order. Each takes time proportional to the text: no pattern may
 * start in many places and read to the end from each.
 */
const SECRET_TEXTS: readonly ((text: string) => string)[] = [
  replacing(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, REDACTED),
  (text) => text.replace(/[^\s"'<>]+/g, (run) => withoutSignature(withoutPassword(run))),
  replacing(/mdb_sa_sk_[\w-]+/g, REDACTED),
  (text) => text.replace(/[\w.-]+/g, withoutWebTokens),
  replacing(/\b(AKIA|ASIA)[A-Z0-9]{16}\b/g, REDACTED),
  replacing(/\b(Bearer|Basic|Digest)\s+[\w.~+/=-]{8,}/g, `$1 ${REDACTED}`),
  replacing(
    /\b((?:client_?)?secret|password|passwd|token|api_?key)(\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;&]+)/gi,
    `$1$2${REDACTED}`,
  ),
];

function replacing(pattern: RegExp, left: string): (text: string) => string {
  return (text) => text.replace(pattern, left);
}

/**
 * Removes user and password from connection strings and other addresses. A password may have any character except white
 * space.
 *
 * @param run text without white space, quotes and angle brackets
 */
function withoutPassword(run: string): string {
  const scheme = run.indexOf('://');
  const at = run.lastIndexOf('@');
  return scheme < 0 || at < scheme + 3 ? run : `${run.slice(0, scheme)}://${REDACTED}${run.slice(at)}`;
}

const ADDRESS = /https?:\/\//i;
const SIGNATURE = /(signature|credential|security-token|accesskeyid|sig|token|key|secret|password)=/i;

/**
 * Removes the query of pre-signed addresses of AWS, Google, Azure and others: anyone who has the address has the
 * content.
 */
function withoutSignature(run: string): string {
  const start = run.search(ADDRESS);
  const query = start < 0 ? -1 : run.indexOf('?', start);
  if (query < 0 || !SIGNATURE.test(run.slice(query))) return run;
  return `${run.slice(0, query)}?${REDACTED}`;
}

const WEB_TOKEN = /\beyJ(?=[\w-])/;

/** Removes JSON Web Tokens: two parts of encoded JSON and a signature, separated by dots. */
function withoutWebTokens(run: string): string {
  const parts = run.split('.');
  const clean: string[] = [];
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index] ?? '';
    const start = part.search(WEB_TOKEN);
    if (start < 0 || !parts[index + 1]) {
      clean.push(part);
      continue;
    }
    clean.push(part.slice(0, start) + REDACTED);
    index += 2;
  }
  return clean.join('.');
}

/** Returns a text without the secrets in it. */
export function redactText(text: string): string {
  return SECRET_TEXTS.reduce((clean, without) => without(clean), text);
}

/**
 * Returns a document without secrets, without the fields to omit (`secrets.secret`; a path also applies to the items of
 * lists), and without `links`, which repeat the address of the request.
 */
export function withoutSecrets(
  document: Readonly<Record<string, unknown>>,
  omit: readonly string[],
): Readonly<Record<string, Json>> {
  return cleanFields(document, { omit, path: '', inSecret: false });
}

interface Place {
  omit: readonly string[];
  /** The names that lead here, each followed by a dot. */
  path: string;
  /** Inside a field whose name looks like a secret. */
  inSecret: boolean;
}

function cleanFields(fields: object, { omit, path, inSecret }: Place): Record<string, Json> {
  const clean: Record<string, Json> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'links' || omit.includes(path + name)) continue;
    const secret = inSecret || (SECRET_NAME.test(name) && !ABOUT_SECRET.test(name));
    const leaf = isLeaf(value);
    clean[redactText(name)] = leaf
      ? cleanLeaf(value, secret && !(inSecret && isHarmless(name, value)))
      : cleanContainer(Object(value), { omit, path: `${path}${name}.`, inSecret: secret });
  }
  return clean;
}

function cleanContainer(value: object, place: Place): Json {
  if (!Array.isArray(value)) return cleanFields(value, place);
  return value.map((item: unknown) =>
    isLeaf(item) ? cleanLeaf(item, place.inSecret) : cleanContainer(Object(item), place),
  );
}

/**
 * Returns whether a value has no parts. A number with more digits than JavaScript can hold is an object, but counts as
 * one value.
 */
function isLeaf(value: unknown): boolean {
  return typeof value !== 'object' || value === null || isExactNumber(value);
}

function cleanLeaf(value: unknown, secret: boolean): Json {
  // Whether there is a secret is not a secret itself.
  if (typeof value === 'boolean' || value === null) return value;
  if (secret) return REDACTED;
  return typeof value === 'number' || isExactNumber(value) ? value : redactText(String(value));
}

function isHarmless(name: string, value: unknown): boolean {
  return HARMLESS_NAME.test(name) && typeof value === 'string' && HARMLESS.test(value);
}
