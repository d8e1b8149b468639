import { MINUTE } from '../../../../shared/durations.ts';
import { instantOf } from '../../../support/times.ts';
import type { BackfillCommand } from '../backfills.ts';
import { commandIn, timeOf } from './backfills.ts';
import { formatInstant } from './instants.ts';
import { type CommittedRow, endOf } from './lake.ts';
import type { SimulatedHistory } from './simulated-history.ts';
import type { Period } from './spans.ts';

/** How early a timestamp of an interval may be. */
const EARLY = MINUTE / 2;

/** Checks what does not depend on the dataset: what ended commands, what their commits contain, and the parts of gaps. */
export function checkBackfills({ world, lake }: SimulatedHistory): string[] {
  const { observer, backfills } = world;
  const violations = backfills.flatMap(checkEnd);
  for (const commit of observer.commits) {
    const command = commandIn(world, commit);
    if (!command) continue;
    const { dataset, subject, run } = commit;
    const moved = commit.moves.find(({ from, to }) => from !== to);
    if (moved)
      violations.push(
        `the backfill ${run} moved ${moved.name} from ${moved.from} to ${formatInstant(moved.to)}`,
      );
    if (command.isDryRun && commit.objects.size > 0) violations.push(`the dry run ${run} wrote something`);
    if (command.dataset !== dataset) violations.push(`the backfill ${run} wrote ${dataset} of ${subject}`);
    const tables = new Set([...commit.objects.keys()].map((key) => key.split('/')[0]));
    tables.delete(dataset);
    tables.delete('filled_gaps');
    if (tables.size > 0) violations.push(`the backfill ${run} wrote ${[...tables].join()}`);
    const wrong = lake
      .rows(dataset)
      .find(
        (row) => row.subject === subject && row.sequence === commit.sequence && !isOf(command.period, row),
      );
    if (wrong)
      violations.push(
        `the backfill ${run} wrote a row outside of its period: ${JSON.stringify(wrong.values)}`,
      );
  }
  const gaps = Map.groupBy(lake.rows('collection_gaps'), gapKey);
  for (const [key, parts] of Map.groupBy(lake.rows('filled_gaps'), gapKey)) {
    const gap = gaps.get(key)?.[0];
    violations.push(...checkParts(gap, parts).map((violation) => `filled gap ${key}: ${violation}`));
    for (const { dataset, subject, sequence } of parts) {
      const commit = observer.commits.find(
        (one) => one.dataset === dataset && one.subject === subject && one.sequence === sequence,
      );
      if (!commit || !commandIn(world, commit)) violations.push(`filled gap ${key}: not by a backfill`);
    }
  }
  return violations;
}

/** The errors that may end a command: those of AWS, of Atlas and of other runs, and what the owner has to change. */
const EXPECTED_ENDS =
  /was never collected into this lake|was collected last: use the configuration|is later than Atlas's clock|nothing from before|stopped by the owner|there is no credential with/;

function checkEnd({ error, hasFaults, name }: BackfillCommand): string[] {
  const isExpected =
    error === undefined ||
    EXPECTED_ENDS.test(String(error)) ||
    (hasFaults && !(error instanceof TypeError) && !(error instanceof RangeError));
  return isExpected ? [] : [`${name} ended with ${error instanceof Error ? error.stack : String(error)}`];
}

/** Returns whether a row is of a period: its interval, or the time of an entry. */
function isOf({ from, to }: Period, { values, ts }: CommittedRow): boolean {
  const time = timeOf(values, ts);
  const early = values['granularity'] === undefined ? 0 : EARLY;
  return time.from < to + early && time.to > from - early;
}

function checkParts(gap: CommittedRow | undefined, parts: readonly CommittedRow[]): string[] {
  if (!gap) return ['the lake has no such gap'];
  const violations: string[] = [];
  let end = gap.ts;
  const places = parts
    .map(({ values, sequence }) => ({
      from: instantOf(values['filled_from']),
      to: instantOf(values['filled_to']),
      sequence,
    }))
    .sort((a, b) => a.from - b.from);
  for (const { from, to, sequence } of places) {
    if (from < end || to > endOf(gap) || from >= to)
      violations.push(`a part from ${formatInstant(from)} to ${formatInstant(to)}`);
    if (sequence <= gap.sequence) violations.push('filled before it was recorded');
    end = to;
  }
  return violations;
}

function gapKey({ values, dataset, subject }: CommittedRow): string {
  return [dataset, subject, values['target'], values['ts'], values['gap_end']].join(' ');
}
