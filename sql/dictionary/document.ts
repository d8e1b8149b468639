import type { Column, Table } from '../../shared/lake/table.ts';
import { lakeTables } from '../tables.ts';
import { dayColumn, type View } from '../view.ts';
import { views } from '../views.ts';
import { exampleOf } from './examples.ts';

const PARTITIONS: Readonly<Record<Table['partitionedBy'], string>> = {
  day: 'one for each `dt`',
  month: 'one for each month of `dt`',
};

/** Returns the data dictionary as Markdown, generated from the declarations alone. */
export function dataDictionary(): string {
  return [
    '# Data dictionary',
    'Every table and view of the lake. `npm run generate` generates this file from the declarations. Change the declarations, not this file.',
    'All times are UTC. The type shows whether a column may be null. `dt` is the partition: filter on it to keep queries fast and cheap.',
    contents(),
    '## Tables',
    'In Athena, `<table>` is an Iceberg table with all days. `<table>_landing` shows the same rows as soon as they are written, for the last days only (`catalog.landingDays`).',
    ...lakeTables.flatMap(tableSection),
    '## Views',
    "The views are the same in Athena and in `atlas-lake query`. Each view says which days a query for one `dt` reads. A query for several days reads those of each of them. A span of recent days ends with the current day in Athena, and with the lake's newest day in `atlas-lake query`.",
    ...views.flatMap(viewSection),
    '',
  ]
    .join('\n\n')
    .trimEnd()
    .concat('\n');
}

function contents(): string {
  const links = (items: ReadonlyArray<{ name: string }>) =>
    items.map(({ name }) => `[${name}](#${name})`).join(', ');
  return `Tables: ${links(lakeTables)}.\n\nViews: ${links(views)}.`;
}

function tableSection(table: Table): string[] {
  const { name, description, columns, naturalKey, partitionedBy, measurements = [] } = table;
  return [
    `### ${name}`,
    description,
    `Natural key: ${naturalKey.map(code).join(', ')}. Iceberg partitions: ${PARTITIONS[partitionedBy]}.`,
    columnTable([...columns, dayColumn], name),
    ...(measurements.length === 0
      ? []
      : [
          `Measurements of \`${name}\`:`,
          markdownTable(
            ['measurement', 'unit', 'meaning'],
            measurements.map((one) => [code(one.name), one.unit, one.description]),
          ),
        ]),
  ];
}

function viewSection({ name, description, reads, columns }: View): string[] {
  return [`### ${name}`, description, `A query for one \`dt\` reads ${reads}.`, columnTable(columns, name)];
}

function columnTable(columns: readonly Column[], where: string): string {
  return markdownTable(
    ['column', 'type', 'unit', 'meaning', 'example'],
    columns.map((column) => [
      code(column.name),
      column.nullable ? `${column.type}, may be null` : column.type,
      column.unit ?? '',
      column.description,
      code(exampleOf(column, where)),
    ]),
  );
}

function markdownTable(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}
