import { HOUR } from '../durations.ts';
import type { Rereading } from '../engine/backfill/rereading.ts';
import { type StoredRow, storedInstant } from '../lake/stored-rows.ts';
import type { HistoryState } from './state.ts';

/**
 * How much earlier to begin where Atlas does not document how long it keeps entries, ms. An entry from before the period
 * shows that Atlas still has all of the period.
 */
export const PROOF = HOUR;

/** The greatest shown age of such entries: what Atlas has dropped is shown by its oldest entry, and not guessed. */
export const ANY_AGE = Number.POSITIVE_INFINITY;

/** What the rereading of all histories has in common. */
type HistoryRereading = Pick<Rereading<HistoryState>, 'readTo' | 'clash' | 'marksOf' | 'comparison'>;

/**
 * Returns how a history is read again. The stored lookback is left to the runs: no run begins before it, whatever its
 * settings, and its entries are known by their hashes only there.
 *
 * An id can depend on settings of the run that wrote it, for example on a key. So if the lake has a row of the same time
 * and place that Atlas's entries do not account for, their ids cannot be compared, and none of them is written.
 *
 * @param place the columns that name the target
 */
export function historyRereading(place: readonly string[]): HistoryRereading {
  const markOf = (row: StoredRow) =>
    JSON.stringify([storedInstant(row['ts']), ...place.map((name) => row[name])]);
  return {
    readTo: ({ lookback }) => lookback.from,
    clash: 'incomparable',
    marksOf: (row) => [markOf(row)],
    comparison(rows, lake) {
      const known = new Map<string, number>();
      for (const row of rows) {
        const mark = markOf(row);
        known.set(mark, (known.get(mark) ?? 0) + (lake.has(row) ? 1 : 0));
      }
      return (row) => lake.countOf(markOf(row)) === known.get(markOf(row));
    },
  };
}
