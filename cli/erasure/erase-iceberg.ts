import { SECOND } from '../../shared/durations.ts';
import { isPersonal } from '../../shared/lake/erasure.ts';
import type { Table } from '../../shared/lake/table.ts';
import { countPerson, erasePerson, restoreProperties } from '../../shared/publication/erasure-statements.ts';
import { text } from '../../shared/publication/statements.ts';

/** The rows of a person in an Iceberg table. */
export interface IcebergErasure {
  table: string;
  removed: number;
  changed: number;
}

export interface IcebergTables {
  tables: readonly Table[];
  database: string;
  bucket: string;
  /** Runs a statement in Athena and returns its rows. */
  run(statement: string): Promise<Array<Array<string | null>>>;
  /** Waits, ms. */
  wait(milliseconds: number): Promise<unknown>;
}

/** VACUUM keeps snapshots of the last second. */
const SNAPSHOT_AGE = 2 * SECOND;

/**
 * Erases a person from the Iceberg tables: rows about them, their name in other rows, and the old snapshots. The caller
 * has the publication's lock and has erased the landing files, so that no publication brings the person back. It is safe
 * to stop and repeat.
 */
export async function eraseFromIceberg(
  { tables, database, bucket, run, wait }: IcebergTables,
  user: string,
  apply: boolean,
): Promise<IcebergErasure[]> {
  const existing = new Set(
    (
      await run(`SELECT table_name FROM information_schema.tables WHERE table_schema = ${text(database)}`)
    ).map(([name]) => name),
  );
  const results: IcebergErasure[] = [];
  for (const table of tables.filter(isPersonal)) {
    // The first publication creates a table.
    if (!existing.has(table.name)) continue;
    const [[removed, changed] = []] = await run(countPerson(table, user, { database }));
    results.push({ table: table.name, removed: Number(removed ?? 0), changed: Number(changed ?? 0) });
    if (!apply) continue;
    // Also for a table without such rows: an erasure that was stopped may have left its old snapshots.
    const names = { database, bucket, slices: '' };
    try {
      for (const statement of erasePerson(table, user, names)) {
        if (statement.startsWith('VACUUM')) await wait(SNAPSHOT_AGE);
        await run(statement);
      }
    } finally {
      for (const statement of restoreProperties(table, names)) await run(statement);
    }
  }
  return results;
}
