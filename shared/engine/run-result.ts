import type { Subject } from '../ids.ts';
import type { Measure } from './dataset.ts';
import type { RunOutcome } from './run-statistics.ts';

/** What a run tells its caller. */
export type RunResult = HeldRun | FinishedRun;

/** Another run holds the lease: there was nothing to do. */
export interface HeldRun {
  dataset: string;
  subject: Subject;
  tick: number;
  outcome: 'held';
  /** When the lease runs out, clock time. */
  leaseUntil: number;
}

export interface FinishedRun extends CollectedWork {
  dataset: string;
  subject: Subject;
  tick: number;
  /** Clock times, ms. */
  startedAt: number;
  finishedAt: number;
  /** Rows committed, rows of `collection_runs` not counted. */
  rows: number;
  /** Compressed size of the objects that hold them. */
  bytes: number;
  gaps: number;
  requests: number;
  throttled: number;
  /** Items of Atlas's lists that were skipped because they could not be read: something was not collected. */
  unreadableItems: number;
  /** The header's sequence at the end of the run. */
  sequence: number;
  /** Commits that the cursor table lacked and the run took from the lake's records: the table had been restored. */
  recovered: number;
}

/** What became of the targets. */
export interface CollectedWork {
  outcome: RunOutcome;
  /** Targets that the run had to look after. */
  targets: number;
  failures: readonly TargetFailure[];
  /** Targets with work left, failed ones not counted. */
  remaining: number;
  /** When the work that is left can go on, clock time; null when there is none, or nothing would come of it now. */
  continueAt: number | null;
  /** How far the target that is furthest behind is behind the run; below zero where all of them are ahead of it. */
  lagSeconds: number;
  warnings: readonly string[];
  measures: readonly Measure[];
}

export interface TargetFailure {
  /** Names from Atlas: for people, not for logs. */
  target: string;
  error: Error;
}

/** How far a run has come, for people who watch it. */
export interface RunProgress {
  dataset: string;
  subject: Subject;
  targets: number;
  rows: number;
  requests: number;
}
