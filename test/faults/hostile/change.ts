import fc from 'fast-check';

/**
 * What a hostile server may put into a document: one place of it, found by walking down, is replaced, removed,
 * repeated, or gets a member that should not be there. Values are JSON texts, since not all of them survive in a
 * JavaScript object (`1e999`, a member named `__proto__`).
 */
export type Change = { walk: readonly number[] } & (
  | { kind: 'replace'; text: string }
  | { kind: 'remove' }
  | { kind: 'repeat'; times: number }
  | { kind: 'insert'; name: string; text: string }
);

/** Part of most texts that are put in: what must not show at INFO, nor in the name of anything. */
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

/** JSON texts of anything but what belongs there. */
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

const walk = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { maxLength: 6 });

export const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('replace' as const), walk, text: values }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), walk }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('repeat' as const), walk, times: fc.constantFrom(2, 600) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('insert' as const),
      walk,
      name: fc.constantFrom(...names),
      text: values,
    }),
  },
);

/** Stands where a JSON text goes in. */
const MARK = '\u{f0000}mark\u{f0000}';

/** The document's text after the change; text that is no JSON stays as it is. */
export function changed(json: string, change: Change): string {
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch {
    return json;
  }
  // Wrapped, so that the document as a whole is a place like any other.
  const root = { document };
  const { parent, name } = place(root, change.walk);
  const text = apply(parent, name, change);
  const whole = JSON.stringify(root.document) ?? '';
  return text === undefined ? whole : whole.replace(JSON.stringify(MARK), () => text);
}

type Container = Record<string, unknown> | unknown[];

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

/** Walks down, at each step to the member at that fraction of all members; ends early at what has none. */
function place(root: Container, walk: readonly number[]): { parent: Container; name: string } {
  let parent = root;
  let name = 'document';
  for (const fraction of walk) {
    const value = Reflect.get(parent, name);
    const members = isContainer(value) ? Object.keys(value) : [];
    const next = members[Math.floor(fraction * members.length)];
    if (!isContainer(value) || next === undefined) break;
    parent = value;
    name = next;
  }
  return { parent, name };
}

/** Makes the change; the text, if any, goes where the mark is. */
function apply(parent: Container, name: string, change: Change): string | undefined {
  const value: unknown = Reflect.get(parent, name);
  if (change.kind === 'replace') {
    put(parent, name, MARK);
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
  if (Array.isArray(value)) value.push(MARK);
  else put(value, change.name, MARK);
  return change.text;
}

/** Assigning would call the setter of `__proto__`. */
function put(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true });
}
