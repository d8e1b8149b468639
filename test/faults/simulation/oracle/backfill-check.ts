import { HOUR, MINUTE } from '../../../../shared/durations.ts';
import type { SettledPoint } from '../../../../simulator/series.ts';
import type { BackfillCommand } from '../backfills.ts';
import { shrinkingOf } from '../generators/processes.ts';
import type { Advance } from './advances.ts';
import { dutiesOf, isThereFor, knownBefore, timeOf } from './backfills.ts';
import { ceilTo, formatInstant } from './instants.ts';
import { coarserThan, intervalStart, type Resolution, resolutionOf } from './points.ts';
import { collects, settingsOf } from './runs.ts';
import { joined, type Period } from './spans.ts';
import { LISTING, limitOf, type TargetFacts } from './target-facts.ts';

/**
 * Checks that the values that Atlas had during a whole backfill are there, at any granularity: of its period, if it ended
 * as complete, and of the parts of gaps that it filled. Those have rows all the time.
 */
export function checkBackfills(facts: TargetFacts): void {
  const { backfills, advances, target, isListed, rows } = facts.observed;
  if (backfills.commands.length === 0) return;
  for (const { command, during, advance, ...period } of dutiesOf(backfills, advances, target.projectId)) {
    if (![during.from - LISTING, during.from, during.to].every(isListed)) continue;
    const to = Math.min(period.to, emptyFrom(facts, advance));
    const covered = coverage(facts, command);
    for (const point of valuesDuring(facts, command, { from: period.from, to }, during))
      if (!isCovered(covered, point)) report(facts, point, command.name);
  }
  for (const part of backfills.filled) {
    const command = backfills.commandOf(part);
    if (!command || !knownBefore(advances, command)) continue;
    const during = { from: command.startedAt, to: command.endedAt ?? command.startedAt + HOUR };
    const covered = coverage(facts, command);
    for (const point of valuesDuring(facts, command, part, during))
      if (!isCovered(covered, point)) report(facts, point, `${command.name}, which filled the gap`);
    const times = joined(rows.map(({ values, ts }) => timeOf(values, ts)));
    if (!times.some(({ from, to }) => from <= part.from && part.to <= to))
      facts.report(`a part of a gap is filled without values: ${formatInstant(part.from)}`);
  }
}

/** A value that Atlas had, and its time. */
interface HeldValue {
  point: SettledPoint;
  resolution: Resolution;
  time: Period;
}

/** Returns the values of a period that Atlas had all the time: fine ones, and coarse ones where it had no finer ones left. */
function valuesDuring(
  facts: TargetFacts,
  command: BackfillCommand,
  { from, to }: Period,
  during: Period,
): HeldValue[] {
  const { points, isCoarseOutage } = facts.observed;
  const fine = finestOf(facts, command);
  const resolutions = [fine, ...coarserThan(fine)];
  return resolutions.flatMap((resolution, index) => {
    const { interval, retention } = resolution;
    if (interval >= HOUR && [during.from, during.to].some(isCoarseOutage)) return [];
    const finer = resolutions[index - 1];
    // Where Atlas drops the finer ones during the backfill, either may be read.
    const end = finer ? Math.min(to, during.from - finer.retention) : to;
    // Of a coarse interval whose beginning Atlas has dropped, the coarse value is read, or nothing if finer ones are there.
    const border = ceilTo(
      limitOf(resolution, during.to) + interval,
      resolutions[index + 1]?.interval ?? interval,
    );
    const start = retention === Infinity ? from : Math.max(from, border);
    return points
      .between(resolution, start, end)
      .map((point) => ({ point, resolution, time: intervalOf(resolution, point) }))
      .filter(
        ({ point: { measurement, value, visibleFrom, visibleUntil }, time }) =>
          value !== null &&
          visibleFrom <= during.from &&
          visibleUntil > during.to &&
          time.from >= start &&
          time.to <= end &&
          collects(command, measurement),
      )
      .filter((one) => hasLater(facts, one, end));
  });
}

/** Returns the finest resolution that Atlas gives a command. Clusters that are or were too small have no PT10S. */
function finestOf({ observed: { history, isSmall } }: TargetFacts, command: BackfillCommand): Resolution {
  const { granularity } = settingsOf(command);
  const hasTenSeconds = !isSmall && shrinkingOf(history.seed) === null;
  return resolutionOf(granularity === 'PT10S' && !hasTenSeconds ? 'PT1M' : granularity);
}

function intervalOf(resolution: Resolution, { timestamp }: SettledPoint): Period {
  const from = intervalStart(resolution, timestamp);
  return { from, to: from + resolution.interval };
}

/** Returns whether the period has a later value of the series. The last one may wait, because it may not be final. */
function hasLater(
  { observed: { points } }: TargetFacts,
  { point, resolution }: HeldValue,
  end: number,
): boolean {
  const next = point.timestamp + 2 * resolution.interval + MINUTE;
  return points
    .between(resolution, point.timestamp + 1, Math.min(next, end))
    .some(({ measurement, value }) => measurement === point.measurement && value !== null);
}

/** The times that the rows of each series stand for, joined. */
type Coverage = ReadonlyMap<string, readonly Period[]>;

function coverage({ observed }: TargetFacts, command: BackfillCommand): Coverage {
  const rows = observed.rows.filter((row) => isThereFor(row, command));
  const bySeries = Map.groupBy(rows, ({ values }) => String(values['measurement']));
  return new Map(
    [...bySeries].map(([name, own]) => [name, joined(own.map(({ values, ts }) => timeOf(values, ts)))]),
  );
}

/** Returns whether the lake has a value of the series for some of the time: of more than one granularity, it has one. */
function isCovered(covered: Coverage, { point, time }: HeldValue): boolean {
  return (covered.get(point.measurement) ?? []).some(({ from, to }) => from < time.to && time.from < to);
}

/** Returns from where on the last answers before a backfill had no values. The runs read that time again. */
function emptyFrom(facts: TargetFacts, { states }: Advance): number {
  return facts.observed.emptyFrom(states) ?? Number.POSITIVE_INFINITY;
}

function report(facts: TargetFacts, { point, resolution }: HeldValue, by: string): void {
  facts.report(
    `missing: ${point.measurement} ${resolution.granularity} ${formatInstant(point.timestamp)}, not read again by ${by}`,
  );
}
