import { expect, test } from 'vitest';
import { clusters } from '../../../../cli/report/clusters.ts';
import type { Part, Row, Section } from '../../../../cli/report/section.ts';

const A = { project_id: '5f2a', cluster_name: 'orders' };
const B = { project_id: '5f2b', cluster_name: 'orders' };
const NAMES = new Map([['5f2b', 'a-shop']]);

function part(id: string, rows: readonly Row[], more: Partial<Part> = {}): Part {
  const columns = ['project_id', 'cluster_name', 'used_percent'].map(
    (name) => ({ name, heading: name, unit: 'text' }) as const,
  );
  const ofCluster = { sql: ({ where }: { where: string }) => `SELECT *${where}` };
  return { id, title: id, sql: 'SELECT *', columns, rows, empty: 'None.', ofCluster, ...more };
}

const section = (...parts: Part[]): Section => ({ id: 's', title: 'S', intro: '', parts });

test('each cluster of any row has a page with its rows only, by the names of projects and clusters', async () => {
  const rows = [
    { ...A, used_percent: 1 },
    { ...B, used_percent: 2 },
    { ...B, used_percent: 3 },
    { project_id: '5f2a', cluster_name: null, used_percent: 4 },
  ];
  const { ofCluster: _, ...common } = part('common', rows);
  const { list, pages } = await clusters(
    async () => [],
    [section(part('fullest-disks', rows), common)],
    NAMES,
  );
  expect(pages.map(({ id, title, intro }) => [id, title, intro])).toEqual([
    ['cluster-1', 'Cluster orders', 'Project 5f2a. Not in the inventory.'],
    ['cluster-2', 'Cluster orders', 'Project a-shop. Not in the inventory.'],
  ]);
  expect(pages.map(({ parts }) => parts.map(({ id, rows: own }) => [id, own.length]))).toEqual([
    [['cluster-1-fullest-disks', 1]],
    [['cluster-2-fullest-disks', 2]],
  ]);
  expect(pages[1]?.parts[0]).toMatchObject({
    sql: "SELECT *\nWHERE project_id = '5f2b' AND cluster_name = 'orders'",
    columns: [{ name: 'used_percent' }],
  });
  expect(list.parts[0]?.rows.map((row) => row['used_percent'])).toEqual([1, 3]);
});

test('a cluster of the inventory is listed, and has a page only if anything else was collected', async () => {
  const facts = { ...A, size: 'M30', topology: 'REPLICASET', version: '8.0.29' };
  const empty = await clusters(async () => [facts], [section(part('gaps', []))], NAMES);
  expect(empty.pages).toEqual([]);
  const [listed] = empty.list.parts;
  expect(listed?.rows).toMatchObject([{ cluster_name: 'orders', size: 'M30', gaps: 0, used_percent: null }]);
  expect(listed?.rows.map((row) => listed.columns[0]?.link?.(row))).toEqual([null]);
  const filled = await clusters(async () => [facts], [section(part('gaps', [A]))], NAMES);
  expect(filled.pages.map(({ intro }) => intro)).toEqual(['Project 5f2a. M30, REPLICASET, MongoDB 8.0.29.']);
  const [linked] = filled.list.parts;
  expect(linked?.rows.map((row) => linked.columns[0]?.link?.(row))).toEqual(['cluster-1']);
});

test('names of clusters are quoted in queries', async () => {
  const rows = [{ project_id: '5f2a', cluster_name: "o'rders" }];
  const { pages } = await clusters(async () => [], [section(part('gaps', rows))], NAMES);
  expect(pages[0]?.parts[0]?.sql).toContain("cluster_name = 'o''rders'");
});

test('of very many clusters, the first fifty have pages, and all are listed', async () => {
  const rows = Array.from({ length: 250 }, (_, index) => ({ project_id: '5f2a', cluster_name: `c${index}` }));
  const { list, pages } = await clusters(async () => [], [section(part('gaps', rows))], NAMES);
  expect([pages.length, list.parts[0]?.rows.length]).toEqual([50, 250]);
  expect(list.intro).toContain('at most 50');
});
