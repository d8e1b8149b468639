import { HOUR, MINUTE } from '../../../../shared/durations.ts';
import type { RunRecord } from '../world.ts';
import type { Advance } from './advances.ts';
import { floorTo, formatInstant } from './instants.ts';
import { type CommittedRow, endOf } from './lake.ts';
import { clockOf, settingsOf, timeOf } from './runs.ts';

/** The moves of a target's watermark, and the runs and gaps that explain them. */
export interface Watermarks {
  runs: readonly RunRecord[];
  advances: readonly Advance[];
  gaps: readonly CommittedRow[];
  /** Returns whether Atlas lists the target at an instant. */
  isListed(instant: number): boolean;
}

/** The unit of watermarks, and how long Atlas counts as keeping the data of a removed target. In ms. */
interface TargetKind {
  interval: number;
  retention: number;
}

/** Checks the watermarks of a target that runs read window by window. */
export function checkWatermarks(watermarks: Watermarks, kind: TargetKind): string[] {
  return [
    ...checkOrder(watermarks, kind),
    ...watermarks.runs.flatMap((run) => checkComplete(watermarks, run, kind)),
    ...checkRemovedTarget(watermarks, kind),
  ];
}

/** Checks that a watermark never moves back, skips nothing, and never passes the settled time. */
function checkOrder({ advances, gaps }: Watermarks, kind: TargetKind): string[] {
  const violations: string[] = [];
  for (const { from, to, start, run, previous } of advances) {
    if (from !== previous?.to)
      violations.push(`a watermark at ${previous?.to} whose next move starts at ${from}`);
    if (to < start)
      violations.push(`a watermark that moved back from ${formatInstant(start)} to ${formatInstant(to)}`);
    const settled = settledTime(run, kind);
    if (to > start && to > settled && !gaps.some((gap) => endOf(gap) === to))
      violations.push(`a watermark at ${formatInstant(to)} beyond ${formatInstant(settled)}`);
  }
  return violations;
}

/** Checks that a run that reports `complete` moved the watermark of each listed target to the settled time. */
function checkComplete({ advances, isListed }: Watermarks, run: RunRecord, kind: TargetKind): string[] {
  const { finishedAt, result, startedAt } = run;
  if (result?.outcome !== 'complete' || finishedAt === undefined) return [];
  if (![startedAt, finishedAt].every(isListed)) return [];
  const advance = advances.findLast(({ at }) => at <= finishedAt);
  if (advance && advance.to >= settledTime(run, kind)) return [];
  return [
    `the run of ${formatInstant(run.tick)} is complete, but the watermark is at ${advance && formatInstant(advance.to)}`,
  ];
}

/** Checks that a removed target is read while Atlas may have its data, and that the rest becomes a gap. */
export function checkRemovedTarget(
  { runs, advances, isListed }: Watermarks,
  { interval, retention }: TargetKind,
): string[] {
  const complete = runs.filter(({ result }) => result?.outcome === 'complete');
  const last = complete.at(-1);
  const seen = runs.findLast(({ startedAt }) => isListed(startedAt));
  const advance = advances.at(-1);
  if (!seen || !last || !advance || isListed(last.startedAt)) return [];
  const first = runs.find(({ startedAt }) => startedAt > seen.startedAt);
  const missed = complete.find(({ startedAt }) => startedAt > seen.startedAt);
  if (!first || !missed || clockOf(last) <= clockOf(missed) + retention + HOUR) return [];
  // The dispatcher that missed it ran just before, and its clock may have been behind.
  if (advance.to >= floorTo(clockOf(first) - 2 * MINUTE, interval)) return [];
  return [
    `missed since ${formatInstant(first.startedAt)}, its watermark stays at ${formatInstant(advance.to)} without a gap`,
  ];
}

function settledTime(run: RunRecord, { interval }: TargetKind): number {
  return floorTo(timeOf(run) - settingsOf(run).settle, interval);
}
