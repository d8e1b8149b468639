import { describe, expect, test } from 'vitest';
import type { Column, Row } from '../../../../cli/report/section.ts';
import { tableHtml } from '../../../../cli/report/table.ts';

const COLUMN: Column = { name: 'a', heading: 'A', unit: 'text' };

function table(rows: readonly Row[], { column = COLUMN, most = 10, sql = 'SELECT a' as string | null } = {}) {
  const part = { id: 'p', title: 'P', sql, columns: [column], rows, empty: 'None.' };
  return tableHtml(part, { names: new Map([['5f2a', 'webshop']]), most, labelledBy: 'p-title' }).html;
}

/** Returns the cells of a table, each with its attributes. */
const cells = (html: string) => html.match(/<td .*?<\/td>/g) ?? [];

describe('a cell', () => {
  test('shows text from Atlas as text, on its own, whatever its direction', () => {
    expect(cells(table([{ a: '<b>&"' }]))).toEqual([
      '<td role="cell" class="short" data-label="A"><bdi>&#60;b&#62;&#38;&#34;</bdi></td>',
    ]);
  });

  test('shows the name of a subject, with its id, and the id of a subject without a name', () => {
    const column = { ...COLUMN, unit: 'subject' } as const;
    const [named, unnamed, none] = cells(table([{ a: '5f2a' }, { a: '5f2b' }, { a: null }], { column }));
    expect(named).toContain('title="5f2a"><bdi>webshop</bdi>');
    expect(unnamed).toContain('title="5f2b"><bdi>5f2b</bdi>');
    expect(none).toContain('title="none"><bdi>–</bdi>');
  });

  test('shows a forecast without its digits', () => {
    const [cell] = cells(table([{ a: 20.123 }], { column: { ...COLUMN, unit: 'forecast' } }));
    expect(cell).toBe('<td role="cell" class="short" data-label="A"><bdi>about 3 weeks</bdi></td>');
  });

  test('links only where there is a target', () => {
    const link = ({ to }: Row) => (typeof to === 'string' ? to : null);
    const rows = [
      { a: 'x', to: 'there' },
      { a: 'y', to: null },
    ];
    const [linked, plain] = cells(table(rows, { column: { ...COLUMN, link } }));
    expect(linked).toContain('<a href="#there">x</a>');
    expect(plain).not.toContain('<a');
  });

  test('may break after underscores, dots and slashes, but not within an address', () => {
    expect(table([{ a: '203.0.113.10' }])).toContain('<bdi>203.0.113.10</bdi>');
    expect(table([{ a: 'SHARD_SECONDARY of a.b/c.' }])).toContain(
      'SHARD_<wbr>SECONDARY of a.<wbr>b/<wbr>c.<',
    );
  });
});

test.each([
  ['short', 14],
  ['text', 15],
  ['text', 60],
  ['wide', 61],
])('a column is %s if its longest text has %d characters', (kind, length) => {
  const html = table([{ a: 'x' }, { a: 'x'.repeat(length) }]);
  expect(html).toContain(`<th role="columnheader" scope="col" class="${kind}">`);
});

test('a table says how many rows it leaves out on the screen and on paper', () => {
  const rows = Array.from({ length: 1000 }, (_, index) => ({ a: index }));
  const html = table(rows, { most: 50 });
  expect(cells(html)).toHaveLength(50);
  expect(html).toContain('>Showing the first 50 of 1,000 rows. Run the query to get all.<');
  expect(html).toContain('>Printed: the first 40 of 1,000 rows.<');
  expect(table(rows, { most: 50, sql: null })).toContain('>Showing the first 50 of 1,000 rows.<');
  expect(table(rows.slice(0, 40), { most: 50 })).not.toContain('rows.');
});
