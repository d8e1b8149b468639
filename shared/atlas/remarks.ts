import type { Remarks } from './api.ts';
import { untrustedText } from './untrusted-text.ts';

/** The place of something in a response: names of fields and indexes of lists. */
export type FieldPath = readonly PropertyKey[];

/** What is wrong with an item or a field: where, and what is expected. Never contains the value. */
export interface Fault {
  readonly path: FieldPath;
  readonly expected: string;
}

/** Formats a path, such as `results[3].id`. */
export function fieldPath(path: FieldPath): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return text.replace(/^\./, '') || 'document';
}

/** Kinds of faults that a run reports one by one. More than Atlas's responses have fields. */
const MAX_KINDS = 20;

interface Kind {
  count: number;
  /** The current note in `notes`. */
  note: string;
  describe(count: number): string;
}

/** Collects what a session's operations skip or notice. Counts faults of one kind in one note. */
export class SessionRemarks implements Remarks {
  readonly notes = new Set<string>();
  unreadableItems = 0;
  nullValues = 0;
  readonly #kinds = new Map<string, Kind>();

  /** Records items that were unreadable and left out. */
  skipped(operation: string, { path, expected }: Fault, more = 1): void {
    this.unreadableItems += more;
    const first = `${fieldPath(path)}: ${expected}`;
    this.#count('skipped', operation, { path, expected }, more, (count) =>
      count === 1
        ? `${operation}: an item cannot be read and was skipped: ${first}`
        : `${operation}: ${count} items cannot be read and were skipped, the first for ${first}`,
    );
  }

  /** Records fields that count as null because their values have the wrong type. */
  readAsNull(operation: string, { path, expected }: Fault, more = 1): void {
    this.nullValues += more;
    const first = `${fieldPath(path)}: ${expected}`;
    this.#count('null', operation, { path, expected }, more, (count) =>
      count === 1
        ? `${operation}: a value was read as null: ${first}`
        : `${operation}: ${count} values were read as null, the first ${first}`,
    );
  }

  leftOut(operation: string, field: string, items: number): void {
    if (items > 0) this.skipped(operation, { path: ['results', field], expected: 'expected a value' }, items);
  }

  #count(
    what: string,
    operation: string,
    { path, expected }: Fault,
    more: number,
    describe: Kind['describe'],
  ): void {
    const fields = path.filter((step) => typeof step !== 'number');
    const id = [what, operation, ...fields, expected].map(String).join(' ');
    const isKnown = this.#kinds.has(id) || this.#kinds.size < MAX_KINDS;
    const kind = isKnown
      ? (this.#kinds.get(id) ?? { count: 0, note: '', describe })
      : (this.#kinds.get('') ?? { count: 0, note: '', describe: further });
    this.#kinds.set(isKnown ? id : '', kind);
    this.notes.delete(kind.note);
    kind.count += more;
    kind.note = untrustedText(kind.describe(kind.count));
    this.notes.add(kind.note);
  }
}

function further(count: number): string {
  return `${count} more items or values of other kinds could not be read`;
}
