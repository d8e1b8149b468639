import { HOUR } from '../../../../shared/durations.ts';
import { instantOf } from '../../../support/times.ts';
import { shrinkingOf } from '../generators/processes.ts';
import { mayBeInGap, timeOf } from './backfills.ts';
import { formatInstant } from './instants.ts';
import type { CommittedRow } from './lake.ts';
import { beginningOf, coarserThan, intervalStart, resolutionOf } from './points.ts';
import { clockOf, collects } from './runs.ts';
import { limitOf, showRow, type TargetFacts } from './target-facts.ts';

/** Checks that every row has the value that Atlas settled at. */
export function checkValues(facts: TargetFacts): void {
  for (const { values, ts } of facts.observed.rows) {
    const resolution = resolutionOf(values['granularity']);
    const point = facts.observed.points
      .between(resolution, ts, ts + 1)
      .find(({ measurement }) => measurement === values['measurement']);
    const { runs, backfills } = facts.observed;
    if (![...runs, ...backfills.commands].some((run) => collects(run, String(values['measurement']))))
      facts.report(`a row of a measurement that is not selected: ${JSON.stringify(values)}`);
    if (point?.value !== values['value'] || point?.units !== values['units']) {
      facts.report(`a row with a value that Atlas does not have: ${JSON.stringify(values)}`);
    }
  }
}

/** Checks that no instant is covered twice: by two granularities, or by a row and a gap. */
export function checkNoOverlap(facts: TargetFacts): void {
  const { gaps, advances, backfills, emptyFrom } = facts.observed;
  // What was deleted can be read again at a coarser granularity only.
  const rows = facts.observed.rows.filter(({ deletedAt }) => deletedAt === undefined);
  for (const fine of rows) {
    const { measurement, granularity } = fine.values;
    const resolution = resolutionOf(granularity);
    // An hour whose timestamp is before midnight may be the first hour of the next day.
    const begin = beginningOf(resolution, fine.ts);
    for (const coarse of coarserThan(resolution)) {
      const above = facts.coarseRow(measurement, coarse, begin);
      if (!above || above.deletedAt !== undefined) continue;
      // One exception: the coarse interval up to which points had been read, or had values, when Atlas deleted the finer
      // points after it. The beginning of that interval was already there.
      const end = intervalStart(coarse, above.ts) + coarse.interval;
      const heldTheMark = advances.some(({ start, front, previous, run }) =>
        [start, front, emptyFrom(previous?.states) ?? front].some(
          (at) => at > begin && at < end && at < limitOf(resolution, clockOf(run)),
        ),
      );
      if (!heldTheMark) {
        facts.report(`an instant in two granularities: ${showRow(above)} and ${showRow(fine)}`);
      }
    }
  }
  for (const gap of gaps) {
    const end = instantOf(gap.values['gap_end']);
    if (isPartial(gap)) continue;
    for (const row of rows) {
      const isCovered = row.ts >= gap.ts && row.ts < end;
      const isFilled = () => mayBeInGap(row, timeOf(row.values, row.ts), gap, backfills);
      if (isCovered && !reachesBeyond(row, gap, end) && !beginsAfter(row, gap, end, rows) && !isFilled())
        facts.report(`a gap over an existing row: ${showRow(row)}, ${showGap(gap, end)}`);
    }
  }
}

/** Checks that no gap says that Atlas gives nothing, or refuses, where the last request would get values. */
export function checkGaps(facts: TargetFacts): void {
  const { gaps, history, points, advances, isCoarseOutage } = facts.observed;
  for (const gap of gaps) {
    const reason = String(gap.values['reason']);
    // A cluster that has become too small refuses ten seconds with a server error.
    const isTooSmall = reason.includes(': 500 ') && shrinkingOf(history.seed) !== null;
    if (reason.startsWith('refused') && history.refuses === 'nothing' && !isTooSmall)
      facts.report(`a gap of a refusal that did not happen: ${formatInstant(gap.ts)} ${reason}`);
    const [, granularity] = /^no values at (PT1H|P1D),/.exec(reason) ?? [];
    const at = advances.find(({ sequence }) => sequence === gap.sequence)?.at;
    if (granularity === undefined || at === undefined || isCoarseOutage(at)) continue;
    const given = points
      .between(resolutionOf(granularity), gap.ts, instantOf(gap.values['gap_end']))
      .find(
        ({ value, visibleFrom, visibleUntil }) =>
          value !== null && visibleFrom < at - HOUR && visibleUntil > at + HOUR,
      );
    if (given)
      facts.report(
        `a gap over a value that Atlas gives at ${formatInstant(at)}: ${formatInstant(given.timestamp)}`,
      );
  }
}

/**
 * Returns whether a row belongs to the hour or day in which an earlier gap ends. The rest of that interval has no other
 * row.
 */
function reachesBeyond({ values, ts, sequence }: CommittedRow, gap: CommittedRow, end: number): boolean {
  const resolution = resolutionOf(values['granularity']);
  const start = intervalStart(resolution, ts);
  const isCoarse = resolution.interval >= HOUR;
  return isCoarse && sequence > gap.sequence && start < end && end < start + resolution.interval;
}

/**
 * Returns whether a row's interval begins after a gap, and only its timestamp is some seconds early. A gap ends before
 * such timestamps if the collector knows from earlier rows that the target has them.
 */
function beginsAfter(
  row: CommittedRow,
  gap: CommittedRow,
  end: number,
  rows: readonly CommittedRow[],
): boolean {
  const startOf = ({ values, ts }: CommittedRow) => intervalStart(resolutionOf(values['granularity']), ts);
  const isKnown = rows.some((other) => other.sequence < gap.sequence && other.ts < startOf(other));
  return !isKnown && startOf(row) >= end;
}

function showGap({ ts, sequence, values }: CommittedRow, end: number): string {
  return `${formatInstant(ts)} to ${formatInstant(end)} (${sequence}), ${String(values['reason'])}`;
}

/** Returns whether a gap may cover existing rows: gaps of single series, or of a last request. */
function isPartial({ values }: CommittedRow): boolean {
  return /single series|last time/.test(String(values['reason']));
}
