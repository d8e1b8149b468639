import type { Attribute, Item } from './dynamodb.ts';

/**
 * Rejects the requests that DynamoDB rejects, with DynamoDB's messages. It follows the answers of DynamoDB Local and does
 * not use the collector's own checks, because a stand-in must not share their bugs.
 */

const KEYS: ReadonlyArray<[name: string, most: number]> = [
  ['pk', 2048],
  ['sk', 1024],
];
const ITEM_BYTES = 400 * 1024;
const TRANSACTION_BYTES = 4 * 1024 * 1024;
const NAME_BYTES = 64 * 1024;

class Rejected extends Error {}

/** Returns why a PutItem is rejected, or undefined. */
export function rejectedItem(item: Item): string | undefined {
  return reasonOf(() => itemBytes(item));
}

/** Returns why a transaction of puts and deletes is rejected, or undefined. */
export function rejectedTransaction(items: readonly Item[]): string | undefined {
  return reasonOf(() => {
    if (items.length === 0) throw new Rejected('Member must have length greater than or equal to 1');
    if (items.length > 100) throw new Rejected('Member must have length less than or equal to 100');
    let bytes = 0;
    for (const item of items) bytes += itemBytes(item);
    const keys = items.map(({ pk, sk }) => JSON.stringify([pk, sk])).sort();
    if (keys.some((key, index) => key === keys[index + 1])) {
      throw new Rejected('Transaction request cannot include multiple operations on one item');
    }
    if (bytes > TRANSACTION_BYTES) {
      throw new Rejected(`Transaction payload size cannot exceed 4MB. Payload Size: ${bytes}`);
    }
  });
}

function reasonOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof Rejected) return error.message;
    throw error;
  }
}

function itemBytes(item: Item): number {
  for (const [key, most] of KEYS) {
    const text = item[key]?.['S'];
    if (typeof text !== 'string') throw new Rejected(`Missing the key ${key} in the item`);
    if (text === '') {
      throw new Rejected(
        `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: ${key}`,
      );
    }
    if (utf8(text) > most)
      throw new Rejected(
        'Hash primary key values must be under 2048 bytes, and range primary key values must be under 1024 bytes',
      );
  }
  // An item counts as a map without the overhead of a map.
  const bytes = mapBytes(item, 0) - Object.keys(item).length;
  if (bytes > ITEM_BYTES) throw new Rejected('Item size has exceeded the maximum allowed size');
  return bytes;
}

function mapBytes(map: Item, depth: number): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(map)) {
    if (name === '') throw new Rejected('One or more parameter values were invalid: Empty attribute name');
    if (utf8(name) >= NAME_BYTES)
      throw new Rejected('Attribute name is too large, must be less than 65536 bytes');
    bytes += 1 + utf8(name) + attributeBytes(value, depth);
  }
  return bytes;
}

function attributeBytes(attribute: Attribute, depth: number): number {
  const [[type, value] = [], another] = Object.entries(attribute);
  if (another) throw new Rejected('Supplied AttributeValue has more than one datatypes set');
  switch (type) {
    case 'S':
      return utf8(String(value));
    case 'N':
      return numberBytes(String(value));
    case 'B':
      return Buffer.from(String(value), 'base64').length;
    case 'NULL':
    case 'BOOL':
      return 1;
    case 'L':
    case 'M':
      if (depth === 31) {
        throw new Rejected(
          'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit',
        );
      }
      return 3 + (type === 'M' ? mapBytes(Object(value), depth + 1) : listBytes(value, depth + 1));
    default:
      // The collector stores no sets.
      throw new Rejected(`the simulation has no attribute type ${type}`);
  }
}

function listBytes(list: unknown, depth: number): number {
  if (!Array.isArray(list)) throw new Rejected('not a list');
  return list.reduce((sum: number, element: Attribute) => sum + 1 + attributeBytes(element, depth), 0);
}

function numberBytes(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value))
    throw new Rejected('A value provided cannot be converted into a number');
  const [mantissa = ''] = text.replace('-', '').toLowerCase().split('e');
  const digits = mantissa.replace('.', '').replace(/^0+/, '').replace(/0+$/, '').length;
  if (digits > 38) throw new Rejected('Attempting to store more than 38 significant digits in a Number');
  const magnitude = Math.abs(value);
  if (magnitude >= 1e126) {
    throw new Rejected(
      'Number overflow. Attempting to store a number with magnitude larger than supported range',
    );
  }
  if (magnitude !== 0 && magnitude < 1e-130) {
    throw new Rejected(
      'Number underflow. Attempting to store a number with magnitude smaller than supported range',
    );
  }
  return Math.ceil(digits / 2) + 2;
}

function utf8(text: string): number {
  if (/\p{Cs}/u.test(text)) throw new Rejected('SerializationException: not Unicode');
  return Buffer.byteLength(text, 'utf8');
}
