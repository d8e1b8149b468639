/** How deep a command is described; MongoDB allows 100 levels of a document. */
const MAX_DEPTH = 100;

/** A name of a field, or of a path with array indexes. Anything else may be data, such as an address or a number. */
const FIELD_NAME = /^\$?\$?[A-Za-z_]\w*(?:\.(?:\$?[A-Za-z_]\w*|\d{1,3}|\$(?:\[\w*\])?))*$/;
const MAX_NAME = 120;

/** Names that contain as many digits as an id, a date or a telephone number. */
const DATA_IN_NAME = /\d{5}|[\da-f]{16}/i;

/** What extended JSON writes for a value that JSON does not have. */
const EXTENDED: Readonly<Record<string, string>> = {
  $oid: '?objectId',
  $date: '?date',
  $numberInt: '?number',
  $numberLong: '?number',
  $numberDouble: '?number',
  $numberDecimal: '?number',
  $binary: '?binData',
  $uuid: '?binData',
  $timestamp: '?timestamp',
  $regularExpression: '?regex',
  $minKey: '?minKey',
  $maxKey: '?maxKey',
};

/** Fields that drivers add to each command. They say nothing about the query, and differ in each line. */
const SESSION_FIELDS = new Set([
  ...['lsid', '$clusterTime', '$client', '$configTime', '$topologyTime', '$db', '$audit', 'comment'],
  ...['txnNumber', 'autocommit', 'startTransaction', 'clientOperationKey', 'apiVersion', 'apiStrict'],
]);

/**
 * Returns the shape of a command: its fields and operators, with `?string` for a text and so on instead of each value.
 * An array has each shape of its members once, so that the length of a list does not matter.
 */
export function commandShape(command: object): unknown {
  const fields = Object.entries(command).filter(([name]) => !SESSION_FIELDS.has(name));
  return shapeOf(Object.fromEntries(fields), 0);
}

function shapeOf(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) return '?';
  if (value === null) return '?null';
  if (Array.isArray(value)) {
    const shapes = value.map((member: unknown) => shapeOf(member, depth + 1));
    return [...new Map(shapes.map((shape) => [JSON.stringify(shape), shape])).values()];
  }
  if (typeof value !== 'object') return `?${typeof value}`;
  const fields = Object.entries(value);
  const [only] = fields;
  const extended = only && fields.length === 1 && Object.hasOwn(EXTENDED, only[0]) && EXTENDED[only[0]];
  if (extended) return extended;
  return Object.fromEntries(
    fields.map(([name, member]) => {
      const isSort = name === 'sort' || name === '$sort';
      return [fieldName(name), isSort ? sortShape(member, depth + 1) : shapeOf(member, depth + 1)];
    }),
  );
}

/** Returns the shape of a sort order, with its directions: they decide which index helps. */
function sortShape(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return shapeOf(value, depth);
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      fieldName(name),
      member === 1 || member === -1 ? member : shapeOf(member, depth + 1),
    ]),
  );
}

/** Returns a field's name; `?field` if it may be data, because some applications use values as names. */
export function fieldName(name: string): string {
  const isName = name.length <= MAX_NAME && FIELD_NAME.test(name) && !DATA_IN_NAME.test(name);
  return isName ? name : '?field';
}
