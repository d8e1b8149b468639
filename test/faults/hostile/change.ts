import fc from 'fast-check';

/**
 * A hostile server's change of a document: it replaces, removes or repeats one place, or inserts a member. Values are JSON
 * texts, because JavaScript objects cannot hold all of them (`1e999`, a member named `__proto__`).
 */
export type Change = Place &
  (
    | { kind: 'replace'; text: string }
    | { kind: 'remove' }
    | { kind: 'repeat'; times: number }
    | { kind: 'insert'; name: string; text: string }
  );

interface Place {
  /** A fraction of all fields of the document, or the path to one, such as `results/name`. */
  field: number | string;
  /** A fraction of the elements of each list on that path. */
  element: number;
}

/** A part of most inserted texts. It must not appear at INFO or above, or in any name. */
export const CANARY = 'cAnArY';

const escapes = [
  ...[
    '..',
    '../..',
    `../../${CANARY}`,
    '%2e%2e',
    `%2e%2e%2f${CANARY}`,
    `..\\${CANARY}`,
    '.',
    '/',
    `/${CANARY}/`,
  ],
  ...[`${CANARY}?a=b`, `${CANARY}#c`, `${CANARY}%00`, `dt=2026-01-01/${CANARY}`, `file:///${CANARY}`],
];

const controls = [
  `${CANARY}\r\nX-Injected: 1`,
  `${CANARY}\n{"level":"ERROR"}`,
  `\u0000${CANARY}`,
  `\u001b[31m${CANARY}\u001b]0;title\u0007`,
  `${CANARY}\u202e\u2028\u2029\ufeff\u0085`,
  `\ud800${CANARY}`,
  `${CANARY}\udfff`,
  `${CANARY}\ud83d`,
];

const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then', 'toJSON', ''];

const times = [
  ...['+275760-09-13T00:00:00Z', '-000001-01-01T00:00:00Z', '9999-12-31T23:59:59Z', '0000-01-01T00:00:00Z'],
  ...['1969-12-31T23:59:59.999Z', '2026-02-30T00:00:00Z', '2026-03-02T24:00:00Z', '2026-03-02T11:59:60Z'],
  ...['2026-03-02T11:30:00.123456789Z', '2026-03-02T11:30:00+14:00', 'Mon Mar 02 11:30:00 GMT 2026', 'now'],
];

const numbers = [
  ...['1e999', '-1e999', '1e308', '5e-324', '-0', '0.1', '-1', '9007199254740993', '1e21'],
  ...['123456789012345678901234567890', '-1761998400000.5', '8640000000000001', '4294967296'],
];

const texts = fc.oneof(
  fc.constantFrom(...escapes),
  fc.constantFrom(...controls),
  fc.constantFrom(...names),
  fc.constantFrom(...times),
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => CANARY + text),
  fc.constantFrom(200, 2_000, 70_000, 500_000).map((length) => CANARY.padEnd(length, 'x')),
);

/** JSON texts of names that have broken programs. */
export const WORST_TEXTS: readonly string[] = [
  ...escapes,
  ...controls,
  ...names,
  ...[300, 1_000, 70_000, 500_000].map((length) => CANARY.padEnd(length, 'x')),
  ...[300, 1_000].map((length) => CANARY.padEnd(length, '\u{1f600}')),
].map((text) => JSON.stringify(text));

