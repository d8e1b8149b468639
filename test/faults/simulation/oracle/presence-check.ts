import { DAY, HOUR } from '../../../../shared/durations.ts';
import { minuteOf } from '../history.ts';
import { measurementOf } from '../organisation.ts';
import { isHeldBack, settledBy } from './advance-check.ts';
import { floorTo, formatInstant } from './instants.ts';
import { stepOf } from './points.ts';
import { clockOf, settingsOf, timeOf } from './runs.ts';
import { LISTING, LOOKBACK, limitOf, MARGIN, type TargetFacts } from './target-facts.ts';

/** Checks that the earlier values of a series that appears beside others are there. */
export function checkAppearances(facts: TargetFacts): void {
  const { history, advances, runs, points } = facts.observed;
  for (const rule of history.lateness) {
    if (rule.kind !== 'appears') continue;
    const seen = advances.findIndex(
      ({ run, start, to }, index) => index > 0 && to > start && run.startedAt >= minuteOf(rule.at),
    );
    const advance = advances[seen];
    const before = advances[seen - 1];
    if (!advance || !before) continue;
    const held = facts.spans(seen).filter(({ resolution }) => resolution.retention <= 2 * DAY);
    const [oldestSpan] = held;
    if (!oldestSpan || facts.resolutionAt(seen, advance.start).retention > 2 * DAY) continue;
    // A series that was there in the run before did not appear. It lags.
    if (before.run.startedAt >= minuteOf(rule.at)) continue;
    const run = runs.find(
      ({ startedAt, result }) => startedAt >= advance.run.startedAt && result?.outcome === 'complete',
    );
    if (run?.finishedAt === undefined || run.startedAt > advance.at + HOUR) continue;
    const now = clockOf(run);
    const from = now - oldestSpan.resolution.retention + MARGIN;
    // The other series must have had values that the state still remembers.
    if (
      before.to - oldestSpan.from < HOUR ||
      advance.to - before.to > Math.min(DAY, advance.resolution.retention / 2)
    )
      continue;
    const own = held.flatMap(({ resolution, ...span }) =>
      points
        .between(resolution, span.from, Math.min(span.to, advance.to))
        .filter(
          ({ measurement, value, visibleFrom }) =>
            measurement === measurementOf(history, rule) &&
            value !== null &&
            visibleFrom <= advance.run.startedAt,
        )
        .map((point) => ({ point, resolution })),
    );
    // A series appears when the window has values of it. A removed target may have none there.
    if (!own.some(({ point }) => point.timestamp >= advance.start - LOOKBACK)) continue;
    for (const { point, resolution } of own) {
      if (point.timestamp < from || point.visibleUntil < run.finishedAt) continue;
      if (!facts.isAlwaysCollected(point)) continue;
      // A later run finds it in the hour before.
      if (point.timestamp + resolution.interval > settledBy(advance.run)) continue;
      if (isHeldBack(facts, point, resolution, advance.run)) continue;
      facts.expectPoint(
        point,
        resolution,
        `its series appeared before the run of ${formatInstant(run.tick)}`,
      );
    }
  }
}

/**
 * Checks that a removed target is read while Atlas may have its data, counted from the first run that missed it. The
 * rest becomes a gap.
 */
export function checkRemovedTarget(facts: TargetFacts): void {
  const { history, runs, advances, isListed } = facts.observed;
  const complete = runs.filter(({ result }) => result?.outcome === 'complete');
  const seen = complete.findLast(({ startedAt }) => [startedAt - LISTING, startedAt].every(isListed));
  const last = complete.at(-1);
  const advance = advances.at(-1);
  if (!seen || !last || !advance || isListed(last.startedAt)) return;
  const interval = stepOf(advance.resolution);
  // A substitute is read while Atlas has it.
  const retention = Math.max(advance.resolution.retention, 2 * DAY);
  // Lists are at most an hour old. The run that missed the target is this one, which may have crashed after its commit,
  // or one in the next hour.
  const first = runs.find(({ startedAt }) => startedAt > seen.startedAt && !isListed(startedAt));
  const missed = complete.find(({ startedAt }) => startedAt >= (first?.startedAt ?? 0) + LISTING);
  if (!first || !missed || clockOf(last) <= clockOf(missed) + retention) return;
  // The clock of the run or dispatcher that missed it may have been behind.
  if (advance.to < floorTo(first.startedAt - history.skew, interval)) {
    facts.report(
      `missed since ${formatInstant(first.startedAt)}, its watermark stays at ${formatInstant(advance.to)} without a gap`,
    );
  }
}

/** Checks that runs read the earlier data of a process without data while Atlas has it. */
export function checkSilentProcess(facts: TargetFacts): void {
  const { history, runs, advances, wasSilent, isListed } = facts.observed;
  const first = runs.findIndex(({ startedAt }) => wasSilent(startedAt));
  const began = runs[first];
  if (!began || first === 0 || !isListed(runs[first - 1]?.startedAt ?? 0)) return;
  const answers = !history.absences.some(({ kind }) => kind === 'host-not-found');
  for (const run of runs.slice(first)) {
    const { startedAt, finishedAt, result } = run;
    // Atlas may refuse the data of a process that it no longer lists. Another check concerns those.
    if (!wasSilent(startedAt) || !isListed(startedAt) || !answers) return;
    if (result?.outcome !== 'complete' || finishedAt === undefined) continue;
    if (startedAt > began.startedAt + 47 * HOUR) return;
    const place = advances.findLastIndex(({ at }) => at <= finishedAt);
    const advance = advances[place];
    // The data that it had when it first was without data, if that data has settled now.
    if (!advance) return;
    const interval = stepOf(facts.resolutionAt(place, advance.to));
    const due = Math.min(clockOf(began), timeOf(run) - settingsOf(run).settle);
    if (advance.to >= floorTo(due, interval) || advance.to < limitOf(advance.resolution, clockOf(run)) + HOUR)
      continue;
    facts.report(
      `without data since ${formatInstant(began.startedAt)}, its watermark is at ${formatInstant(advance.to)} after ${formatInstant(run.tick)}`,
    );
    return;
  }
}
