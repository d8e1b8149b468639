import { HOUR, MINUTE } from '../../../../shared/durations.ts';
import type { SettledPoint } from '../../../../simulator/series.ts';
import { instantOf } from '../../../support/times.ts';
import { minuteOf } from '../history.ts';
import type { RunRecord } from '../world.ts';
import { ceilTo, floorTo, formatInstant } from './instants.ts';
import type { CommittedRow } from './lake.ts';
import { beginningOf, coarserThan, intervalStart, type Resolution } from './points.ts';
import { clockOf, collects, settingsOf, timeOf } from './runs.ts';
import { contains, joined, type Period } from './spans.ts';
import {
  LISTING,
  LOOKBACK,
  limitOf,
  MARGIN,
  type ResolutionAdvance,
  type TargetFacts,
} from './target-facts.ts';

/** Timestamps are less than a minute later than the minute that their interval begins in. */
const UNALIGNED = 59_000;

/** Checks that a watermark never moves back, skips nothing, and never passes the settled time. */
export function checkWatermarkOrder(facts: TargetFacts): void {
  for (const { from, to, start, front, run, resolution, previous } of facts.observed.advances) {
    // A run whose message arrives two weeks late reads points beyond its tick that only coarser resolutions still have.
    const isCoarse = coarserThan(resolution).some(
      ({ interval }) => to <= ceilTo(limitOf(resolution, clockOf(run)), interval),
    );
    if (from !== previous?.to)
      facts.report(`a watermark at ${previous?.to} whose next move starts at ${from}`);
    if (to < start)
      facts.report(`a watermark that moved back from ${formatInstant(start)} to ${formatInstant(to)}`);
    // A former granularity may end inside an interval of the current one.
    const settled = timeOf(run) - settingsOf(run).settle;
    const isGap = facts.observed.gaps.some((gap) => instantOf(gap.values['gap_end']) === to);
    // A run of an earlier tick may release a watermark that a coarse hour held, up to what later ticks had read.
    if (to > front && to > settled && !isCoarse && !isGap)
      facts.report(`a watermark at ${formatInstant(to)} beyond ${formatInstant(settled)}`);
  }
}

/**
 * Checks that what a move has read, and the hour before, is in the lake: hours and days up to the watermark, and new
 * points, which runs read beyond a watermark that a coarse hour holds. A run that moves the held watermark later does
 * not read these points again, so it need not find what became visible in the meantime.
 */
export function checkAdvance(facts: TargetFacts, advance: ResolutionAdvance, index: number): void {
  const { start, resolution, run, at, sequence } = advance;
  const skipped = facts.observed.gaps.find((gap) => gap.sequence === sequence && isExpiryGap(gap));
  if (skipped && facts.observed.isListed(run.startedAt)) {
    facts.report(
      `a gap of a listed target: ${formatInstant(skipped.ts)}, by the run of ${formatInstant(run.tick)}`,
    );
  }
  const to = skipped ? skipped.ts : advance.to;
  const { front, ...fresh } = newPoints(advance);
  const readTo = skipped ? Math.min(skipped.ts, fresh.to) : fresh.to;
  if (to <= start && readTo <= front) return;
  const now = clockOf(run);
  const earlier = facts.observed.advances.slice(0, index);
  const known = joined(earlier.map(newPoints));
  const backlogs = earlier.map(newPoints).map(({ front, from }) => ({ from: front, to: from }));
  let from = start;
  if (to > start && start < limitOf(resolution, now))
    from = checkCoarseRows(facts, { ...advance, to }, { now, index, known });
  const isFirstOfRun = !earlier.some(
    (other) => other.run === run && (other.to > other.start || other.frontTo > other.front),
  );
  const readsNew = readTo > front && fresh.from === front;
  const looksBack = isFirstOfRun && readsNew && !isLookbackRefused(facts, advance);
  const freshFrom = looksBack ? front - LOOKBACK : fresh.from;
  const isCoarseOutage = [run.startedAt, at].some((instant) => facts.observed.isCoarseOutage(instant));
  const later = isCoarseOutage ? laterReading(facts, index) : undefined;
  for (const span of facts.spans(index)) {
    const first = Math.max(Math.min(from, freshFrom), span.from, now - span.resolution.retention + MARGIN);
    const end = Math.min(Math.max(to, readTo), span.to);
    for (const point of facts.observed.points.passed(span.resolution, first, end)) {
      const begin = beginningOf(span.resolution, point.timestamp);
      const isFresh = begin >= freshFrom && begin < readTo;
      if (!isFresh && (begin < from || begin >= to || known.some((one) => contains(one, begin)))) continue;
      if (!collects(run, point.measurement)) continue;
      if (point.value === null || point.visibleFrom > run.startedAt || point.visibleUntil < at) continue;
      // A timestamp may be earlier than its interval. A later run finds the point in the hour before.
      if (point.timestamp + span.resolution.interval > settledBy(run)) continue;
      if (mayBeListed(facts, run) && isHeldBack(facts, point, span.resolution, run)) continue;
      const isHidden = isCoarseOutage && span.resolution.interval >= HOUR;
      if (isHidden && !later) continue;
      const why = `read by the run of ${formatInstant(run.tick)}`;
      // What Atlas had deleted before it showed values again is in a coarser row, and what an earlier run had left to
      // coarser rows stays there.
      const isDeleted = isHidden && later && begin < limitOf(span.resolution, clockOf(later.run));
      const isCoarse = isDeleted || backlogs.some((one) => contains(one, begin));
      facts.expectPoint(point, span.resolution, why, isCoarse ? undefined : isFresh ? fresh.from : from);
    }
  }
}

