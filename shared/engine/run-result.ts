import type { Subject } from '../ids.ts';
import type { ListedClusters } from './cluster-selection.ts';
import type { Measure } from './dataset.ts';
import type { Resume } from './errors.ts';
import type { RunOutcome } from './run-statistics.ts';

/** The result of a run. */
export type RunResult = HeldRun | FinishedRun;

/** Another run holds the lease, so there was nothing to do. */
export interface HeldRun {
  dataset: string;
  subject: Subject;
  tick: number;
  outcome: 'held';
  /** When the lease expires, clock time. */
  leaseUntil: number;
}

export interface FinishedRun extends CollectedWork {
  dataset: string;
  subject: Subject;
  tick: number;
  /** Number of runs of the same tick before this one. */
  continuation: number;
  /** Clock times, ms. */
  startedAt: number;
  finishedAt: number;
  /** Rows committed, without rows of `collection_runs`. */
  rows: number;
  /** Compressed size of the objects that hold them. */
  bytes: number;
  gaps: number;
  requests: number;
  throttled: number;
  /**
   * Items of Atlas's lists that were skipped because they were unreadable, so something was not collected.
   */
  unreadableItems: number;
  /** The header's sequence at the end of the run. */
  sequence: number;
  /** Commits that the run took from the lake's records because a restored cursor table lacked them. */
  recovered: number;
}

/** The result of collecting the targets. */
export interface CollectedWork {
  outcome: RunOutcome;
  /** Number of targets of the run, without dormant ones. */
  targets: number;
  failures: readonly TargetFailure[];
  /** Number of targets with work left and of lists that were not read. Failed targets do not count. */
  remaining: number;
  /** When the remaining work can continue. It is the next tick if there is none, or if continuing now is useless. */
  resume: Resume;
  /**
   * How far the target that is furthest behind is behind the run; negative if all targets are ahead of it.
   */
  lagSeconds: number;
  warnings: readonly string[];
  measures: readonly Measure[];
  /** The clusters of what Atlas lists, by whether the configuration selects them. */
  clusters: ListedClusters;
}

export interface TargetFailure {
  /** Contains names from Atlas: for people, not for logs. */
  target: string;
  error: Error;
}

/** The progress of a run, for people who watch it. */
export interface RunProgress {
  dataset: string;
  subject: Subject;
  targets: number;
  /** Targets with nothing left to read in this run. */
  done: number;
  rows: number;
  requests: number;
}
