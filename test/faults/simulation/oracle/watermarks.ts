import { HOUR } from '../../../../shared/durations.ts';
import type { RunRecord } from '../world.ts';
import { type CommittedRow, endOf } from './lake.ts';
import { floorTo } from './points.ts';
import { clockOf, type Stride, settingsOf, time, timeOf } from './strides.ts';

/** How a target's watermark moved, beside what moved it. */
export interface Watermarks {
  runs: readonly RunRecord[];
  strides: readonly Stride[];
  gaps: readonly CommittedRow[];
  /** Whether Atlas lists the target at an instant. */
  isListed(instant: number): boolean;
}

/** How finely watermarks are counted, and for how long Atlas is taken to hold what is listed no more; ms. */
interface Holding {
  granule: number;
  retention: number;
}

/** Checks what holds of the watermarks of every target that is read window by window. */
export function checkMarks(watermarks: Watermarks, holding: Holding): string[] {
  return [
    ...marksAreInOrder(watermarks, holding),
    ...watermarks.runs.flatMap((run) => isComplete(watermarks, run, holding)),
    ...whatIsGoneIsAGap(watermarks, holding),
  ];
}

/** A watermark never goes back, never leaves anything out, and never goes beyond what has settled. */
function marksAreInOrder({ strides, gaps }: Watermarks, holding: Holding): string[] {
  const violations: string[] = [];
  for (const { from, to, start, run, previous } of strides) {
    if (from !== previous?.to) violations.push(`a watermark at ${previous?.to} that was ${from} then`);
    if (to < start) violations.push(`a watermark that went back from ${time(start)} to ${time(to)}`);
    const settled = settledTime(run, holding);
    if (to > start && to > settled && !gaps.some((gap) => endOf(gap) === to))
      violations.push(`a watermark at ${time(to)} beyond ${time(settled)}`);
  }
  return violations;
}

/** A run that calls itself complete has brought the watermark of what is listed to the settled time. */
function isComplete({ strides, isListed }: Watermarks, run: RunRecord, holding: Holding): string[] {
  const { finishedAt, result, startedAt } = run;
  if (result?.outcome !== 'complete' || finishedAt === undefined) return [];
  if (![startedAt, finishedAt].every(isListed)) return [];
  const stride = strides.findLast(({ at }) => at <= finishedAt);
  if (stride && stride.to >= settledTime(run, holding)) return [];
  return [`the run of ${time(run.tick)} is complete, and the watermark at ${stride && time(stride.to)}`];
}

/** What is listed no more is asked for as long as Atlas may have something of it; then, the rest is a gap. */
function whatIsGoneIsAGap(
  { runs, strides, isListed }: Watermarks,
  { granule, retention }: Holding,
): string[] {
  const complete = runs.filter(({ result }) => result?.outcome === 'complete');
  const last = complete.at(-1);
  const seen = runs.findLast(({ startedAt }) => isListed(startedAt));
  const stride = strides.at(-1);
  if (!seen || !last || !stride || isListed(last.startedAt)) return [];
  const first = runs.find(({ startedAt }) => startedAt > seen.startedAt);
  const missed = complete.find(({ startedAt }) => startedAt > seen.startedAt);
  if (!first || !missed || clockOf(last) <= clockOf(missed) + retention + HOUR) return [];
  if (stride.to >= floorTo(clockOf(first), granule)) return [];
  return [
    `missed since ${time(first.startedAt)}, its watermark rests at ${time(stride.to)}, and there is no gap`,
  ];
}

function settledTime(run: RunRecord, { granule }: Holding): number {
  return floorTo(timeOf(run) - settingsOf(run).settle, granule);
}
