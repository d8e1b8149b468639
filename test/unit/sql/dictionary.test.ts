import { expect, test } from 'vitest';
import { NAMESPACE_METRICS } from '../../../simulator/ranked-namespaces/metrics.ts';
import { DATABASE_MEASUREMENTS, DISK_MEASUREMENTS } from '../../../simulator/series/measurements.ts';
import { SEARCH_MEASUREMENTS } from '../../../simulator/series/search-measurements.ts';
import { dataDictionary } from '../../../sql/dictionary/document.ts';
import { exampleOf } from '../../../sql/dictionary/examples.ts';
import { lakeTables } from '../../../sql/tables.ts';
import { views } from '../../../sql/views.ts';

test('the dictionary has every table, view and column, with an example', () => {
  const sections = dataDictionary().split('\n### ');
  for (const { name, columns } of [...lakeTables, ...views]) {
    const section = sections.find((text) => text.startsWith(`${name}\n`)) ?? '';
    for (const column of columns) {
      const line = section.split('\n').find((text) => text.startsWith(`| \`${column.name}\` |`));
      expect(line, `${name}.${column.name}`).toMatch(/\| `[^`]+` \|$/);
    }
  }
});

test.each([
  ['database_measurements', DATABASE_MEASUREMENTS],
  ['disk_measurements', DISK_MEASUREMENTS],
  ['search_measurements', SEARCH_MEASUREMENTS],
  ['namespace_measurements', NAMESPACE_METRICS],
])('declares every measurement of %s with its unit', (name, known) => {
  const declared = lakeTables.find((table) => table.name === name)?.measurements ?? [];
  const named = (list: ReadonlyArray<{ name: string; unit: string }>) =>
    list.map((one) => `${one.name} ${one.unit}`).sort();
  expect(named(declared)).toEqual(named(known.map((one) => ({ name: one.name, unit: one.units }))));
});

test('a string column without an example throws', () => {
  const column = { name: 'unheard_of', type: 'string', description: 'Something.' } as const;
  expect(() => exampleOf(column, 'a_table')).toThrow('a_table.unheard_of has no example');
  expect(exampleOf({ ...column, example: 'x' }, 'a_table')).toBe('x');
});
