import { isNumbered, type Table } from '../../shared/lake/table.ts';
import { lakeTables } from '../tables.ts';
import { dayColumn, type View } from '../view.ts';

export const duplicateRows: View = {
  name: 'duplicate_rows',
  description:
    'Rows that share the natural key of their table, by day. It must be empty: every row is written exactly once. In Athena, only days of the landing tables.',
  columns: [
    dayColumn,
    { name: 'table_name', type: 'string', description: 'The table.' },
    { name: 'keys', type: 'bigint', description: 'Number of natural keys with more than one row.' },
    { name: 'extra_rows', type: 'bigint', description: 'Number of rows beyond the first of each key.' },
  ],
  reads: 'that day',
  query: ({ landing }) =>
    lakeTables.map((table) => duplicatesOf(table, landing(table.name))).join('\nUNION ALL\n'),
};

function duplicatesOf(table: Table, rows: string): string {
  const { name, naturalKey } = table;
  // Rows of versions without a revision number have no identity.
  const numbered = isNumbered(table) ? '\n  WHERE revision IS NOT NULL' : '';
  return `
SELECT dt, '${name}' AS table_name, count(*) AS keys, sum(copies - 1) AS extra_rows
FROM (
  SELECT dt, count(*) AS copies
  FROM ${rows}${numbered}
  GROUP BY dt, ${naturalKey.join(', ')}
  HAVING count(*) > 1
)
GROUP BY dt`.slice(1);
}
