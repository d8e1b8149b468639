import type { RunOutcome } from '../../shared/engine/run-statistics.ts';
import type { ClusterFacts } from '../cluster-verdicts.ts';
import type { LastCollect } from '../last-collect.ts';
import type { SubjectNames } from '../subject-names.ts';

/** What is known of one dataset of one project or organisation. All instants in ms since the epoch. */
export interface DatasetFacts {
  dataset: string;
  subject: string;
  /** Null if no run has ended yet. */
  lastRun: { startedAt: number; outcome: RunOutcome; failedTargets: number } | null;
  /** How long ago later runs may have started that nothing here shows, ms: those without a row in `collection_runs`. */
  hiddenFor: number;
  /** Null if Atlas lists no target that could be behind. */
  collectedUpTo: number | null;
  /** Objects that a run announced, that are not committed, and that no run works on. */
  pending: number;
  /** When Atlas's list first lacked the subject; null while it is listed. */
  unlistedSince: number | null;
  clusters: ClusterFacts;
}

export interface GapFacts {
  dataset: string;
  subject: string;
  /** Of those that were found lately. */
  count: number;
  from: number;
  to: number;
}

/** Objects that a commit wrote and that are not there. */
export interface MissingFacts {
  table: string;
  day: string | null;
  count: number;
  example: string;
}

/** Everything that a check looks at. It judges nothing. */
export interface LakeFacts {
  datasets: readonly DatasetFacts[];
  lastCollect: LastCollect | null;
  gaps: readonly GapFacts[];
  /** Number of gaps that were found earlier. */
  olderGaps: number;
  missing: readonly MissingFacts[];
  duplicates: ReadonlyArray<{ table: string; day: string; rows: number }>;
  secrets: ReadonlyArray<{ owner: string; expiresAt: number }>;
  /** Whether the inventory has service accounts, without which no expiry is known. */
  hasServiceAccounts: boolean;
  /** The names of projects and organisations, as far as the inventory knows them. */
  names: SubjectNames;
  /** What was not checked, one line each. */
  unchecked: readonly string[];
  /** What could not be read, one line each. */
  unreadable: readonly string[];
}
