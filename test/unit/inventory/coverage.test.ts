import { expect, test } from 'vitest';
import { datasets } from '../../../functions/datasets.ts';
import { CATALOGUE } from '../../../functions/inventory/catalogue/catalogue.ts';
import { coverageDocument } from '../../../functions/inventory/coverage/document.ts';
import { ENDPOINTS } from '../../../functions/inventory/coverage/endpoints.ts';
import { RESOURCE_LISTS } from '../../../simulator/resources/resources.ts';

const text = coverageDocument();

test('the coverage table has no empty cell and a line for every endpoint of the reference', () => {
  const rows = text.split('\n').filter((line) => line.startsWith('| `'));
  for (const row of rows)
    expect(
      row
        .split('|')
        .slice(1, -1)
        .every((cell) => cell.trim() !== ''),
    ).toBe(true);
  expect(ENDPOINTS).toHaveLength(39);
  for (const { endpoint } of ENDPOINTS)
    expect(rows.filter((row) => row.startsWith(`| \`${endpoint}\` |`))).toHaveLength(1);
});

test('the coverage table names only existing datasets and types', () => {
  const endpoints = ENDPOINTS.map(({ endpoint }) => endpoint);
  expect(new Set(endpoints).size).toBe(endpoints.length);
  for (const { covers } of CATALOGUE) for (const covered of covers) expect(endpoints).toContain(covered);
  for (const { collectedBy } of ENDPOINTS) {
    for (const name of collectedBy?.dataset.split(', ') ?? [])
      expect(datasets.map((dataset) => dataset.name)).toContain(name);
  }
});

test('the catalogue is well formed, and the simulator has each of its lists', () => {
  const names = CATALOGUE.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  // These have routes of their own.
  const others = ['project', 'cluster', 'process', 'disk'];
  expect([...RESOURCE_LISTS.map(({ kind }) => kind), ...others].sort()).toEqual([...names].sort());
  for (const { path, scope, parents, version, name } of CATALOGUE) {
    expect(version).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect(path).toContain(scope === 'project' ? '{groupId}' : '{orgId}');
    if (parents?.kind === 'resources') expect([name, names.includes(parents.type)]).toEqual([name, true]);
  }
});
