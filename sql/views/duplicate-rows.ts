import type { Table } from '../../shared/lake/table.ts';
import { lakeTables } from '../tables.ts';
import { dayColumn, type View } from '../view.ts';

export const duplicateRows: View = {
  name: 'duplicate_rows',
  description:
    'Rows that share the natural key of their table, by day: always empty, or the promise is broken.',
  columns: [
    dayColumn,
    { name: 'table_name', type: 'string', description: 'The table.' },
    { name: 'keys', type: 'bigint', description: 'Natural keys with more than one row.' },
    { name: 'extra_rows', type: 'bigint', description: 'Rows beyond the first of each key.' },
  ],
  query: ({ from }) => lakeTables.map((table) => duplicatesOf(table, from(table.name))).join('\nUNION ALL\n'),
};

function duplicatesOf({ name, naturalKey }: Table, rows: string): string {
  return `
SELECT dt, '${name}' AS table_name, count(*) AS keys, sum(copies - 1) AS extra_rows
FROM (
  SELECT dt, count(*) AS copies
  FROM ${rows}
  GROUP BY dt, ${naturalKey.join(', ')}
  HAVING count(*) > 1
)
GROUP BY dt`.slice(1);
}
