import type { AtlasClient, Remarks } from '../atlas/api.ts';
import type { Clock } from '../clock.ts';
import type { CredentialName } from '../credential-name.ts';
import type { CursorStore } from '../cursors/cursor-store.ts';
import type { Document } from '../cursors/document.ts';
import { Lease } from '../cursors/lease.ts';
import { SECOND } from '../durations.ts';
import type { Subject } from '../ids.ts';
import { CommitLog } from '../lake/commit-log.ts';
import type { Compression } from '../lake/compression.ts';
import { dayOfKey } from '../lake/keys.ts';
import type { ObjectStore } from '../lake/object-store.ts';
import type { Redactor } from '../lake/redaction.ts';
import type { TableRows } from '../lake/table.ts';
import { BatchWriter } from './batch-writer.ts';
import type { ClusterSelection } from './cluster-selection.ts';
import type { Collector, Dataset, StateCodec, TargetState } from './dataset.ts';
import { discover } from './discovery.ts';
import { startClock } from './run-clock.ts';
import type { CollectedWork, RunProgress, RunResult } from './run-result.ts';
import {
  added,
  type LastRun,
  parseRunStatistics,
  type RunStatistics,
  reported,
  reportIsDue,
} from './run-statistics.ts';
import type { DatasetSettings } from './settings.ts';
import { collectionRuns } from './tables.ts';
import { TargetLoop } from './target-loop.ts';
import { findVanished, noteAbsence, refusingSession } from './vanished.ts';

export interface RunRequest {
  subject: Subject;
  /** The credential that `RunContext.atlas` uses. */
  credential: CredentialName;
  /** When the run was due, ms since the epoch. */
  tick: number;
  /** Number of runs of the same tick before this one. */
  continuation: number;
  /** The first tick that missed the subject in Atlas's list, ms; null while it is listed. */
  unlistedSince: number | null;
  /** When the invocation is ended from outside, clock time. */
  deadline: number;
}

/** The dependencies of a run. */
export interface RunContext {
  dataset: Dataset;
  settings: DatasetSettings;
  /** The clusters to collect; null for all. */
  clusters: ClusterSelection | null;
  atlas: AtlasClient;
  cursors: CursorStore;
  lake: ObjectStore;
  redactor: Redactor;
  compression: Compression;
  clock: Clock;
  /** Returns a new id for the run. */
  newId(): string;
  /** The holder of the lease is known to be dead. */
  breakLease: boolean;
  onProgress(progress: RunProgress): void;
}

/** How long the lease outlives the function. By then, everything that a dead run has sent has arrived. */
export const LEASE_BEYOND_DEADLINE = 60 * SECOND;

/** Maximum share of the remaining time for lists of targets. The rest is for reading what they name. */
const LISTING_SHARE = 0.5;

/** Share of the remaining time kept for the last commit: a quarter, at most 30 seconds. */
const COMMIT_SHARE = 0.25;
const COMMIT_TIME = 30 * SECOND;

/**
 * Runs one collection of a subject: acquires the lease, finds the targets, reads missing data, targets that
 * are furthest behind first, and commits it. Errors of Atlas become part of the result. It throws for errors
 * of DynamoDB or S3, and for bugs.
 */
export function runDataset(request: RunRequest, context: RunContext): Promise<RunResult> {
  const { dataset, settings } = context;
  return dataset.withCollector(settings, request.subject, (collector, codec) =>
    run(request, context, collector, codec),
  );
}

