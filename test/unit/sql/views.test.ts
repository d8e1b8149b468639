import { beforeAll, describe, expect, test } from 'vitest';
import { athena } from '../../../sql/athena.ts';
import { duckdb } from '../../../sql/duckdb.ts';
import { lakeTables } from '../../../sql/tables.ts';
import { viewSql } from '../../../sql/view.ts';
import { views } from '../../../sql/views.ts';
import { loadTrinoGrammar, type TrinoCheck } from '../../support/trino-grammar.ts';
import { outsideCommonSubset } from './common-subset.ts';

/** The two engines calculate with days in different functions. */
const COMMON = { ...athena, today: duckdb('2026-03-15').today };

let errorsOf: TrinoCheck;
beforeAll(async () => {
  errorsOf = await loadTrinoGrammar();
});

describe.each(views.map((view) => [view.name, view] as const))('the view %s', (_, view) => {
  test("conforms to Trino's grammar", () => {
    expect(errorsOf(`${viewSql(view, athena)};`)).toEqual([]);
  });

  test('uses only the common subset of both engines', () => {
    expect(outsideCommonSubset(viewSql(view, COMMON))).toEqual([]);
  });

  test('has the day as its first column and describes all columns', () => {
    expect(view.columns[0]?.name).toBe('dt');
    expect(new Set(view.columns.map(({ name }) => name)).size).toBe(view.columns.length);
    for (const { description } of [view, ...view.columns]) expect(description).toMatch(/^.{8,}[.…]$/s);
  });
});

test('views and tables have distinct names', () => {
  const names = [...lakeTables, ...views].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test.each([
  ['SELECT date_diff(a, b) FROM t', ['date_diff']],
  ['SELECT regexp_extract(a) FROM t', ['regexp_extract']],
  ['SELECT b FROM t CROSS JOIN UNNEST(a) AS u (b)', []],
  ['SELECT a / b FROM t', ['/ b from t']],
  ['SELECT a / 2.0, a / 2e0, a / CAST(b AS double), a / CAST(b AS bigint)', ['/ 2.0, a']],
  ['SELECT * FROM t WHERE day > current_date', ['current_date']],
  ["SELECT 'date_diff(a / b, now)', max(a) FROM (SELECT 1 AS a)", []],
])('the check of the common subset finds what differs in: %s', (sql, wrong) => {
  const found = outsideCommonSubset(sql);
  for (const part of wrong) expect(found.some((one) => one.startsWith(part))).toBe(true);
  expect(found.length > 0).toBe(wrong.length > 0);
});

test("the grammar refuses SQL that is not Trino's", () => {
  expect(errorsOf('SELECT * EXCLUDE (a) FROM t;')).not.toEqual([]);
  expect(errorsOf('SELECT FROM WHERE;')).not.toEqual([]);
});
