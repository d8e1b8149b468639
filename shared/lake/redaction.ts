import { createHmac } from 'node:crypto';
import type { Column, Table } from './table.ts';

/** What stands in the lake in place of a value: nothing, or a keyed hash, by which equal values are still equal. */
export type Withholding = 'drop' | 'hash';

/** Which columns are withheld, by table. */
export type Redaction = Readonly<Record<string, Readonly<Record<string, Withholding>>>>;

/** Whether a column can be withheld: its values are text, and a row may do without. A fingerprint follows its source. */
export function canBeWithheld({ type, nullable, fingerprintOf }: Column): boolean {
  return type === 'string' && nullable === true && fingerprintOf === undefined;
}

/** Whether a key is needed to write these tables: for hashes, and for the fingerprints of what is withheld. */
export function needsKey(redaction: Redaction, tables: readonly Table[]): boolean {
  return tables.some((table) => table.columns.some((column) => ruleOf(redaction, table, column) === 'hash'));
}

/** Applies a redaction to the values of rows, before they are written. */
export class Redactor {
  readonly #redaction: Redaction;
  readonly #key: string | null;

  /** @param key what hashes are keyed with; null when there is none */
  constructor(redaction: Redaction, key: string | null) {
    this.#redaction = redaction;
    this.#key = key;
  }

  /**
   * How the values of a column are changed; undefined when they stay.
   * @throws {RedactionKeyError} when they are to be hashed without a key
   */
  changeOf(table: Table, column: Column): ((value: string) => string | null) | undefined {
    const rule = ruleOf(this.#redaction, table, column);
    if (rule === undefined) return undefined;
    if (rule === 'drop') return () => null;
    const key = this.#key;
    if (key === null) throw new RedactionKeyError();
    return (value) => createHmac('sha256', key).update(value).digest('hex');
  }
}

/** Hashes are asked for, and there is no key to make them with. */
export class RedactionKeyError extends Error {
  override readonly name = 'RedactionKeyError';
  constructor() {
    super('the configuration withholds values by a keyed hash, and there is no redaction key');
  }
}

/** A fingerprint would give away what is withheld to whoever can guess it: it is keyed as soon as its source is. */
function ruleOf(redaction: Redaction, table: Table, column: Column): Withholding | undefined {
  const rules = Object.hasOwn(redaction, table.name) ? (redaction[table.name] ?? {}) : {};
  const rule = (name: string) => (Object.hasOwn(rules, name) ? rules[name] : undefined);
  if (column.fingerprintOf === undefined) return rule(column.name);
  return rule(column.fingerprintOf) === undefined ? undefined : 'hash';
}
