import { hashAt } from '../hash.ts';

/** A slow query's command, and what the collector keeps of it. */
export interface Query {
  opType: string;
  type: string;
  collection: string;
  /** With literal values. */
  command: Record<string, unknown>;
  originatingCommand?: Record<string, unknown>;
  /** The command without literal values. */
  shape: Record<string, unknown>;
  originatingShape?: Record<string, unknown>;
  plan: string;
  /** Attributes of the line that only some queries have. */
  flags: Record<string, boolean>;
}

/** The start of each literal text of a query. None of them may reach the lake if values are redacted. */
export const LITERAL = 'secret-';

/** A literal text, its number, and a literal number, both different in each query. */
interface Literals {
  text: string;
  number: number;
  hex: string;
}

const SESSION = ({ text, hex }: Literals, database: string) => ({
  lsid: { id: { $uuid: `${hex.slice(0, 8)}-0000-4000-8000-${hex.slice(0, 12)}` } },
  $clusterTime: { clusterTime: { $timestamp: { t: 1, i: 1 } }, signature: { hash: text, keyId: 7 } },
  $db: database,
});

const QUERIES: readonly ((literals: Literals, database: string) => Query)[] = [
  (literals, database) => ({
    opType: 'find',
    type: 'command',
    collection: 'orders',
    command: {
      find: 'orders',
      filter: {
        email: literals.text,
        status: { $in: ['open', literals.text] },
        created: { $gte: { $date: '2026-01-01T00:00:00Z' } },
      },
      sort: { created: -1 },
      limit: 20,
      comment: literals.text,
      ...SESSION(literals, database),
    },
    shape: {
      find: '?string',
      filter: { email: '?string', status: { $in: ['?string'] }, created: { $gte: '?date' } },
      sort: { created: -1 },
      limit: '?number',
    },
    plan: 'IXSCAN { status: 1, created: -1 }',
    flags: { cursorExhausted: true },
  }),
  (literals, database) => ({
    opType: 'find',
    type: 'command',
    collection: 'customers',
    command: {
      find: 'customers',
      filter: { [literals.text]: true, card: literals.number, _id: { $oid: literals.hex } },
      ...SESSION(literals, database),
    },
    shape: { find: '?string', filter: { '?field': '?boolean', card: '?number', _id: '?objectId' } },
    plan: 'COLLSCAN',
    flags: {},
  }),
  (literals, database) => ({
    opType: 'aggregate',
    type: 'command',
    collection: 'orders',
    command: {
      aggregate: 'orders',
      pipeline: [
        { $match: { $expr: { $eq: ['$email', literals.text] }, note: { $regex: literals.text } } },
        { $sort: { total: -1, created: 1 } },
        { $group: { _id: '$status', total: { $sum: '$total' } } },
      ],
      cursor: {},
      ...SESSION(literals, database),
    },
    shape: {
      aggregate: '?string',
      pipeline: [
        { $match: { $expr: { $eq: ['?string'] }, note: { $regex: '?string' } } },
        { $sort: { total: -1, created: 1 } },
        { $group: { _id: '?string', total: { $sum: '?string' } } },
      ],
      cursor: {},
    },
    plan: 'COLLSCAN',
    flags: { hasSortStage: true, usedDisk: true },
  }),
  (literals) => ({
    opType: 'update',
    type: 'update',
    collection: 'carts',
    command: {
      q: { $or: [{ owner: literals.text }, { owner: null }, { owner: literals.number }] },
      u: { $set: { 'items.0.note': literals.text } },
      multi: true,
      upsert: false,
    },
    shape: {
      q: { $or: [{ owner: '?string' }, { owner: '?null' }, { owner: '?number' }] },
      u: { $set: { 'items.0.note': '?string' } },
      multi: '?boolean',
      upsert: '?boolean',
    },
    plan: 'IXSCAN { owner: 1 }, IXSCAN { owner: 1 }',
    flags: {},
  }),
  (literals, database) => ({
    opType: 'getmore',
    type: 'command',
    collection: 'sessions',
    command: { getMore: literals.number, collection: 'sessions', ...SESSION(literals, database) },
    originatingCommand: {
      find: 'sessions',
      filter: { token: literals.text },
      ...SESSION(literals, database),
    },
    shape: { getMore: '?number', collection: '?string' },
    originatingShape: { find: '?string', filter: { token: '?string' } },
    plan: 'IXSCAN { token: "hashed" }',
    flags: {},
  }),
];

/** Returns the query that a number determines, with literal values that another number determines. */
export function queryOf(key: number, literal: number, database: string): Query {
  const text = `${LITERAL}${literal.toString(16)}@example.com`;
  const hex = literal.toString(16).padStart(24, '5e');
  const number = 4_000_000_000_000_000 + literal;
  const make = QUERIES[hashAt(key, 1) % QUERIES.length] ?? QUERIES[0];
  if (!make) throw new RangeError('there are no queries');
  return make({ text, number, hex }, database);
}
