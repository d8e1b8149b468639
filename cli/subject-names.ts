import { printable } from '../shared/atlas/untrusted-text.ts';
import type { PlainValue } from './duckdb/plain-value.ts';

/** The names of projects and organisations by their ids. Most commands work without them. */
export type SubjectNames = ReadonlyMap<string, string>;

export const SUBJECT_NAMES = 'SELECT subject_id, name FROM subject_names ORDER BY subject_id';

/** A configuration can store names as hashes, which say less than ids. */
const HASHED = /^[0-9a-f]{64}$/;

/** How many digits of an id distinguish two projects with the same name. */
const DIGITS = 6;

/** Returns the names in the rows of `SUBJECT_NAMES`, without characters that control a terminal, each of one subject only. */
export function subjectNames(rows: ReadonlyArray<Readonly<Record<string, PlainValue>>>): SubjectNames {
  const named = rows.flatMap(({ subject_id: id, name }): Array<[string, string]> => {
    if (typeof id !== 'string' || typeof name !== 'string' || HASHED.test(name)) return [];
    const shown = printable(name).trim();
    return shown === '' ? [] : [[id, shown]];
  });
  const holders = Map.groupBy(named, ([, name]) => name);
  return new Map(
    named.map(([id, name]) => [
      id,
      (holders.get(name)?.length ?? 0) > 1 ? `${name} (…${id.slice(-DIGITS)})` : name,
    ]),
  );
}

/** Returns the name of a subject, or its id if it has none. */
export function nameOf(names: SubjectNames, id: string): string {
  return names.get(id) ?? id;
}

/** Returns the name of a subject with its id, for a message whose reader may have to enter the id. */
export function nameAndId(names: SubjectNames, id: string): string {
  const name = names.get(id);
  return name === undefined ? id : `${name} (${id})`;
}
