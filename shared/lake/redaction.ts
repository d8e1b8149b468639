import { createHmac } from 'node:crypto';
import type { Column, Table } from './table.ts';

/** What the lake contains instead of a value: nothing, or a keyed hash, so that equal values remain equal. */
export type Withholding = 'drop' | 'hash';

/** The withheld columns of each table. */
export type Redaction = Readonly<Record<string, Readonly<Record<string, Withholding>>>>;

/**
 * Returns whether a column can be withheld: its values are nullable text. A fingerprint follows its source
 * column instead.
 */
export function canBeWithheld({ type, nullable, fingerprintOf }: Column): boolean {
  return type === 'string' && nullable === true && fingerprintOf === undefined;
}

/**
 * Returns whether writing these tables needs a key, for hashes or for the fingerprints of withheld values.
 */
export function needsKey(redaction: Redaction, tables: readonly Table[]): boolean {
  return tables.some((table) => table.columns.some((column) => ruleOf(redaction, table, column) === 'hash'));
}

/** Applies a redaction to the values of rows before they are written. */
export class Redactor {
  readonly #redaction: Redaction;
  readonly #key: string | null;

  /** @param key the key of the hashes; null if there is none */
  constructor(redaction: Redaction, key: string | null) {
    this.#redaction = redaction;
    this.#key = key;
  }

  /**
   * Returns how to change the values of a column; undefined if they stay as they are.
   * @throws {RedactionKeyError} if they must be hashed and there is no key
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

/** The configuration requires hashes, but there is no key for them. */
export class RedactionKeyError extends Error {
  override readonly name = 'RedactionKeyError';
  constructor() {
    super('the configuration withholds values by a keyed hash, but there is no redaction key');
  }
}

/**
 * Returns the rule of a column. A fingerprint would reveal a withheld value to anyone who can guess it, so it
 * is keyed as soon as its source is withheld.
 */
function ruleOf(redaction: Redaction, table: Table, column: Column): Withholding | undefined {
  const rules = Object.hasOwn(redaction, table.name) ? (redaction[table.name] ?? {}) : {};
  const rule = (name: string) => (Object.hasOwn(rules, name) ? rules[name] : undefined);
  if (column.fingerprintOf === undefined) return rule(column.name);
  return [column.fingerprintOf].flat().every((source) => rule(source) === undefined) ? undefined : 'hash';
}
