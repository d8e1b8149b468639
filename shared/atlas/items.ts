import type * as z from 'zod';
import type { Listing } from './listing.ts';
import type { Fault, FieldPath, SessionRemarks } from './remarks.ts';

/** What became of one item of a list: a value, with the fields that were taken for null, or nothing. */
export type ItemResult<T> =
  | { readonly value: T; readonly nulls: readonly Fault[] }
  | { readonly fault: Fault };

/** How the items of one kind of list are read. */
export interface ItemType<T> {
  read(raw: unknown): ItemResult<T>;
  /** What tells one item from another. */
  key(item: T): string;
  /** The same, of an item that cannot be read otherwise; null where even that cannot. */
  rawKey(raw: unknown): string | null;
}

/** An item that a schema describes, told by one of its fields. */
export function itemType<T>(
  schema: z.ZodType<T>,
  keyField: string,
  keySchema: z.ZodType<string>,
  key: (item: T) => string,
): ItemType<T> {
  return { read: (raw) => forgiving(schema, raw), key, rawKey: rawKeyOf(keyField, keySchema) };
}

/** Reads the key alone. */
export function rawKeyOf(field: string, schema: z.ZodType<string>): (raw: unknown) => string | null {
  return (raw) => schema.safeParse(Object(raw)[field]).data ?? null;
}

/** Fields inside of a field that is wrong may be wrong as well, when the first are out of the way. */
const MOST_ROUNDS = 4;

/**
 * The document in the schema's shape. A field that is wrong counts as null where the schema lets it be null; the
 * document is unreadable where it does not. Documents that are right cost no more than the schema.
 */
export function forgiving<T>(schema: z.ZodType<T>, raw: unknown): ItemResult<T> {
  const nulls = new Map<string, Fault>();
  let candidate = raw;
  let fault: Fault = { path: [], expected: 'another shape' };
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const result = schema.safeParse(candidate);
    if (result.success) return { value: result.data, nulls: [...nulls.values()] };
    for (const issue of result.error.issues) {
      fault = faultOf(issue);
      const id = issue.path.map(String).join('/');
      const before = nulls.get(id);
      // Null is wrong there as well.
      if (issue.path.length === 0 || before) return { fault: before ?? fault };
      nulls.set(id, fault);
      candidate = withNull(candidate, issue.path);
    }
  }
  return { fault };
}

/** What a schema says is wrong. */
export function faultOf(issue: z.core.$ZodIssue): Fault {
  const expected = issue.code === 'invalid_type' ? `expected ${issue.expected}` : issue.message;
  return { path: issue.path, expected };
}

/** A copy with null in one place. */
function withNull(value: unknown, [step, ...rest]: FieldPath): unknown {
  if (step === undefined) return null;
  if (Array.isArray(value)) {
    return value.map((member: unknown, index) => (index === step ? withNull(member, rest) : member));
  }
  const fields: Record<PropertyKey, unknown> = { ...Object(value) };
  return { ...fields, [step]: withNull(fields[step], rest) };
}

/** Reports what is wrong in one list of an answer. */
export class ListRemarks {
  readonly #operation: string;
  readonly #list: FieldPath;
  readonly #remarks: SessionRemarks;

  /** @param list where the list stands in the answer */
  constructor(operation: string, list: FieldPath, remarks: SessionRemarks) {
    this.#operation = operation;
    this.#list = list;
    this.#remarks = remarks;
  }

  /** @param count how many there are, the first at this place */
  skipped({ path, expected }: Fault, count = 1): void {
    this.#remarks.skipped(this.#operation, { path: [...this.#list, ...path], expected }, count);
  }

  readAsNull({ path, expected }: Fault, count = 1): void {
    this.#remarks.readAsNull(this.#operation, { path: [...this.#list, ...path], expected }, count);
  }
}

/**
 * Reads a list item by item: what cannot be read is left out and reported.
 *
 * @param before how many items stand before these
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
