import {
  type AttributeValue,
  CreateTableCommand,
  type DynamoDBClient,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';

/**
 * A write at one of DynamoDB's limits or just beyond it. The collector's check, the simulated DynamoDB and AWS's own
 * DynamoDB Local must agree on all cases (`npm run test:aws`).
 */
export interface WriteCase {
  name: string;
  writes: TransactWriteItem[];
  /** Matches the message of a rejection. Undefined if DynamoDB accepts the write. */
  rejected?: RegExp;
  /** Whether the write has a set. The collector stores none, and the simulated DynamoDB does not support sets. */
  set?: true;
  /** Whether DynamoDB Local accepts the write all the same. */
  acceptedByLocal?: true;
}

/** The table of the cases. */
export const CASES_TABLE = 'cursors';

/** Creates the table of the cases. */
export async function createCasesTable(client: DynamoDBClient): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: CASES_TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
    }),
  );
}

type Item = Record<string, AttributeValue>;

const put = (attributes: Item = {}, pk = 'p', sk = 's'): TransactWriteItem => ({
  Put: { TableName: CASES_TABLE, Item: { pk: { S: pk }, sk: { S: sk }, ...attributes } },
});
const remove = (sk: string): TransactWriteItem => ({
  Delete: { TableName: CASES_TABLE, Key: { pk: { S: 'p' }, sk: { S: sk } } },
});

/** Returns a value inside nested lists. */
const nested = (lists: number, innermost: AttributeValue): AttributeValue =>
  lists === 0 ? innermost : { L: [nested(lists - 1, innermost)] };

const text = (bytes: number): AttributeValue => ({ S: 'x'.repeat(bytes) });
/** The bytes of an item's keys and of the one-letter name of another attribute. */
const BESIDE = 'pk'.length + 'p'.length + 'sk'.length + 's'.length + 'a'.length;
const ITEM = 400 * 1024;
const MAP = 3 + 1 + 'b'.length;

const number = (name: string, value: string, rejected?: RegExp): WriteCase => ({
  name: `the number ${name}`,
  writes: [put({ a: { N: value } })],
  ...(rejected && { rejected }),
});

const many = (count: number, attributes: Item = {}) =>
  Array.from({ length: count }, (_, index) => put(attributes, 'p', `s${index}`));

/** Half of a surrogate pair has no UTF-8, which DynamoDB's documentation requires. DynamoDB Local keeps UTF-16. */
const half = (where: string, ...writes: TransactWriteItem[]): WriteCase => ({
  name: `half of a surrogate pair in ${where}`,
  writes,
  rejected: /unicode/i,
  acceptedByLocal: true,
});

