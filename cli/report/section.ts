import type { PlainValue } from '../duckdb/plain-value.ts';
import type { BarSpec, ChartSpec } from './chart-spec.ts';
import type { Filter } from './filter.ts';
import type { Unit } from './units.ts';

export type Row = Readonly<Record<string, PlainValue>>;
export type Query = (sql: string) => Promise<Row[]>;

/** A section of the report, with parts that each have a table and may have a chart. */
export interface Section {
  id: string;
  title: string;
  intro: string;
  parts: Part[];
}

export interface Part {
  id: string;
  title: string;
  chart?: Chart;
  /** The query of the table, as a start for further queries; null if the table is put together from other tables. */
  sql: string | null;
  columns: readonly Column[];
  rows: readonly Row[];
  /** Replaces a table without rows. */
  empty: string;
  /** How the part shows one cluster; omitted if its rows have no cluster. */
  ofCluster?: ClusterPart;
}

/** The description is for people who cannot see the chart. */
export interface Chart {
  spec: ChartSpec;
  description: string;
}

export interface Column {
  name: string;
  heading: string;
  unit: Unit;
  /** Returns the id of the element that a value links to; null for no link. */
  link?: (row: Row) => string | null;
}

/** A part whose rows have the columns `project_id` and `cluster_name`, with exactly the rows of a filter. */
export interface ClusterPart {
  sql(filter: Filter): string;
  /** Returns the chart of these rows; omitted if the part of a cluster has none. */
  chart?(rows: readonly Row[]): Chart;
}

export function text(row: Row, name: string): string {
  const value = row[name];
  return value === null || value === undefined ? '–' : String(value);
}

/** Returns a number of a row; null for other values. */
export function number(row: Row, name: string): number | null {
  const value = row[name];
  return typeof value === 'number' ? value : null;
}

/** Converts a timestamp of the lake to milliseconds since the epoch; null if there is none. */
export function instant(row: Row, name: string): number | null {
  const value = row[name];
  return typeof value === 'string' ? Date.parse(`${value.replace(' ', 'T')}Z`) : null;
}

/** Returns the first part of the host name, which identifies the process. */
export function shortProcess(row: Row): string {
  const [host = ''] = text(row, 'process_id').split('.');
  return host;
}

/** Returns rows in the order of their days, for a chart: tables show the newest day first. */
export function oldestFirst(rows: readonly Row[]): Row[] {
  return rows.toSorted((a, b) => text(a, 'dt').localeCompare(text(b, 'dt')));
}

/** Returns the distinct values of a column, in the order of the rows. */
export function distinct(rows: readonly Row[], name: string): string[] {
  return [...new Set(rows.map((row) => text(row, name)))];
}

/**
 * Returns stacked bars: one bar for each value of `category`, one series for each value of `name`, and null where no
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
