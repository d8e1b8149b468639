import { DAY, HOUR, MINUTE } from '../../../../shared/durations.ts';
import type { SettledPoint } from '../../../../simulator/series.ts';
import type { RunRecord } from '../world.ts';
import { floorTo, formatInstant } from './instants.ts';
import { beginningOf, intervalStart, type Resolution, resolutionOf, stepOf } from './points.ts';
import { clockOf, settingsOf, timeOf } from './runs.ts';
import { LISTING, limitOf, type ResolutionAdvance, type TargetFacts } from './target-facts.ts';

/** A collector does not request points this close to the end of the retention, by its own clock. */
const CLOCKS_APART = 2 * MINUTE;

/** How long Atlas Search without values is not read, by the design. */
const SEARCH_REST = 4 * HOUR;

/** Checks that a run that reports `complete` moved the watermark of each listed target to the settled time. */
export function checkComplete(facts: TargetFacts, run: RunRecord): void {
  if (run.result?.outcome !== 'complete' || run.finishedAt === undefined) return;
  const { advances, isListed, history } = facts.observed;
  // Runs list databases and disks once an hour, by their own clocks.
  const listing = LISTING + 2 * history.skew;
  if (![run.startedAt - listing, run.startedAt, run.finishedAt].every(isListed)) return;
  const last = advances.findLastIndex(({ at }) => at <= (run.finishedAt ?? 0));
  const advance = advances[last];
  const settled = settledTime(run, resolutionOf(settingsOf(run).granularity));
  if (advance && advance.to >= settled - restAfter(facts, advance)) return;
  // Runs wait for hours that Atlas does not give, while they read new points, also at a granularity that is set later.
  const isWaiting = (resolution: Resolution) =>
    advance !== undefined && advance.to < limitOf(resolution, clockOf(run)) + HOUR;
  const waits =
    advance && [advance.resolution, ...facts.spans(last).map(({ resolution }) => resolution)].some(isWaiting);
  const mayLackHours =
    history.coarseOutages.length > 0 || history.lateness.length > 0 || history.refuses !== 'nothing';
  if (waits && (mayLackHours || lacksAnHour(facts, advance.to, run))) return;
  facts.report(
    `the run of ${formatInstant(run.tick)} is complete, but the watermark is at ${advance && formatInstant(advance.to)}`,
  );
}

/** Returns how long a target may stay unread after a move: not at all if it has values in the time that was read last. */
function restAfter({ observed }: TargetFacts, advance: ResolutionAdvance): number {
  const { frontFrom, frontTo, resolution, run, at } = advance;
  const { target, points, history } = observed;
  if (!target.search) return 0;
  // Atlas may have shown none of the hours.
  if (resolution.interval >= HOUR && history.coarseOutages.length > 0) return SEARCH_REST;
  const isRead = ({ timestamp, value, visibleFrom, visibleUntil }: SettledPoint) =>
    beginningOf(resolution, timestamp) < frontTo &&
    value !== null &&
    visibleFrom <= run.startedAt &&
    visibleUntil >= at;
  const from = Math.max(frontFrom, frontTo - SEARCH_REST + 1);
  return points.between(resolution, from, frontTo).some(isRead) ? 0 : SEARCH_REST;
}

/**
 * Returns whether Atlas has no value for one of the hours between a watermark and the finer points. The hour in which a
 * database was created may have none, though it has finer points.
 */
function lacksAnHour({ observed }: TargetFacts, watermark: number, run: RunRecord): boolean {
  const hours = resolutionOf('PT1H');
  const end = limitOf(resolutionOf(settingsOf(run).granularity), clockOf(run));
  const given = new Set(
    observed.points
      .between(hours, floorTo(watermark, HOUR) - HOUR, end + HOUR)
      .filter(({ value, visibleFrom }) => value !== null && visibleFrom <= run.startedAt)
      .map(({ timestamp }) => intervalStart(hours, timestamp)),
  );
  for (let hour = floorTo(watermark, HOUR); hour < end; hour += HOUR) if (!given.has(hour)) return true;
  return false;
}

/** Checks that a final check reads everything once more shortly before Atlas deletes it. */
export function checkFinalCheck(facts: TargetFacts, run: RunRecord): void {
  if (run.result?.outcome !== 'complete' || run.finishedAt === undefined) return;
  const { advances, points } = facts.observed;
  const index = advances.findLastIndex(({ at }) => at <= (run.finishedAt ?? 0));
  const advance = advances[index];
  if (!advance || !facts.observed.isListed(run.startedAt)) return;
  for (const { resolution, ...span } of facts.spans(index)) {
    if (resolution.retention > 2 * DAY) continue;
    const oldest = clockOf(run) - resolution.retention;
    const from = Math.max(oldest + CLOCKS_APART + 2 * MINUTE + resolution.interval, span.from);
    const to = Math.min(oldest + 30 * MINUTE, span.to, advance.to);
    for (const point of points.between(resolution, from, to)) {
      const { value, timestamp, visibleFrom, visibleUntil } = point;
      if (
        value === null ||
        visibleUntil < run.finishedAt ||
        visibleFrom > timestamp + resolution.retention - 7 * HOUR
      )
        continue;
      if (!facts.isAlwaysCollected(point)) continue;
      facts.expectPoint(point, resolution, `the last final check was the run of ${formatInstant(run.tick)}`);
    }
  }
}

function settledTime(run: RunRecord, resolution: Resolution): number {
  return floorTo(timeOf(run) - settingsOf(run).settle, stepOf(resolution));
}
