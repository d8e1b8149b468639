import type { PlainValue } from '../duckdb/plain-value.ts';
import type { BarSpec, ChartSpec } from './chart-spec.ts';
import type { Unit } from './units.ts';

export type Row = Readonly<Record<string, PlainValue>>;
export type Ask = (sql: string) => Promise<Row[]>;

/** A part of the report: what it says, a chart, and the chart's data as a table. */
export interface Section {
  id: string;
  title: string;
  intro: string;
  parts: Part[];
}

export interface Part {
  id: string;
  title: string;
  /** What the chart shows, for those who do not see it. */
  chart?: { spec: ChartSpec; description: string };
  /** The query that the table answers, for those who want to ask on. */
  sql: string;
  columns: ReadonlyArray<{ name: string; heading: string; unit: Unit }>;
  rows: readonly Row[];
  /** Said instead of a table without rows. */
  empty: string;
}

export function text(row: Row, name: string): string {
  const value = row[name];
  return value === null || value === undefined ? '–' : String(value);
}

/** Null for what is no number. */
export function number(row: Row, name: string): number | null {
  const value = row[name];
  return typeof value === 'number' ? value : null;
}

/** An instant in the lake's form, as milliseconds since the epoch; null for none. */
export function instant(row: Row, name: string): number | null {
  const value = row[name];
  return typeof value === 'string' ? Date.parse(`${value.replace(' ', 'T')}Z`) : null;
}

/** The first part of a host's name says which it is. */
export function shortProcess(row: Row): string {
  const [host = ''] = text(row, 'process_id').split('.');
  return host;
}

/** The values of a column, each once, in the order of the rows. */
export function distinct(rows: readonly Row[], name: string): string[] {
  return [...new Set(rows.map((row) => text(row, name)))];
}

/**
 * Bars that stand upon one another: one place for each value of `category`, one series for each of `name`, null where no
 * row has both.
 */
export function stacked(
  rows: readonly Row[],
  { category, name, value }: { category: string; name: string; value: string },
): Pick<BarSpec, 'categories' | 'series'> {
  const categories = distinct(rows, category);
  const series = distinct(rows, name).map((its) => ({
    name: its,
    values: categories.map((place) => {
      const row = rows.find((each) => text(each, category) === place && text(each, name) === its);
      return row ? number(row, value) : null;
    }),
  }));
  return { categories, series };
}