export const WRITE_CASES: readonly WriteCase[] = [
  { name: 'an empty string as a value', writes: [put({ a: { S: '' } })] },
  { name: 'an empty attribute name', writes: [put({ '': text(1) })], rejected: /empty attribute name/i },
  {
    name: 'an empty attribute name in a map',
    writes: [put({ a: { M: { '': { N: '1' } } } })],
    rejected: /empty attribute name/i,
  },
  {
    name: 'an empty attribute name deep in lists and maps',
    writes: [put({ a: { M: { b: { L: [{ S: 'x' }, { M: { c: { M: { '': { NULL: true } } } } }] } } } })],
    rejected: /empty attribute name/i,
  },
  {
    name: 'an empty attribute name in one item of a transaction',
    writes: [put({}, 'p', 'one'), put({ a: { M: { '': { NULL: true } } } }, 'p', 'two')],
    rejected: /empty attribute name/i,
  },
  { name: 'a long attribute name', writes: [put({ a: { M: { ['é'.repeat(32_767)]: text(1) } } })] },
  {
    name: 'an attribute name of 64 KB',
    writes: [put({ ['n'.repeat(65_536)]: text(1) })],
    rejected: /attribute name.*65.?53/i,
  },
  {
    name: 'an attribute name of 64 KB in a map',
    writes: [put({ a: { M: { ['é'.repeat(32_768)]: text(1) } } })],
    rejected: /attribute name.*65.?53/i,
  },
  {
    name: 'both halves of a surrogate pair',
    writes: [put({ a: { M: { '\ud83d\ude00': { S: '\ud83d\ude00' } } } })],
  },
  half('a value', put({ a: { S: '\ud800x' } })),
  half('a list in a map', put({ a: { M: { b: { L: [{ S: 'x\udc00' }] } } } })),
  half('an attribute name', put({ '\ud800': text(1) })),
  half('an attribute name in a map', put({ a: { M: { 'x\udc00': text(1) } } })),
  half('a key', put({}, 'p', 's\ud800')),
  half('the key of an item to delete', remove('\udc00')),
  half('one item of a transaction', put({}, 'p', 'one'), put({ a: { S: '\ud800' } }, 'p', 'two')),
  { name: 'an empty partition key', writes: [put({}, '')], rejected: /key/i },
  { name: 'an empty sort key', writes: [put({}, 'p', '')], rejected: /key/i },
  { name: 'an empty sort key of an item to delete', writes: [remove('')], rejected: /key/i },
  { name: 'a partition key of 2048 bytes', writes: [put({}, 'é'.repeat(1024))] },
  { name: 'a partition key of 2049 bytes', writes: [put({}, `${'é'.repeat(1024)}x`)], rejected: /2048/ },
  { name: 'a sort key of 1024 bytes', writes: [put({}, 'p', 'é'.repeat(512))] },
  { name: 'a sort key of 1025 bytes', writes: [put({}, 'p', `${'é'.repeat(512)}x`)], rejected: /1024/ },
  { name: 'a value of 32 levels', writes: [put({ a: nested(31, { N: '1' }) })] },
  { name: 'a value of 33 levels', writes: [put({ a: nested(32, { N: '1' }) })], rejected: /nest/i },
  { name: 'an empty map as level 32', writes: [put({ a: nested(31, { M: {} }) })], rejected: /nest/i },
  number('of 38 digits', `-${'1'.repeat(38)}`),
  number('of 38 digits and zeros around them', `00${'1'.repeat(20)}.${'1'.repeat(18)}00`),
  number('of 39 digits', '1'.repeat(39), /38/),
  number('of 39 digits after the point', `0.${'1'.repeat(39)}`, /38/),
  number('9.9E125', '9.9E125'),
  number('1E126', '1E126', /overflow|not within/i),
  number('-1E126', '-1E126', /overflow|not within/i),
  number('1E-130', '1E-130'),
  number('1E-131', '1E-131', /underflow|not within/i),
  number('NaN', 'NaN', /number/i),
  number('Infinity', 'Infinity', /number/i),
  { name: 'an empty set', writes: [put({ a: { SS: [] } })], rejected: /empty/i, set: true },
  { name: 'a set of two strings', writes: [put({ a: { SS: ['a', 'b'] } })], set: true },
  {
    name: 'a set with a string twice',
    writes: [put({ a: { SS: ['a', 'a'] } })],
    rejected: /duplicates|twice/i,
    set: true,
  },
  { name: 'an item of 400 KB', writes: [put({ a: text(ITEM - BESIDE) })] },
  {
    name: 'an item of 400 KB and a byte',
    writes: [put({ a: text(ITEM - BESIDE + 1) })],
    rejected: /size|bytes/i,
  },
  {
    name: 'an item of 400 KB, most of it in a map',
    writes: [put({ a: { M: { b: text(ITEM - BESIDE - MAP) } } })],
  },
  {
    name: 'an item of 400 KB and a byte, most of it in a map',
    writes: [put({ a: { M: { b: text(ITEM - BESIDE - MAP + 1) } } })],
    rejected: /size|bytes/i,
  },
  {
    name: 'an item of more than 400 KB in a transaction',
    writes: [put({}, 'p', 'one'), put({ a: text(ITEM) }, 'p', 'two')],
    rejected: /size|bytes/i,
  },
  { name: 'a transaction of no items', writes: [], rejected: /1/ },
  { name: 'a transaction of 100 items', writes: many(100) },
  { name: 'a transaction of 101 items', writes: many(101), rejected: /100/ },
  { name: 'an item twice in a transaction', writes: [put(), put()], rejected: /twice|multiple operations/i },
  {
    name: 'an item put and deleted in a transaction',
    writes: [put(), remove('s')],
    rejected: /twice|multiple operations/i,
  },
  { name: 'a transaction of less than 4 MB', writes: many(10, { a: text(ITEM - 20) }) },
  { name: 'a transaction of more than 4 MB', writes: many(11, { a: text(390_000) }), rejected: /4MB|bytes/i },
];
