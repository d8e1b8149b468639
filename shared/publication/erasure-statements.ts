import { ERASED, namePattern } from '../lake/erasure.ts';
import type { Table } from '../lake/table.ts';
import {
  optimize,
  type PublicationNames,
  quoted,
  setProperty,
  text,
  USUAL_PROPERTIES,
  vacuum,
} from './statements.ts';

/** Returns the query that counts the rows about a person, and the rows that mention them. */
export function countPerson(
  table: Table,
  user: string,
  { database }: Pick<PublicationNames, 'database'>,
): string {
  const about = isAbout(table, user);
  const mentions = isMentioned(table, user);
  return `SELECT count(*) FILTER (WHERE ${about}) AS removed, count(*) FILTER (WHERE NOT ${about} AND ${mentions}) AS changed FROM ${quoted(database)}.${quoted(table.name)}`;
}

/**
 * Returns the statements that erase a person from an Iceberg table. The first two change its current rows. The others
 * rewrite the files that still contain the old rows, and delete the snapshots that show them. `restoreProperties` follows, also
 * after a failure.
 */
export function erasePerson(table: Table, user: string, names: PublicationNames): string[] {
  const where = `${quoted(names.database)}.${quoted(table.name)}`;
  const changed = namedColumns(table, 'mention').map((name) => {
    const column = quoted(name);
    return `${column} = regexp_replace(${column}, ${text(namePattern(user))}, ${text(ERASED)})`;
  });
  return [
    ...(namedColumns(table, 'subject').length > 0
      ? [`DELETE FROM ${where} WHERE ${isAbout(table, user)}`]
      : []),
    ...(changed.length > 0
      ? [`UPDATE ${where} SET ${changed.join(', ')} WHERE ${isMentioned(table, user)}`]
      : []),
    setProperty(table, 'optimize_rewrite_data_file_threshold', '1', names),
    optimize(table, names),
    setProperty(table, 'vacuum_max_snapshot_age_seconds', '1', names),
    vacuum(table, names),
  ];
}

/** Returns the statements that give a table its usual properties again. */
export function restoreProperties(table: Table, names: PublicationNames): string[] {
  const { vacuum_max_snapshot_age_seconds: age, optimize_rewrite_data_file_threshold: files } =
    USUAL_PROPERTIES;
  return [
    setProperty(table, 'vacuum_max_snapshot_age_seconds', age, names),
    setProperty(table, 'optimize_rewrite_data_file_threshold', files, names),
  ];
}

/** Returns a condition that is never null. */
function isAbout(table: Table, user: string): string {
  const conditions = namedColumns(table, 'subject').map(
    (name) => `coalesce(${quoted(name)} = ${text(user)}, false)`,
  );
  return conditions.length === 0 ? 'false' : `(${conditions.join(' OR ')})`;
}

/** Returns a condition that is never null. */
function isMentioned(table: Table, user: string): string {
  const conditions = namedColumns(table, 'mention').map(
    (name) => `coalesce(regexp_like(${quoted(name)}, ${text(namePattern(user))}), false)`,
  );
  return conditions.length === 0 ? 'false' : `(${conditions.join(' OR ')})`;
}

function namedColumns({ columns }: Table, kind: 'subject' | 'mention'): string[] {
  return columns.filter(({ personal }) => personal === kind).map(({ name }) => name);
}
