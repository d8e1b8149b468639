import type { AttributeValue, Put, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Document } from './document.ts';
import { decimalBytes, decimalParts } from './dynamodb-number.ts';
import { CURSOR_TABLE_KEYS } from './table-schema.ts';

/**
 * DynamoDB's limits, from its Developer Guide: "Quotas", "Naming rules" and "Item sizes and formats". Each
 * write is checked before it is sent, because stand-ins accept what DynamoDB rejects.
 */
export const DYNAMODB_LIMITS = {
  /** Bytes of UTF-8, at least 1, at every depth. */
  attributeName: 65_535,
  partitionKey: 2_048,
  sortKey: 1_024,
  /** 400 KB, including attribute names. */
  item: 409_600,
  /** Nesting levels of a value, including the attribute itself. */
  depth: 32,
  digits: 38,
  /** Powers of ten of a number's first digit. */
  exponents: { min: -130, max: 125 },
  transactionItems: 100,
  /** 4 MB. */
  transaction: 4_194_304,
} as const;

type Item = Record<string, AttributeValue>;

/** A write that DynamoDB would reject. Nothing was sent. */
export class DynamoDbLimitError extends Error {
  override readonly name = 'DynamoDbLimitError';
  /** The keys of the item; null if the limit applies to the whole transaction. */
  readonly item: string | null;
  /** Path in the item, such as `content.states[3].name`; empty for the whole item. */
  readonly path: string;
  /** The limit or the reason, for the message. */
  readonly limit: string;

  constructor(item: string | null, path: string, limit: string, options?: ErrorOptions) {
    const where = item === null ? 'the transaction' : `item ${item}${path === '' ? '' : ` at ${path}`}`;
    super(`DynamoDB rejects ${where}: ${limit}`, options);
    this.item = item;
    this.path = path;
    this.limit = limit;
  }
}

/**
 * Returns an item with its keys and other attributes in DynamoDB's wire format.
 * @throws {DynamoDbLimitError} for a value that has no such form, such as NaN
 */
