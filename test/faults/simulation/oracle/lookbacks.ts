import { SECOND } from '../../../../shared/durations.ts';
import type { Advance } from './advances.ts';
import { floorTo } from './instants.ts';
import { type CommittedRow, endOf } from './lake.ts';
import { settingsOf } from './runs.ts';

/** How many hashes of entries the collector keeps. With more entries the lookback is shorter, without a promise. */
const MAX_HASHES = 20_000;

/** A move of a watermark, and from where its run must have found late entries, too. */
interface Lookback {
  advance: Advance;
  from: number;
  /** Whether an earlier move has read something. */
  hasBegun: boolean;
}

/** Returns the moves that read something, each with the start of the time that the run had to read again. */
export function* lookbacks(
  advances: readonly Advance[],
  { gaps, countIn }: { gaps: readonly CommittedRow[]; countIn(from: number, to: number): number },
): Iterable<Lookback> {
  /** For each watermark move, the start of the time whose entries are remembered. */
  const remembered = new Map<Advance, number>();
  // By the design, data that Atlas deletes before the first read of a target is not a gap.
  let hasBegun = false;
  for (const [index, advance] of advances.entries()) {
    const { start, to, run, sequence } = advance;
    // A restored table has lost commits without a record. It continues from an earlier commit or does not know the target.
    const before = advance.previous && remembered.get(advance.previous);
    let knownFrom = before ?? start;
    remembered.set(advance, knownFrom);
    if (to <= start) continue;
    const reach = settingsOf(run).overlap ?? 0;
    const isFirstOfRun = !advances
      .slice(0, index)
      .some((other) => other.run === run && other.to > other.start);
    const passed = gaps.filter((gap) => gap.sequence === sequence);
    const from = isFirstOfRun ? Math.max(knownFrom, floorTo(start - reach, SECOND)) : start;
    yield { advance, from: Math.min(from, start), hasBegun };
    hasBegun = true;
    // The next run can begin here. Nothing is remembered before a gap, or beyond the maximum number of hashes.
    knownFrom = Math.max(knownFrom, floorTo(to - reach, SECOND), ...passed.map(endOf));
    if (countIn(knownFrom, to) > MAX_HASHES) knownFrom = to;
    remembered.set(advance, knownFrom);
  }
}
