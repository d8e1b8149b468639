import { SECOND } from '../durations.ts';
import type { Measure } from '../engine/dataset.ts';
import type { MergedEntries } from './merge.ts';

/**
 * Returns the metrics of one response. `Lateness` is the minimum time after which an entry was still missing; an entry
 * that comes later than settle time plus lookback is lost. `OverlapShrunk` is by how much the lookback is shorter than
 * configured, because there are too many entries; those that come later than the remaining lookback are at risk.
 *
 * @param settle the settle time, ms
 */
export function measuresOf(
  settle: number,
  { lateBy, shrunkBy }: Pick<MergedEntries<unknown, unknown>, 'lateBy' | 'shrunkBy'>,
): Measure[] {
  const late = lateBy === null ? [] : [seconds('Lateness', settle + lateBy)];
  const shrunk = shrunkBy > 0 ? [seconds('OverlapShrunk', shrunkBy)] : [];
  return [...late, ...shrunk];
}

function seconds(name: string, milliseconds: number): Measure {
  return { name, unit: 'Seconds', value: milliseconds / SECOND };
}
