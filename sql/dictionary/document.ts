import type { Column, Table } from '../../shared/lake/table.ts';
import { lakeTables } from '../tables.ts';
import { dayColumn, type View } from '../view.ts';
import { views } from '../views.ts';
import { exampleOf } from './examples.ts';

/** The data dictionary, Markdown, from nothing but the declarations. */
export function dataDictionary(): string {
  return [
    '# Data dictionary',
    'Every table and view of the lake. Generated from the declarations by `npm run generate`: change those, not this file.',
    'All times are UTC. A column that may be null says so; `dt` is the partition, and a filter on it is what keeps a query fast and cheap.',
    contents(),
    '## Tables',
    ...lakeTables.flatMap(tableSection),
    '## Views',
    'The same in Athena and in `atlas-lake query`. Spans that end today end there with the current day, here with the newest day of the lake.',
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
  const { name, description, columns, naturalKey, measurements = [] } = table;
  return [
    `### ${name}`,
    description,
    `Natural key: ${naturalKey.map(code).join(', ')}.`,
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

function viewSection({ name, description, columns }: View): string[] {
  return [`### ${name}`, description, columnTable(columns, name)];
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
