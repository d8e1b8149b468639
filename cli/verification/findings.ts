/** What can be wrong in a lake, and how it is said. */
export const PROBLEMS = {
  missing: 'objects of a commit are missing',
  changed: 'objects are not what their commit wrote',
  uncommitted: 'objects have rows that no commit wrote',
  unreadable: 'objects cannot be read',
  duplicate: 'rows share the natural key of their table',
  unbacked: 'targets are watermarked as read further than rows and gaps reach',
  behind: 'the cursor table is behind the lake',
  pending: 'batches are announced and not committed',
} as const;

export type Problem = keyof typeof PROBLEMS;

/** One kind of problem in one table on one day. */
export interface Finding {
  problem: Problem;
  /** A dataset, where the problem is one of the cursor table. */
  table: string;
  /** `YYYY-MM-DD`; null where it is not one of a day. */
  day: string | null;
  count: number;
  /** The first of them: a key, a target, a project. */
  example: string;
}

/** Collects findings by problem, table and day: as many as a lake has days, however many objects are wrong. */
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
