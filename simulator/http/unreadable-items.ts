import { hashText } from '../hash.ts';

/** The fields that identify items of lists. */
const KEYS = [
  ...['id', '_id', 'clientId', 'roleName', 'endpointId', 'username', 'databaseName', 'partitionName', 'name'],
  ...['cidrBlock', 'awsSecurityGroup', 'indexID'],
];

/** One item in this many is damaged. */
const SHARE = 3;

/**
 * Returns the document with some items of its list in an unreadable form. Half of them keep their keys. The seed and
 * the keys select the items, so every response has the same ones.
 */
export function withUnreadable(document: object, seed = 0): object {
  if (Array.isArray(document)) return document.map((item: unknown) => damaged(item, seed));
  if (!('results' in document) || !Array.isArray(document.results)) return document;
  return { ...document, results: document.results.map((item: unknown) => damaged(item, seed)) };
}

function damaged(item: unknown, seed: number): unknown {
  const fields: Record<string, unknown> = Object(item);
  const name = KEYS.find((key) => typeof fields[key] === 'string');
  const hash = hashText(`${seed}/${String(name && fields[name])}`);
  if (name === undefined || hash % SHARE !== 0) return item;
  return hash % (2 * SHARE) === 0 ? { [name]: fields[name], levels: DEEP } : { levels: DEEP };
}

/** Deeper than any document that the collector keeps. */
const DEEP: unknown = JSON.parse('['.repeat(60) + ']'.repeat(60));
