import type { Column } from '../shared/lake/table.ts';

/** What a chart reads: a view, or a table with the column `dt`. */
export interface Source {
  name: string;
  description: string;
  columns: readonly Column[];
}

export type Unit = 'percent' | 'bytes' | 'seconds' | 'US dollars';

/** A column that groups the rows, or an expression under a name. */
export type Dimension = string | { name: string; sql: string };

/** An aggregate of the rows of a group. */
export interface Metric {
  name: string;
  sql: string;
  unit?: Unit;
}

/** A chart of the lake, declared once for the dashboards of every tool. Its SQL uses the common subset of the engines. */
export interface Chart {
  title: string;
  description: string;
  source: Source;
  width: 'quarter' | 'half' | 'full';
  /** Whether the chart shows the days of the dashboard's time range, or all days that its source has. */
  days: 'range' | 'all';
  /** A condition on rows. */
  where?: string;
  shows: Shape;
}

export type Shape =
  /** One number. */
  | { kind: 'number'; metric: Metric }
  /** A line for each combination of dimensions, over the days or over a column with times. */
  | { kind: 'lines'; time: string; by: readonly string[]; metric: Metric }
  /**
   * A bar for each category, with a part for each metric or for each value of `parts`. The bars are in the order of the
   * categories, or the longest come first: those with the highest value of the expression.
   */
  | {
      kind: 'bars';
      category: Dimension;
      parts?: string;
      metrics: readonly [Metric, ...Metric[]];
      order: 'category' | { longest: string };
      limit: number;
    }
  /** Rows of the source. */
  | {
      kind: 'rows';
      columns: readonly string[];
      order: string;
      descending?: true;
      limit: number;
    }
  /** A row for each combination of dimensions, sorted by the first metric. */
  | {
      kind: 'groups';
      by: readonly string[];
      metrics: readonly [Metric, ...Metric[]];
      descending?: true;
      limit: number;
    };

/** Returns the column of a chart's source. @throws {Error} if the source has no such column */
export function sourceColumn({ name, columns }: Source, column: string): Column {
  const found = columns.find((candidate) => candidate.name === column);
  if (!found) throw new Error(`${name} has no column ${column}`);
  return found;
}

/** Returns the name of a column or metric as people read it. */
export function label(name: string): string {
  const words = name
    .replaceAll('_', ' ')
    .replace(/\bid\b/, 'ID')
    .replace(/\bip\b/, 'IP');
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

/** Returns the columns that a chart names outside of its SQL. */
export function namedColumns({ shows }: Chart): string[] {
  switch (shows.kind) {
    case 'number':
      return [];
    case 'lines':
      return [shows.time, ...shows.by];
    case 'bars':
      return [shows.category, shows.parts].filter((name) => typeof name === 'string');
    case 'rows':
      return [...shows.columns, shows.order];
    case 'groups':
      return [...shows.by];
  }
}
