import type { Remarks } from './api.ts';
import { untrustedText } from './untrusted-text.ts';

/** Where something stands in an answer: names of fields, and places in lists. */
export type FieldPath = readonly PropertyKey[];

/** What is wrong with an item or a field: where, and what should be there. Never what is there. */
export interface Fault {
  readonly path: FieldPath;
  readonly expected: string;
}

/** As `results[3].id`. */
export function fieldPath(path: FieldPath): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return text.replace(/^\./, '') || 'document';
}

/** Kinds of faults that a run reports one by one. Atlas's answers have fewer fields than that. */
const MOST_KINDS = 20;

interface Kind {
  count: number;
  /** The note as it stands among the notes. */
  note: string;
  describe(count: number): string;
}

/** Collects what a session's operations skip or notice. Faults of one kind are one note with a count. */
export class SessionRemarks implements Remarks {
  readonly notes = new Set<string>();
  unreadableItems = 0;
  nullValues = 0;
  readonly #kinds = new Map<string, Kind>();

  /** An item that could not be read was left out. */
  skipped(operation: string, { path, expected }: Fault, more = 1): void {
    this.unreadableItems += more;
    const first = `${fieldPath(path)}: ${expected}`;
    this.#count('skipped', operation, { path, expected }, more, (count) =>
      count === 1
        ? `${operation}: an item cannot be read and was skipped: ${first}`
        : `${operation}: ${count} items cannot be read and were skipped, the first for ${first}`,
    );
  }

  /** A field was taken for null, because its value is not of the kind that belongs there. */
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
    const isKnown = this.#kinds.has(id) || this.#kinds.size < MOST_KINDS;
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
