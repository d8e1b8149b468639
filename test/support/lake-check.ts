import { datasets } from '../../functions/datasets.ts';
import { lakeTables } from '../../shared/engine/tables.ts';
import { type Column, rowIdentity, type Table } from '../../shared/lake/table.ts';
import { type LakeRow, lakeObjects } from './lake-files.ts';

const TABLES = lakeTables(datasets);

/** `<table>/dt=YYYY-MM-DD/<projectId>-<dataset>-<sequence>-<part>.json.gz` or `.zst` */
const KEY = /^(\w+)\/dt=(\d{4}-\d{2}-\d{2})\/[0-9a-f]{24}-(\w+)-\d{10}-\d+\.json\.(?:gz|zst)$/;

const TIMESTAMP = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{3}$/;

/** Returns rows and keys that violate the tables' declarations, and duplicate rows. Empty if the lake is valid. */
export async function lakeViolations(bucket: string): Promise<string[]> {
  const faults: string[] = [];
  const seen = new Map<string, Set<string>>();
  for (const { key, rows } of await lakeObjects(bucket)) {
    const [, name, day] = KEY.exec(key) ?? [];
    const table = TABLES.find((candidate) => candidate.name === name);
    if (!table || !day) {
      faults.push(`${key} is not a key of a table`);
      continue;
    }
    const identities = seen.get(table.name) ?? new Set();
    seen.set(table.name, identities);
    for (const row of rows) {
      const fault = rowFault(table, day, row);
      if (fault !== undefined) faults.push(`${key}: ${fault}`);
      const identity = rowIdentity(table, row) ?? `without a number: ${JSON.stringify(row)}`;
      if (identities.has(identity)) faults.push(`${key}: twice ${identity}`);
      identities.add(identity);
    }
  }
  return faults.slice(0, 5);
}

function rowFault(table: Table, day: string, row: LakeRow): string | undefined {
  const names = table.columns.map(({ name }) => name);
  if (JSON.stringify(Object.keys(row)) !== JSON.stringify(names)) return `columns ${Object.keys(row)}`;
  const wrong = table.columns.find((column) => !fits(column, row[column.name]));
  if (wrong) return `${wrong.name} is ${JSON.stringify(row[wrong.name])}`;
  return String(row['ts']).startsWith(day) ? undefined : `ts is ${row['ts']}`;
}

function fits({ type, nullable }: Column, value: unknown): boolean {
  if (value === null) return nullable === true;
  switch (type) {
    case 'string':
      // Readers refuse a file with half a surrogate pair.
      return typeof value === 'string' && value.isWellFormed();
    case 'timestamp':
      return typeof value === 'string' && TIMESTAMP.test(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'double':
      return typeof value === 'number';
    case 'int':
      return Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31;
    case 'bigint':
      return Number.isSafeInteger(value);
  }
}
