import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { grafanaDashboard, panels } from '../../../bi/grafana-dashboard.ts';
import { quickSightTemplate } from '../../../bi/quicksight.ts';
import { views } from '../../../sql/views.ts';
import { createSampleLake } from '../../support/sample-lake.ts';
import { loadTrinoGrammar, type TrinoCheck } from '../../support/trino-grammar.ts';
import type { WrittenLake } from '../../support/written-lake.ts';
import { outsideCommonSubset } from '../sql/common-subset.ts';

let lake: WrittenLake;
let errorsOf: TrinoCheck;
beforeAll(async () => {
  lake = await createSampleLake();
  errorsOf = await loadTrinoGrammar();
});
afterAll(() => lake?.remove());

describe.each(panels.map((panel) => [panel.title, panel] as const))('the panel %s', (_, { sql, type }) => {
  const filled = sql
    .replaceAll(/\$\{__from:[^}]*\}/g, '2026-03-02')
    .replaceAll(/\$\{__to:[^}]*\}/g, '2026-03-17');

  test('uses only SQL that both engines share and returns rows', async () => {
    expect(errorsOf(`${filled};`)).toEqual([]);
    expect(outsideCommonSubset(filled)).toEqual([]);
    const rows = await lake.ask(filled);
    expect(rows.length).toBeGreaterThan(0);
    if (type === 'timeseries') expect(Object.keys(rows[0] ?? {})[0]).toBe('time');
  });
});

test('panels do not overlap', () => {
  const { panels: all } = z
    .object({
      panels: z.array(z.object({ gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }) })),
    })
    .parse(grafanaDashboard());
  const cells = all.flatMap(({ gridPos: { x, y, w, h } }) => {
    expect(x + w).toBeLessThanOrEqual(24);
    return Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)}/${y + Math.floor(cell / w)}`);
  });
  expect(new Set(cells).size).toBe(cells.length);
});

test("QuickSight's data sets have the columns of their views", () => {
  const { Resources } = z
    .object({
      Resources: z.record(
        z.string(),
        z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()) }),
      ),
    })
    .parse(quickSightTemplate());
  const sets = Object.values(Resources).filter(({ Type }) => Type === 'AWS::QuickSight::DataSet');
  expect(sets).toHaveLength(7);
  for (const { Properties } of sets) {
    const columns = views.find(({ name }) => name === Properties['Name'])?.columns.map(({ name }) => name);
    const { view } = z
      .object({
        view: z.object({
          RelationalTable: z.object({ InputColumns: z.array(z.object({ Name: z.string() })) }),
        }),
      })
      .parse(Properties['PhysicalTableMap']);
    expect(view.RelationalTable.InputColumns.map(({ Name }) => Name)).toEqual(columns);
  }
});