/**
 * Returns whether Atlas refuses the hour before new points, which is then left to the final check. The request begins an
 * interval and a minute earlier.
 */
function isLookbackRefused(
  { observed: { history } }: TargetFacts,
  { front, resolution, at }: ResolutionAdvance,
): boolean {
  if (typeof history.refuses !== 'number') return false;
  return front - LOOKBACK - resolution.interval - MINUTE < at - history.refuses * HOUR;
}

/** Returns the end of the last interval that has settled for a run. */
export function settledBy(run: RunRecord): number {
  return Math.min(clockOf(run), run.startedAt) - Math.max(settingsOf(run).settle - UNALIGNED, 0);
}

/**
 * Returns whether a run may take a target for one that Atlas lists. A list can be an hour old, and one with unreadable items
 * does not show that a target has left.
 */
function mayBeListed({ observed: { history, isListed } }: TargetFacts, { startedAt }: RunRecord): boolean {
  const isUnreadable = history.unreadable.some(
    ({ from, to }) => startedAt - LISTING < minuteOf(to) && startedAt >= minuteOf(from),
  );
  return isUnreadable || [startedAt - LISTING, startedAt].some(isListed);
}

/**
 * Returns whether a point may wait for a later run, because the run saw no later one. Either the target has stopped, but
 * is listed, for less than six hours; or the run's clock is behind, so that it did not request later points.
 */
export function isHeldBack(
  { observed: { points } }: TargetFacts,
  { measurement, timestamp }: SettledPoint,
  resolution: Resolution,
  run: RunRecord,
): boolean {
  const end = timestamp + 2 * resolution.interval;
  const isBehind = clockOf(run) + MINUTE / 2 < run.startedAt;
  if (isBehind && end + MINUTE > clockOf(run)) return true;
  if (end - resolution.interval + 6 * HOUR < run.startedAt - MINUTE) return false;
  return !points
    .between(resolution, timestamp + 1, end)
    .some((later) => later.measurement === measurement && later.visibleFrom <= run.startedAt);
}

/** Returns the first later move that found values of hours again, some of them new. Runs then read hidden hours. */
function laterReading(facts: TargetFacts, index: number): ResolutionAdvance | undefined {
  return facts.observed.advances
    .slice(index + 1)
    .find(
      ({ run, start, to, at }) =>
        to - start >= 2 * HOUR &&
        run.result?.outcome === 'complete' &&
        ![run.startedAt, at, run.finishedAt ?? at].some((instant) =>
          facts.observed.isCoarseOutage(instant),
        ) &&
        facts.observed.isListed(run.startedAt),
    );
}

/**
 * Checks the coarse rows of time that the fine resolution had lost, and returns where the fine resolution continues.
 *
 * @param known what earlier moves have read finely
 */
function checkCoarseRows(
  facts: TargetFacts,
  { start, run, resolution, to, at }: ResolutionAdvance,
  { now, index, known }: { now: number; index: number; known: readonly Period[] },
): number {
  let until = start;
  const seen = firstBehind(facts, start, index) ?? run;
  const resolutions = [resolution, ...coarserThan(resolution)];
  for (const [index, finer] of [...resolutions.entries()].slice(0, -1).reverse()) {
    const coarse = resolutions[index + 1];
    if (!coarse || start >= limitOf(finer, now)) continue;
    const border = Math.min(ceilTo(limitOf(finer, now), coarse.interval), to);
    for (const point of facts.observed.points.passed(coarse, floorTo(until, coarse.interval), border)) {
      if (point.value === null || point.visibleFrom > seen.startedAt || point.visibleUntil < at) continue;
      if (!facts.isAlwaysCollected(point)) continue;
      const begin = intervalStart(coarse, point.timestamp);
      if (known.some(({ from, to }) => from <= begin && begin + coarse.interval <= to)) continue;
      facts.expectPoint(
        point,
        coarse,
        `read by the run of ${formatInstant(run.tick)}, after the retention of finer points`,
      );
    }
    until = Math.max(until, border);
  }
  return until;
}

/** Returns the first run with a watermark older than the finest points. It may wait there for coarser points. */
function firstBehind(facts: TargetFacts, watermark: number, index: number): RunRecord | undefined {
  const { runs, advances } = facts.observed;
  const arrived =
    advances.slice(0, index).findLast(({ to }) => to === watermark)?.at ?? Number.NEGATIVE_INFINITY;
  const resolution = advances[index]?.resolution;
  return (
    resolution &&
    runs.find((run) => run.startedAt >= arrived && watermark < limitOf(resolution, clockOf(run)))
  );
}

/**
 * Returns the time whose new points a move has read. If Atlas had deleted the first of them, it begins after what only a
 * coarser resolution has.
 */
function newPoints({ front, frontFrom, frontTo, resolution, run }: ResolutionAdvance) {
  const limit = limitOf(resolution, clockOf(run));
  const [coarse] = coarserThan(resolution);
  const held = front < limit && coarse ? ceilTo(limit, coarse.interval) : front;
  return { front, from: Math.max(held, frontFrom), to: frontTo };
}

/** Returns whether a gap was recorded because a whole target had expired. */
function isExpiryGap({ values }: CommittedRow): boolean {
  return String(values['reason']).includes('its retention is over');
}
