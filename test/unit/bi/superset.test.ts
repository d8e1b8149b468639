import { expect, test } from 'vitest';
import * as z from 'zod';
import { charts } from '../../../bi/charts.ts';
import { supersetBundle } from '../../../bi/superset-bundle.ts';
import { chartParameters, columnLabel } from '../../../bi/superset-chart.ts';

const files = supersetBundle();
const under = (folder: string) => files.filter(({ file }) => file.startsWith(`${folder}/`));
const idOf = ({ content }: { content: unknown }) => z.object({ uuid: z.uuid() }).parse(content).uuid;
const ids = (folder: string) => under(folder).map(idOf);

test('every chart names a dataset of the bundle, and every dataset its database', () => {
  const reference = z.object({ dataset_uuid: z.enum(ids('datasets')) });
  for (const { content } of under('charts')) reference.parse(content);
  const databases = z.object({ database_uuid: z.enum(ids('databases')) });
  for (const { content } of under('datasets')) databases.parse(content);
  expect(under('charts')).toHaveLength(charts.length);
});

test('the ids are distinct, and stay the same in later versions', () => {
  const all = files.filter(({ content }) => 'uuid' in content).map(idOf);
  expect(new Set(all).size).toBe(all.length);
  expect(ids('dashboards')).toEqual(['30fcfd7e-aafa-531c-91fb-602f2a037d11']);
});

test('the dashboard shows every chart once, in rows of at most twelve columns', () => {
  const element = z.object({
    type: z.string(),
    children: z.array(z.string()).default([]),
    meta: z.object({ uuid: z.uuid(), width: z.int(), chartId: z.int() }).partial().optional(),
  });
  const { position } = z
    .object({ position: z.record(z.string(), z.union([z.string(), element])) })
    .parse(under('dashboards')[0]?.content);
  const elements = Object.values(position).filter((one) => typeof one !== 'string');
  const shown = elements.filter(({ type }) => type === 'CHART').map(({ meta }) => meta?.uuid);
  expect(shown.sort()).toEqual(ids('charts').sort());
  for (const { children } of elements.filter(({ type }) => type === 'ROW')) {
    const widths = children.map((id) => element.parse(position[id]).meta?.width ?? 0);
    expect(widths.reduce((sum, width) => sum + width, 0)).toBeLessThanOrEqual(12);
  }
});

test('a chart with a column that its source does not have is refused', () => {
  const [chart] = charts;
  if (!chart) throw new Error('no chart');
  const misspelt = {
    ...chart,
    shows: { kind: 'rows', columns: ['clustre_name'], order: 'dt', limit: 1 },
  } as const;
  expect(() => chartParameters(misspelt)).toThrow('disk_forecast has no column clustre_name');
});

test.each([
  [{ name: 'used_percent', unit: 'percent' }, 'Used (%)'],
  [{ name: 'growth_bytes_per_day', unit: 'bytes per day' }, 'Growth per day'],
  [{ name: 'seconds_to_resolve', unit: 'seconds' }, 'Seconds to resolve'],
  [{ name: 'lag', unit: 'seconds' }, 'Lag (seconds)'],
  [{ name: 'amount', unit: 'US dollars' }, 'Amount'],
  [{ name: 'process_id' }, 'Process ID'],
])('the label of %o is %s', (column, expected) => {
  expect(columnLabel(column)).toBe(expected);
});
