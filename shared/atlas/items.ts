import type * as z from 'zod';
import type { Listing } from './listing.ts';
import type { Fault, FieldPath, SessionRemarks } from './remarks.ts';

/** The result of reading one item of a list: a value, with the fields that count as null, or a fault. */
export type ItemResult<T> =
  | { readonly value: T; readonly nulls: readonly Fault[] }
  | { readonly fault: Fault };

/** How to read the items of one kind of list. */
export interface ItemType<T> {
  read(raw: unknown): ItemResult<T>;
  /** Identifies an item. */
  key(item: T): string;
  /** Identifies an item that is otherwise unreadable; null if the key is unreadable, too. */
  rawKey(raw: unknown): string | null;
}

/** Returns the type of items that a schema describes and one field identifies. */
export function itemType<T>(
  schema: z.ZodType<T>,
  keyField: string,
  keySchema: z.ZodType<string>,
  key: (item: T) => string,
): ItemType<T> {
  return { read: (raw) => forgiving(schema, raw), key, rawKey: rawKeyOf(keyField, keySchema) };
}

/** Returns a function that reads only the key. */
export function rawKeyOf(field: string, schema: z.ZodType<string>): (raw: unknown) => string | null {
  return (raw) => schema.safeParse(Object(raw)[field]).data ?? null;
}

/** Correcting a field can reveal wrong fields inside it. */
const MAX_ROUNDS = 4;

/**
 * Reads a document in the schema's shape. A wrong field counts as null where the schema allows null; otherwise the
 * document is unreadable. A correct document costs no more than the schema.
 */
export function forgiving<T>(schema: z.ZodType<T>, raw: unknown): ItemResult<T> {
  const nulls = new Map<string, Fault>();
  let candidate = raw;
  let fault: Fault = { path: [], expected: 'another shape' };
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const result = schema.safeParse(candidate);
    if (result.success) return { value: result.data, nulls: [...nulls.values()] };
    for (const issue of result.error.issues) {
      fault = faultOf(issue);
      const id = issue.path.map(String).join('/');
      const before = nulls.get(id);
      // The schema rejects null there as well.
      if (issue.path.length === 0 || before) return { fault: before ?? fault };
      nulls.set(id, fault);
      candidate = withNull(candidate, issue.path);
    }
  }
  return { fault };
}

/** Returns the fault that a schema reports. */
export function faultOf(issue: z.core.$ZodIssue): Fault {
  const expected = issue.code === 'invalid_type' ? `expected ${issue.expected}` : issue.message;
  return { path: issue.path, expected };
}

/** Returns a copy with null in one place. */
function withNull(value: unknown, [step, ...rest]: FieldPath): unknown {
  if (step === undefined) return null;
  if (Array.isArray(value)) {
    return value.map((member: unknown, index) => (index === step ? withNull(member, rest) : member));
  }
  const fields: Record<PropertyKey, unknown> = { ...Object(value) };
  return { ...fields, [step]: withNull(fields[step], rest) };
}

/** Reports the faults in one list of a response. */
export class ListRemarks {
  readonly #operation: string;
  readonly #list: FieldPath;
  readonly #remarks: SessionRemarks;
  /** How many items were skipped. */
  unreadable = 0;

  /** @param list the path of the list in the response */
  constructor(operation: string, list: FieldPath, remarks: SessionRemarks) {
    this.#operation = operation;
    this.#list = list;
    this.#remarks = remarks;
  }

  /** @param count how many such faults there are, the first at this path */
  skipped({ path, expected }: Fault, count = 1): void {
    this.unreadable += count;
    this.#remarks.skipped(this.#operation, { path: [...this.#list, ...path], expected }, count);
  }

  readAsNull({ path, expected }: Fault, count = 1): void {
    this.#remarks.readAsNull(this.#operation, { path: [...this.#list, ...path], expected }, count);
  }
}

/**
 * Reads a list item by item. Omits and reports unreadable items.
 *
 * @param before the number of items before these
 */
export function readItems<T>(
  raws: readonly unknown[],
  type: ItemType<T>,
  remarks: ListRemarks,
  before = 0,
): Listing<T> {
  const items: T[] = [];
  const unreadable = new Set<string>();
  let hasUnknown = false;
  for (const [index, raw] of raws.entries()) {
    const result = type.read(raw);
    const place = before + index;
    if ('value' in result) {
      for (const { path, expected } of result.nulls) remarks.readAsNull({ path: [place, ...path], expected });
      items.push(result.value);
      continue;
    }
    const { path, expected } = result.fault;
    remarks.skipped({ path: [place, ...path], expected });
    const key = type.rawKey(raw);
    if (key === null) hasUnknown = true;
    else unreadable.add(key);
  }
  return { items, unreadable, hasUnknown };
}
