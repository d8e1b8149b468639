import type { Table } from './table.ts';

/** The text that replaces the name of a person. */
export const ERASED = '[erased]';

export interface Erased {
  /** The remaining lines, as they are in the file. */
  text: string;
  /** Number of removed rows, which were about the person. */
  removed: number;
  /** Number of rows in which the person's name was replaced. */
  changed: number;
}

/** Erases one person from the rows of a table. Rows without the name stay the same, byte for byte. */
export class Eraser {
  readonly #user: string;
  readonly #subjects: readonly string[];
  readonly #mentions: readonly string[];
  readonly #named: RegExp;
  /** The name as it is written in a line of JSON, and in a JSON text within such a line. */
  readonly #written: readonly string[];

  constructor({ columns }: Pick<Table, 'columns'>, user: string) {
    if (user === '') throw new Error('the name of the user is empty');
    const named = (kind: 'subject' | 'mention') =>
      columns.filter(({ personal }) => personal === kind).map(({ name }) => name);
    this.#user = user;
    this.#subjects = named('subject');
    this.#mentions = named('mention');
    this.#written = [user, quoted(user), quoted(quoted(user))];
    this.#named = new RegExp(namePattern(user), 'gu');
  }

  /** Returns the lines of a file without the person. */
  erase(lines: string): Erased {
    const kept: string[] = [];
    let removed = 0;
    let changed = 0;
    for (const line of lines.split('\n')) {
      if (line === '') continue;
      const left = this.#line(line);
      if (left === null) removed += 1;
      else if (left !== line) changed += 1;
      if (left !== null) kept.push(`${left}\n`);
    }
    return { text: kept.join(''), removed, changed };
  }

  /** Returns the line without the person, or null if the whole row is removed. */
  #line(line: string): string | null {
    if (!this.#written.some((form) => line.includes(form))) return line;
    const row: unknown = JSON.parse(line);
    if (typeof row !== 'object' || row === null) throw new Error('a line of the lake is not a JSON object');
    const values = new Map<string, unknown>(Object.entries(row));
    if (this.#subjects.some((column) => values.get(column) === this.#user)) return null;
    let found = false;
    for (const column of this.#mentions) {
      const value = values.get(column);
      if (typeof value !== 'string') continue;
      const without = value.replaceAll(this.#named, ERASED);
      if (without !== value) {
        values.set(column, without);
        found = true;
      }
    }
    return found ? JSON.stringify(Object.fromEntries(values)) : line;
  }
}

/**
 * Returns a regular expression, as JavaScript and Java write it, for a name as a whole: `ann` is not in `joanne` or in
 * `ann@example.com`.
 */
export function namePattern(user: string): string {
  // The longer form comes first.
  const forms = [quoted(user), user].map((form) => form.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return `(?<![\\p{L}\\p{N}_.@+-])(?:${forms.join('|')})(?![\\p{L}\\p{N}_@+-]|\\.[\\p{L}\\p{N}])`;
}

/** Returns whether a table can name people. */
export function isPersonal({ columns }: Pick<Table, 'columns'>): boolean {
  return columns.some(({ personal }) => personal !== undefined);
}

/** Returns a text as it is written inside JSON. */
function quoted(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
