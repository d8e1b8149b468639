import { rowIdentity, type Table } from '../../../../shared/lake/table.ts';
import { textOfObject } from '../../../support/decompressed.ts';
import { instantOf } from '../../../support/times.ts';
import type { CommitObserver } from '../commit-observer.ts';

/** A row of the lake, with the commit that brought it. */
export interface CommittedRow {
  values: Readonly<Record<string, unknown>>;
  /** The time in column `ts`, in ms. */
  ts: number;
  /** The number of the commit's batch. It rises with each commit of a dataset and project. */
  sequence: number;
  /** The dataset and the project or organisation of the row, from the object's key. */
  dataset: string;
  subject: string;
  /** When someone deleted its object; undefined if nobody did. */
  deletedAt: number | undefined;
}

/** Holds every row that runs wrote, by table. A row that was deleted and is there again counts once. */
export class Lake {
  readonly #rows = new Map<string, CommittedRow[]>();
  /** The deleted rows that are there again. */
  readonly replaced: CommittedRow[] = [];

  rows(table: string): readonly CommittedRow[] {
    return this.#rows.get(table) ?? [];
  }

  /** Returns the gaps of a dataset, by target. */
  gapsOf(dataset: string): ReadonlyMap<string, readonly CommittedRow[]> {
    const gaps = this.rows('collection_gaps').filter((row) => row.dataset === dataset);
    return Map.groupBy(gaps, ({ values }) => String(values['target']));
  }

  add(table: string, row: CommittedRow): void {
    const rows = this.#rows.get(table) ?? [];
    rows.push(row);
    this.#rows.set(table, rows);
  }
}

/** Checks that later rows of one alert, configuration, resource or amount have higher revisions. */
export function checkRevisions(rows: readonly CommittedRow[]): string[] {
  const ordered = [...rows].sort((a, b) => a.sequence - b.sequence || revisionOf(a) - revisionOf(b));
  return ordered
    .filter((row, index) => !(revisionOf(row) > revisionOf(ordered[index - 1])))
    .map(({ values }) => `a revision that does not rise: ${JSON.stringify(values)}`);
}

function revisionOf(row: CommittedRow | undefined): number {
  return row === undefined ? 0 : Number(row.values['revision']);
}

const KEY = /^([a-z_]+)\/dt=(\d{4}-\d\d-\d\d)\/([0-9a-f]{24})-([a-z_]+)-(\d{10})-\d+\.json\.(?:gz|zst)$/;

const RECORD = /^_commits\/[a-z_]+\/[0-9a-f]{24}\/\d{10}\.commit\.gz$/;

/**
 * Reads the lake as users do, and checks each object: it is empty or has the committed bytes, and it follows the layout.
 * Each line is a row of its table and partition, and no two rows share a natural key.
 */
export function readLake(
  objects: ReadonlyMap<string, Buffer>,
  observer: CommitObserver,
  tables: readonly Table[],
): { lake: Lake; violations: string[] } {
  const violations: string[] = [];
  const lake = new Lake();
  const { committed, orphans } = observer;
  const seen = new Set<string>();
  const byName = new Map(tables.map((table) => [table.name, table]));
  for (const [key, body] of committed) {
    if (observer.deleted.has(key)) {
      if (objects.has(key)) violations.push(`${key} was deleted, and is there again`);
    } else if (body === undefined) violations.push(`${key} was committed before it was written`);
    else if (!objects.get(key)?.equals(body)) violations.push(`${key} was changed after its commit`);
  }
  for (const [key, body] of objects) {
    // `oracle/replacements.ts` checks the notes about replaced objects.
    if (RECORD.test(key) || key.startsWith('_replaced/')) continue;
    if (orphans.has(key)) continue;
    const lines = textOfObject(key, body).split('\n').slice(0, -1);
    if (lines.length > 0 && !committed.has(key)) violations.push(`${key} has rows that no run committed`);
    const [, name = '', day, subject = '', dataset = '', sequence = ''] = KEY.exec(key) ?? [];
    const table = byName.get(name);
    if (!table) {
      violations.push(`${key} is not a key of the lake`);
      continue;
    }
    for (const line of lines) {
      const values = parsed(line);
      const ts = instantOf(values['ts']);
      if (Object.keys(values).join() !== table.columns.map((column) => column.name).join()) {
        violations.push(`${key} has a row with other columns than its table: ${line}`);
      }
      if (!String(values['ts']).startsWith(`${day} `))
        violations.push(`${key} has a row of another day: ${line}`);
      if (values['project_id'] !== subject && values['org_id'] !== subject)
        violations.push(`${key} has a row of another project: ${line}`);
      const identity = `${name} ${rowIdentity(table, values)}`;
      if (seen.has(identity)) violations.push(`twice in the lake: ${identity}`);
      seen.add(identity);
      lake.add(name, { values, ts, sequence: Number(sequence), dataset, subject, deletedAt: undefined });
    }
  }
  addDeleted(lake, observer, { byName, seen });
  return { lake, violations };
}

/** Adds the rows of deleted objects. */
function addDeleted(
  lake: Lake,
  { deleted }: CommitObserver,
  { byName, seen }: { byName: ReadonlyMap<string, Table>; seen: ReadonlySet<string> },
): void {
  for (const [key, { body, at: deletedAt }] of deleted) {
    const [, name = '', , subject = '', dataset = '', sequence = ''] = KEY.exec(key) ?? [];
    const table = byName.get(name);
    if (!table) continue;
    for (const line of textOfObject(key, body).split('\n').slice(0, -1)) {
      const values = parsed(line);
      const ts = instantOf(values['ts']);
      const row = { values, ts, sequence: Number(sequence), dataset, subject, deletedAt };
      if (seen.has(`${name} ${rowIdentity(table, values)}`)) lake.replaced.push(row);
      else lake.add(name, row);
    }
  }
}

function parsed(line: string): Record<string, unknown> {
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null) throw new TypeError(`not a row: ${line}`);
  return { ...value };
}

/** Returns the end of a gap, in ms. */
export function endOf({ values }: CommittedRow): number {
  return instantOf(values['gap_end']);
}

export function dayOf(key: string): string {
  return KEY.exec(key)?.[2] ?? '';
}
