import type { Unit } from './units.ts';

/** What a chart shows. How it looks is the page's matter, which knows whether it is light or dark, wide or narrow. */
export type ChartSpec = BarSpec | LineSpec | TimelineSpec;

export interface BarSpec {
  kind: 'bar';
  unit: Unit;
  /** Whether bars lie, each beside its name, or stand. */
  lying: boolean;
  categories: string[];
  /** Stacked upon one another. */
  series: Array<{ name: string; values: Array<number | null> }>;
}

export interface LineSpec {
  kind: 'line';
  unit: Unit;
  /** A line that only continues another one into the future has its name and is dashed. */
  series: Array<{ name: string; points: Array<[time: number, value: number]>; forecast: boolean }>;
}

export interface TimelineSpec {
  kind: 'timeline';
  unit: 'time';
  from: number;
  to: number;
  bars: Array<{ label: string; from: number; to: number; state: 'open' | 'acknowledged' | 'ended' }>;
}

/** The report's charts by the ids of their elements, as the page finds them. */
export type Charts = Record<string, ChartSpec>;