async function run<State extends TargetState>(
  request: RunRequest,
  context: RunContext,
  collector: Collector<State>,
  codec: StateCodec<State>,
): Promise<RunResult> {
  const { clock, dataset } = context;
  const deadline = request.deadline - Math.min(COMMIT_TIME, (request.deadline - clock.now()) * COMMIT_SHARE);
  const session = context.atlas.session({ deadline });
  const { time, ahead, unreachable } = await startClock(session, clock, request.tick);
  const startedAt = time.now;
  const { subject } = request;
  const about = { dataset: dataset.name, subject };
  const partition = { dataset: dataset.name, subject: subject.id };
  const leaseRequest = {
    run: context.newId(),
    now: startedAt,
    leaseUntil: request.deadline - ahead + LEASE_BEYOND_DEADLINE,
    breakLease: context.breakLease,
    stateVersion: codec.stateVersion,
    withEmptied,
    withRecovered,
  };
  const log = new CommitLog(context.lake);
  const acquisition = await Lease.acquire(context.cursors, log, partition, leaseRequest);
  if (acquisition.kind === 'held')
    return { ...about, tick: request.tick, outcome: 'held', leaseUntil: acquisition.leaseUntil };
  const { lease } = acquisition;
  const vanished =
    request.unlistedSince === null || unreachable !== null
      ? null
      : await findVanished(session, subject, request.unlistedSince);
  const atlas = vanished ? refusingSession(session, vanished.refusal) : session;
  const statistics = withRun(parseRunStatistics(lease.statistics), request);
  const tools = { ...context, log, run: leaseRequest.run, now: () => atlas.now() };
  const batch = new BatchWriter(codec, lease, tools, statistics);
  if (request.unlistedSince !== null) noteAbsence(atlas, statistics, request.unlistedSince, time, vanished);
  const listingEnd = clock.now() + (deadline - clock.now()) * LISTING_SHARE;
  const mayList = () => clock.now() < listingEnd;
  // Lists of many targets can use up all requests of each run. So every other run of a tick spends them on what is known.
  const readsFirst = request.continuation % 2 === 1;
  const discovered = await discover(
    {
      ...{ collector, codec, atlas, subject, time, vanished, unreachable, readsFirst, mayList },
      clusters: context.clusters,
    },
    await lease.readCursors(),
  );
  const loop = new TargetLoop({
    ...about,
    collector,
    atlas,
    batch,
    clock,
    time,
    deadline,
    isVanished: vanished !== null,
    isContinuation: request.continuation > 0,
    onProgress: context.onProgress,
  });
  for (const [cursor, items] of discovered.changed) await batch.keep(cursor, items);
  const work = withUnreadable(await loop.collect(discovered), atlas.remarks);

  const last: LastRun = {
    tick: request.tick,
    is_first: request.continuation === 0 && statistics.last_run?.tick !== request.tick,
    started_at: startedAt,
    finished_at: atlas.now(),
    outcome: work.outcome,
    targets: work.targets,
    failed_targets: work.failures.length,
    lag_seconds: work.lagSeconds,
  };
  const final = await batch.finish((committed) => {
    const totals = added(committed.totals, {
      requests: atlas.traffic.requests,
      throttled: atlas.traffic.throttled,
      notes: [...atlas.remarks.notes],
    });
    return closed({ ...committed, totals }, last, { ...about, lagSeconds: work.lagSeconds });
  });
  return {
    ...about,
    tick: request.tick,
    continuation: request.continuation,
    startedAt,
    finishedAt: last.finished_at,
    ...work,
    warnings: [...work.warnings, ...atlas.remarks.notes],
    ...batch.committed,
    sequence: lease.sequence,
    recovered: lease.recovered,
    requests: atlas.traffic.requests,
    throttled: atlas.traffic.throttled,
    unreadableItems: atlas.remarks.unreadableItems,
    gaps: final.gaps - statistics.gaps,
  };
}

/** Returns the work, with the outcome `partial` if items were skipped and the run did not fail. */
function withUnreadable(work: CollectedWork, { unreadableItems }: Readonly<Remarks>): CollectedWork {
  return unreadableItems > 0 && work.outcome !== 'failed' ? { ...work, outcome: 'partial' } : work;
}

/** Returns the statistics with this run counted. */
function withRun(statistics: RunStatistics, { subject, credential }: RunRequest): RunStatistics {
  const collected = { unit: subject.kind, credential };
  return { ...statistics, collected, totals: added(statistics.totals, { runs: 1 }) };
}

/**
 * Adds the days of objects that were emptied for a dead run, and a note about those that could not be. The
 * next report contains them.
 */
export function withEmptied(
  stored: Document,
  keys: readonly string[],
  foreign: readonly string[],
): RunStatistics {
  const statistics = parseRunStatistics(stored);
  const days = keys.map(dayOfKey).filter((day) => day !== undefined);
  const notes =
    foreign.length > 0
      ? [`${foreign.length} announced objects hold what this table knows nothing of, and were left alone`]
      : [];
  return { ...statistics, totals: added(statistics.totals, { notes }, days) };
}

/** Adds a note that the cursor table was behind the lake. */
export function withRecovered(stored: Document, commits: number): RunStatistics {
  const statistics = parseRunStatistics(stored);
  const note = `the cursor table was behind the lake: ${commits} commits were taken from the lake's records`;
  return { ...statistics, totals: added(statistics.totals, { notes: [note] }) };
}

/** Returns the statistics at the end of a run, and the row of `collection_runs` if one is due. */
function closed(
  statistics: RunStatistics,
  last: LastRun,
  about: { subject: Subject; dataset: string; lagSeconds: number },
): { statistics: RunStatistics; tables: readonly TableRows[] } {
  const after = { ...statistics, last_run: last };
  if (!reportIsDue(statistics, last)) return { statistics: after, tables: [] };
  const report = reported(after, last, about);
  return { statistics: report.statistics, tables: [{ table: collectionRuns, rows: [report.row] }] };
}
