import type { Mutant } from './mutant.ts';

const TABLE_SQL = 'cli/duckdb/table-sql.ts';
const APPENDED = 'test/integration/sql/appended-columns.slow.test.ts';
const LOCAL = 'test/faults/compaction.slow.test.ts';

/** Planted bugs in the compaction and in reading its files. No history runs this code. */
export const COMPACTION_MUTANTS: readonly Mutant[] = [
  {
    name: 'columns of Parquet are matched by position',
    test: APPENDED,
    changes: [{ file: TABLE_SQL, text: ' UNION ALL BY NAME ', replacement: ' UNION ALL ' }],
  },
  {
    name: 'a column of Parquet has the type of its files',
    test: APPENDED,
    changes: [
      {
        file: TABLE_SQL,
        text: 'typedColumns(table, ({ name }) => name)',
        replacement: 'columnNames(table)',
      },
    ],
  },
  {
    name: 'a day is not compacted again when a column is appended',
    test: APPENDED,
    changes: [
      {
        file: 'cli/compaction/day-files.ts',
        text: 'table.columns.map(',
        replacement: 'table.columns.slice(0, 0).map(',
      },
    ],
  },
  {
    name: 'one unreadable Parquet file fails queries on every table',
    test: LOCAL,
    changes: [
      {
        file: 'cli/duckdb/lake-database.ts',
        text: 'if (!(error instanceof UsageFailure)) throw error;',
        replacement: 'throw error;',
      },
    ],
  },
  {
    name: 'a filter hides that a table cannot be read',
    test: LOCAL,
    changes: [
      {
        file: TABLE_SQL,
        text: 'typedColumns(table, () => failure)',
        replacement: "typedColumns(table, () => 'NULL')",
      },
    ],
  },
  {
    name: 'a day whose Parquet is missing is not compacted again',
    test: LOCAL,
    changes: [
      {
        file: 'cli/compaction/compact-lake.ts',
        text: 'if (await statOf(parquetFile(bucket, table.name, day, built.version))) continue;',
        replacement: 'continue;',
      },
    ],
  },
];
