import type { Unit } from './units.ts';

/** The content of a chart. The page decides how it looks, because it knows the colour scheme and the width. */
export type ChartSpec = BarSpec | LineSpec | TimelineSpec;

export interface BarSpec {
  kind: 'bar';
  unit: Unit;
  /** Whether bars are horizontal, each beside its name, or vertical. */
  lying: boolean;
  categories: string[];
  /** Stacked on one another. */
  series: Array<{ name: string; values: Array<number | null> }>;
}

export interface LineSpec {
  kind: 'line';
  unit: Unit;
  /** A forecast has the name of the line that it continues, and is dashed. */
  series: Array<{ name: string; points: Array<[time: number, value: number]>; forecast: boolean }>;
}

export interface TimelineSpec {
  kind: 'timeline';
  unit: 'time';
  from: number;
  to: number;
  bars: Array<{ label: string; from: number; to: number; state: 'open' | 'acknowledged' | 'ended' }>;
}

/** The report's charts by the ids of their elements in the page. */
export type Charts = Record<string, ChartSpec>;