/** JSON texts of unexpected values. */
const values: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: texts.map((text) => JSON.stringify(text)) },
  { weight: 2, arbitrary: fc.constantFrom(...numbers) },
  { weight: 1, arbitrary: fc.constantFrom('null', 'true', 'false', '{}', '[]', '""', '[null]', '[[]]') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...names).map((name) => `{${JSON.stringify(name)}:{"polluted":1}}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(100, 20_000).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
  },
  { weight: 1, arbitrary: fc.json({ maxDepth: 3 }) },
);

const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const where = { field: fraction, element: fraction };

export const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ ...where, kind: fc.constant('replace' as const), text: values }) },
  { weight: 1, arbitrary: fc.record({ ...where, kind: fc.constant('remove' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ ...where, kind: fc.constant('repeat' as const), times: fc.constantFrom(2, 600) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      ...where,
      kind: fc.constant('insert' as const),
      name: fc.constantFrom(...names),
      text: values,
    }),
  },
);

/** Holds the place of an inserted JSON text. */
const PLACEHOLDER = '\u{f0000}placeholder\u{f0000}';

/** Returns the document's text after the change. Text that is not JSON stays unchanged. */
export function changed(json: string, change: Change): string {
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch {
    return json;
  }
  // The wrapper makes the whole document a place like any other.
  const root = { document };
  const { parent, name } = find(root, change);
  const text = apply(parent, name, change);
  const whole = JSON.stringify(root.document) ?? '';
  return text === undefined ? whole : whole.replace(JSON.stringify(PLACEHOLDER), () => text);
}

type Container = Record<string, unknown> | unknown[];

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

/** The path to a field. All elements of a list share one step. */
type Path = readonly (string | typeof ELEMENT)[];
const ELEMENT = Symbol('element');

function pathName(path: Path): string {
  // All paths begin with the same root.
  return path
    .slice(1)
    .filter((step) => step !== ELEMENT)
    .map(String)
    .join('/');
}

/** How many elements of a list are read for field names. All elements have similar fields. */
const SAMPLE = 3;

function fieldsOf(value: unknown, path: Path = []): Map<string, Path> {
  const fields = new Map<string, Path>();
  if (path.length > 0) fields.set(path.map(String).join('/'), path);
  if (!isContainer(value)) return fields;
  const members: Array<[string | typeof ELEMENT, unknown]> = Array.isArray(value)
    ? value.slice(0, SAMPLE).map((element) => [ELEMENT, element])
    : Object.entries(value);
  for (const [name, member] of members) {
    for (const [key, field] of fieldsOf(member, [...path, name])) fields.set(key, field);
  }
  return fields;
}

/** Returns the path to each field of a document, in the form of a change's `field`. */
export function fieldNames(json: string): string[] {
  const document: unknown = JSON.parse(json);
  const root = { document };
  return [...new Set([...fieldsOf(root).values()].map(pathName))].filter((name) => name !== '');
}

function find(root: Container, { field, element }: Place): { parent: Container; name: string } {
  const fields = [...fieldsOf(root).values()];
  const path =
    typeof field === 'number'
      ? fields[Math.floor(field * fields.length)]
      : fields.findLast((candidate) => pathName(candidate) === field);
  const [first = 'document', ...rest] = path ?? [];
  let parent = root;
  let name = String(first);
  for (const step of rest) {
    const value = Reflect.get(parent, name);
    if (!isContainer(value)) break;
    parent = value;
    name = step === ELEMENT ? String(Math.floor(element * Object.keys(value).length)) : step;
  }
  return { parent, name };
}

/** Makes the change. Its text, if any, later replaces the placeholder. */
function apply(parent: Container, name: string, change: Change): string | undefined {
  const value: unknown = Reflect.get(parent, name);
  if (change.kind === 'replace') {
    put(parent, name, PLACEHOLDER);
    return change.text;
  }
  if (change.kind === 'remove') {
    if (Array.isArray(parent)) parent.splice(Number(name), 1);
    else Reflect.deleteProperty(parent, name);
    return undefined;
  }
  if (change.kind === 'repeat') {
    const copies = Array.from({ length: change.times }, () => value);
    if (Array.isArray(parent)) parent.splice(Number(name), 1, ...copies);
    else put(parent, name, copies);
    return undefined;
  }
  if (!isContainer(value)) return undefined;
  if (Array.isArray(value)) value.push(PLACEHOLDER);
  else put(value, change.name, PLACEHOLDER);
  return change.text;
}

/** Defines a property, because an assignment would call the setter of `__proto__`. */
function put(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true });
}