export function itemOf(keys: Item, attributes: Readonly<Record<string, Document>>): Item {
  try {
    return { ...keys, ...marshall(attributes) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DynamoDbLimitError(nameOf(keys), pathToUnmarshallable(attributes), reason, { cause });
  }
}

/**
 * Returns a put unchanged, if DynamoDB accepts it.
 * @throws {DynamoDbLimitError}
 */
export function putWithinLimits<Request extends Pick<Put, 'Item'>>(put: Request): Request {
  checkItem(put.Item ?? {});
  return put;
}

/**
 * Returns the writes of a transaction unchanged, if DynamoDB accepts them.
 * @throws {DynamoDbLimitError}
 */
export function transactionWithinLimits(writes: TransactWriteItem[]): TransactWriteItem[] {
  const count = writes.length;
  if (count < 1 || count > DYNAMODB_LIMITS.transactionItems) {
    throw new DynamoDbLimitError(
      null,
      '',
      `it has ${count} items, not 1 to ${DYNAMODB_LIMITS.transactionItems}`,
    );
  }
  const keys = new Set<string>();
  let bytes = 0;
  for (const write of writes) {
    // Updates and condition checks have other limits, and nothing here uses them.
    const item = write.Put?.Item ?? write.Delete?.Key;
    if (item === undefined) throw new Error('a transaction write is neither a put nor a delete');
    bytes += checkItem(item);
    const { partition, sort } = CURSOR_TABLE_KEYS;
    const key = JSON.stringify([item[partition]?.S, item[sort]?.S]);
    if (keys.has(key)) throw new DynamoDbLimitError(nameOf(item), '', 'it occurs twice in one transaction');
    keys.add(key);
  }
  if (bytes > DYNAMODB_LIMITS.transaction) {
    throw new DynamoDbLimitError(
      null,
      '',
      `its items have ${bytes} bytes, more than ${DYNAMODB_LIMITS.transaction}`,
    );
  }
  return writes;
}

/** Checks an item or its key, and returns its bytes. */
function checkItem(item: Item): number {
  const name = nameOf(item);
  const { partition, sort } = CURSOR_TABLE_KEYS;
  checkKey(name, partition, item[partition], DYNAMODB_LIMITS.partitionKey);
  checkKey(name, sort, item[sort], DYNAMODB_LIMITS.sortKey);
  const bytes = Object.entries(item).reduce(
    (sum, [attribute, value]) => sum + nameBytes(name, '', attribute) + valueBytes(name, attribute, value, 1),
    0,
  );
  if (bytes > DYNAMODB_LIMITS.item) {
    throw new DynamoDbLimitError(name, '', `it has ${bytes} bytes, more than ${DYNAMODB_LIMITS.item}`);
  }
  return bytes;
}

function checkKey(item: string, key: string, value: AttributeValue | undefined, maxBytes: number): void {
  if (value?.S === undefined) throw new DynamoDbLimitError(item, key, 'the key is not a string');
  const bytes = textBytes(item, key, value.S);
  if (bytes < 1 || bytes > maxBytes) {
    throw new DynamoDbLimitError(item, key, `the key has ${bytes} bytes, not 1 to ${maxBytes}`);
  }
}

function nameBytes(item: string, path: string, name: string): number {
  const bytes = textBytes(item, path, name);
  if (bytes === 0) throw new DynamoDbLimitError(item, path, 'empty attribute name');
  if (bytes > DYNAMODB_LIMITS.attributeName) {
    throw new DynamoDbLimitError(
      item,
      path,
      `an attribute name has ${bytes} bytes, more than ${DYNAMODB_LIMITS.attributeName}`,
    );
  }
  return bytes;
}

/** Checks a value and returns its bytes. A list or map takes 3 bytes, plus 1 for each element. */
function valueBytes(item: string, path: string, value: AttributeValue, level: number): number {
  if (value.S !== undefined) return textBytes(item, path, value.S);
  if (value.N !== undefined) return numberBytes(item, path, value.N);
  if (value.B !== undefined) return value.B.byteLength;
  if (value.BOOL !== undefined || value.NULL !== undefined) return 1;
  if (value.SS) return setBytes(item, path, value.SS, (text) => textBytes(item, path, text));
  if (value.NS) return setBytes(item, path, value.NS, (text) => numberBytes(item, path, text));
  if (value.BS)
    return setBytes(item, path, value.BS.map(base64), (text) => Buffer.byteLength(text, 'base64'));
  if (level >= DYNAMODB_LIMITS.depth) {
    throw new DynamoDbLimitError(item, path, `it is nested deeper than ${DYNAMODB_LIMITS.depth} levels`);
  }
  if (value.L) {
    return value.L.reduce(
      (sum, element, index) => sum + 1 + valueBytes(item, `${path}[${index}]`, element, level + 1),
      3,
    );
  }
  if (value.M) {
    return Object.entries(value.M).reduce(
      (sum, [name, element]) =>
        sum +
        1 +
        nameBytes(item, path, name) +
        valueBytes(item, `${path}.${shortened(name)}`, element, level + 1),
      3,
    );
  }
  throw new DynamoDbLimitError(item, path, 'the value has no type');
}

/** Text is stored as UTF-8, which half of a surrogate pair does not have. */
function textBytes(item: string, path: string, text: string): number {
  if (!text.isWellFormed()) throw new DynamoDbLimitError(item, path, 'the text is not Unicode');
  return Buffer.byteLength(text);
}

function numberBytes(item: string, path: string, text: string): number {
  const parts = decimalParts(text);
  if (!parts) throw new DynamoDbLimitError(item, path, `${shortened(text)} is not a number`);
  const { digits, exponent } = parts;
  const { min, max } = DYNAMODB_LIMITS.exponents;
  if (digits.length > DYNAMODB_LIMITS.digits) {
    throw new DynamoDbLimitError(
      item,
      path,
      `${shortened(text)} has more than ${DYNAMODB_LIMITS.digits} significant digits`,
    );
  }
  if (digits !== '' && (exponent < min || exponent > max)) {
    throw new DynamoDbLimitError(item, path, `${shortened(text)} is not within 1E${min} and 1E${max + 1}`);
  }
  return decimalBytes(parts);
}

function setBytes(
  item: string,
  path: string,
  members: readonly string[],
  bytesOf: (member: string) => number,
): number {
  if (members.length === 0) throw new DynamoDbLimitError(item, path, 'the set is empty');
  if (new Set(members).size < members.length) {
    throw new DynamoDbLimitError(item, path, 'the set contains a member twice');
  }
  return members.reduce((sum, member) => sum + bytesOf(member), 0);
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

function nameOf(item: Item): string {
  const { partition, sort } = CURSOR_TABLE_KEYS;
  return shortened(`${item[partition]?.S ?? '?'} ${item[sort]?.S ?? '?'}`);
}

/** Makes a name fit for a message. Messages go into logs, and a name can have 64 KB or half of a surrogate pair. */
function shortened(text: string): string {
  return (text.length > 200 ? `${text.slice(0, 200)}…` : text).toWellFormed();
}

/** Returns the path to the innermost value that cannot be marshalled. */
function pathToUnmarshallable(value: unknown, path = ''): string {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return path;
  for (const [name, inner] of Object.entries(value)) {
    try {
      marshall({ inner });
    } catch {
      const step = Array.isArray(value) ? `[${name}]` : path === '' ? name : `.${shortened(name)}`;
      return pathToUnmarshallable(inner, path + step);
    }
  }
  return path;
}
