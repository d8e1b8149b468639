import { hashText } from '../hash.ts';

/** The fields that tell the items of lists apart. */
const KEYS = ['id', '_id', 'clientId', 'roleName', 'endpointId', 'databaseName', 'partitionName', 'name'];

/** One item in so many. */
const SHARE = 3;

/**
 * The document with some of its list's items in a form that nobody can read; of half of them the key stays. Which ones
 * follows from the seed and their keys, so that every answer has the same.
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

/** Deeper than any document that can be kept. */
const DEEP: unknown = JSON.parse('['.repeat(60) + ']'.repeat(60));
