/** The problems that a lake can have, and their descriptions. */
export const PROBLEMS = {
  missing: 'objects of a commit are missing',
  changed: 'objects differ from what their commit wrote',
  lost: 'commit records are missing',
  uncommitted: 'objects have rows that no commit wrote',
  unreadable: 'objects, records or cursors cannot be read',
  duplicate: 'rows have the same natural key',
  unbacked: 'targets have watermarks beyond their rows and gaps',
  behind: 'the cursor table is behind the lake',
  pending: 'announced batches are not committed',
  compacted: 'compacted days do not have the rows that they were built with',
} as const;

export type Problem = keyof typeof PROBLEMS;

/** One type of problem in one table on one day. */
export interface Finding {
  problem: Problem;
  /** The table; the dataset for a problem of the cursor table. */
  table: string;
  /** `YYYY-MM-DD`; null if the problem does not belong to a day. */
  day: string | null;
  count: number;
  /** The first one: an object key, target, cursor, project, or partition of the cursor table. */
  example: string;
}

/** Groups findings by problem, table and day, so that their number does not grow with the number of objects. */
export class Findings {
  readonly #all = new Map<string, Finding>();

  add(problem: Problem, where: { table: string; day: string | null }, example: string, count = 1): void {
    const { table, day } = where;
    const key = `${problem}/${table}/${day}`;
    const known = this.#all.get(key);
    if (known) known.count += count;
    else this.#all.set(key, { problem, table, day, count, example });
  }

  list(): Finding[] {
    const order = Object.keys(PROBLEMS);
    return [...this.#all.values()].sort(
      (a, b) =>
        order.indexOf(a.problem) - order.indexOf(b.problem) ||
        (`${a.table}/${a.day}` < `${b.table}/${b.day}` ? -1 : 1),
    );
  }
}
