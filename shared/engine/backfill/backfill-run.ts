import { Lease } from '../../cursors/lease.ts';
import { SECOND } from '../../durations.ts';
import type { Subject } from '../../ids.ts';
import { CommitLog } from '../../lake/commit-log.ts';
import { BatchWriter } from '../batch-writer.ts';
import { selected } from '../cluster-selection.ts';
import type { Target } from '../cursor.ts';
import { decodeCursors } from '../cursor-codec.ts';
import type { StateCodec, TargetState } from '../dataset.ts';
import { isRefusal } from '../errors.ts';
import { isDormant } from '../listing.ts';
import { LEASE_BEYOND_DEADLINE, type RunContext, withEmptied, withRecovered } from '../run.ts';
import { startClock } from '../run-clock.ts';
import type { CollectedWork } from '../run-result.ts';
import { added, parseRunStatistics } from '../run-statistics.ts';
import { TargetLoop } from '../target-loop.ts';
import { readGaps } from './recorded-gaps.ts';
import type { Rereader } from './rereader.ts';
import type { Rereading } from './rereading.ts';
import { unlessStopped } from './stopping.ts';

/** The dependencies of a run of a backfill. */
export interface RunTools extends Omit<RunContext, 'settings' | 'clusters'> {
  /** Stops the backfill: what was read is committed. */
  signal: AbortSignal;
}

/** What one run of a backfill reads, and how. */
export interface RunWork<State extends TargetState> {
  subject: Subject;
  codec: StateCodec<State>;
  rereading: Rereading<State>;
  rereader: Rereader<State>;
  /** Reads what the lake has. Called under the lease, when nothing is uncommitted. */
  readLake(): Promise<void>;
  /** How the ids of the runs begin. */
  runPrefix: string;
  /** The note of the next row of `collection_runs`, if this run writes rows. */
  note: string;
  /** Clock time, ms. */
  deadline: number;
}

/** The result of one run of a backfill. */
export type BackfillRun =
  | { kind: 'held'; leaseUntil: number }
  | { kind: 'done'; work: CollectedWork; requests: number };

/** Time kept for the last commit. */
const COMMIT_TIME = 30 * SECOND;

/** The configuration does not fit what was collected. A backfill would write the same values in another form. */
export class ConfigurationMismatchError extends Error {
  override readonly name = 'ConfigurationMismatchError';
}

/**
 * Runs one part of a backfill under the lease of the dataset and subject, so that no other run writes meanwhile. Commits
 * rows with the cursors that know them, as every run does.
 * @throws {ConfigurationMismatchError}
 */
export async function runBackfill<State extends TargetState>(
  { subject, codec, rereading, rereader, readLake, runPrefix, note, deadline }: RunWork<State>,
  { dataset, cursors, lake, clock, ...tools }: RunTools,
): Promise<BackfillRun> {
  const atlas = tools.atlas.session({ deadline: deadline - COMMIT_TIME });
  const { time, ahead, unreachable } = await startClock(atlas, clock, clock.now());
  if (unreachable) throw unreachable;
  const scope = { dataset: dataset.name, subject: subject.id };
  const run = `${runPrefix}${tools.newId()}`;
  const log = new CommitLog(lake);
  const acquisition = await Lease.acquire(cursors, log, scope, {
    run,
    now: time.now,
    leaseUntil: deadline - ahead + LEASE_BEYOND_DEADLINE,
    breakLease: tools.breakLease,
    stateVersion: codec.stateVersion,
    withEmptied,
    withRecovered,
  });
  if (acquisition.kind === 'held') return acquisition;
  const { lease } = acquisition;
  const statistics = parseRunStatistics(lease.statistics);
  const batch = new BatchWriter(
    codec,
    lease,
    { ...tools, lake, log, run, now: () => atlas.now() },
    statistics,
  );
  const all = decodeCursors(codec, await lease.readCursors());
  const known = selected(all);
  const targets = [...known.values()].flatMap((cursor) => [...cursor.targets.values()]);
  const read = async () => {
    await unlessStopped(tools.signal, readLake());
    tools.signal.throwIfAborted();
    rereader.gaps = statistics.gaps > 0 ? await readGaps(lake, scope) : [];
  };
  const problem = mismatchOf(targets, rereading) ?? (await failureOf(read));
  let work: CollectedWork | null = null;
  if (problem === null) {
    rereader.isSelective = [...all].some(([id, { targets: its }]) => !known.has(id) && its.size > 0);
    const loop = new TargetLoop({
      ...{ dataset: dataset.name, subject, collector: rereader.collector, atlas, batch, clock, time },
      deadline: deadline - COMMIT_TIME,
      isVanished: false,
      isContinuation: false,
      onProgress: (progress) => tools.onProgress({ ...progress, done: rereader.finished }),
    });
    work = await loop.collect({
      ...{ targets, changed: new Map(), failures: [], listings: 0, unread: 0, stop: null, wait: null },
      isPostponed: false,
      clusters: { selected: [], deselected: [] },
    });
  }
  // A backfill is no run of a tick, so the last run stays. The next one reports what was written.
  await batch.finish((committed) => {
    const { requests, throttled } = atlas.traffic;
    const notes = batch.committed.rows + committed.totals.rows > statistics.totals.rows ? [note] : [];
    return {
      statistics: { ...committed, totals: added(committed.totals, { requests, throttled, notes }) },
      tables: [],
    };
  });
  if (work === null) throw problem;
  const refusal = work.failures.find(({ error }) => isRefusal(error));
  if (refusal) throw refusal.error;
  return { kind: 'done', work, requests: atlas.traffic.requests };
}

/** Returns why the configuration does not fit the targets that the collector still reads; null if it does. */
export function mismatchOf<State extends TargetState>(
  targets: ReadonlyArray<Pick<Target<State>, 'state' | 'missingSince' | 'missingDays'>>,
  { mismatch }: Pick<Rereading<State>, 'mismatch'>,
): ConfigurationMismatchError | null {
  for (const target of targets) {
    if (target.missingSince !== null || isDormant(target)) continue;
    const reason = mismatch?.(target.state) ?? null;
    if (reason !== null) return new ConfigurationMismatchError(reason);
  }
  return null;
}

/** Returns the error of work; null if it succeeds. */
async function failureOf(work: () => Promise<void>): Promise<unknown> {
  try {
    await work();
    return null;
  } catch (error) {
    return error;
  }
}
