import { Interrupted } from './interruption.ts';
import { SUBJECT_NAMES, type SubjectNames, subjectNames } from './subject-names.ts';

/**
 * Reads the names of projects and organisations from a lake's folder. Names are only labels: there are none if the lake
 * cannot be queried, or if DuckDB, which is optional, is not installed.
 */
export async function readSubjectNames(lake: string): Promise<SubjectNames> {
  try {
    const { withLakeDatabase } = await import('./duckdb/lake-database.ts');
    const { queryRows } = await import('./duckdb/query.ts');
    return await withLakeDatabase(lake, async (connection) =>
      subjectNames(await queryRows(connection, SUBJECT_NAMES)),
    );
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    return new Map();
  }
}
