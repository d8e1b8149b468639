import { LeaseLostError } from '../../cursors/lease.ts';
import { DAY, floorTo, MINUTE, SECOND } from '../../durations.ts';
import type { Subject } from '../../ids.ts';
import { hasErasures } from '../../lake/erasure-notes.ts';
import { utcDay } from '../../lake/format.ts';
import { KnownRows } from '../../lake/known-rows.ts';
import { ObjectExistsError } from '../../lake/object-store.ts';
import { goneObjects, noteReplacement, replacedObjects } from '../../lake/replacements.ts';
import { rowEncoder } from '../../lake/row-encoder.ts';
import { storedRow } from '../../lake/stored-rows.ts';
import type { Collector, StateCodec, TargetState } from '../dataset.ts';
import type { TargetFailure } from '../run-result.ts';
import type { DatasetSettings } from '../settings.ts';
import { type BackfillRun, type RunTools, type RunWork, runBackfill } from './backfill-run.ts';
import { type Findings, noFindings, sum } from './findings.ts';
import { Rereader } from './rereader.ts';
import type { Period, Rereading } from './rereading.ts';

export interface BackfillRequest {
  subject: Subject;
  period: Period;
  /** Whether nothing is written. */
  isDryRun: boolean;
}

/** The dependencies of a backfill. */
export interface BackfillContext extends RunTools {
  settings: DatasetSettings;
  /** Called when a day begins. @param share the share of the days that is done */
  onDay(day: string, share: number): void;
  /** Called when nothing happens until an instant, clock time. */
  onWait(why: 'lease' | 'rate limit', until: number): void;
}

/** The result of a backfill of one subject. */
export interface BackfillResult {
  subject: Subject;
  findings: Findings;
  requests: number;
  failures: readonly TargetFailure[];
  /** Objects that were gone, and whose rows were read again. */
  replacedObjects: number;
}

/** How long one run holds the lease. The collector's runs take their turns in between. */
const RUN_TIME = 5 * MINUTE;

/** How often to look whether another run has released its lease. */
const LEASE_INTERVAL = 5 * SECOND;

/** How often the lease may be lost on one day. DynamoDB that does not answer looks the same. */
const MAX_LOST_LEASES = 5;

/** Maximum targets that are read at the same time, as in a run of the collector. */
const WIDTH = 6;

const ERASED = 'a person was erased from this day, whom Atlas may still show: it is not read again';

/** Atlas cannot return the data of the dataset again. */
export class NotRepeatableError extends Error {
  override readonly name = 'NotRepeatableError';
}

/**
 * Reads a period of a dataset and subject again, day by day, and writes the rows that the lake lacks. A backfill that
 * dies can be repeated: what it has written is in the lake then.
 *
 * @throws {NotRepeatableError}
 */
export function backfillSubject(request: BackfillRequest, context: BackfillContext): Promise<BackfillResult> {
  const { dataset, settings } = context;
  return dataset.withCollector(settings, request.subject, (collector, codec) => {
    if (!collector.rereading) throw new NotRepeatableError(`${dataset.name} cannot be read again`);
    return backfill(request, context, { collector, rereading: collector.rereading, codec });
  });
}

/** How the dataset is read. */
interface Reading<State extends TargetState> {
  collector: Collector<State>;
  rereading: Rereading<State>;
  codec: StateCodec<State>;
}

async function backfill<State extends TargetState>(
  { subject, period, isDryRun }: BackfillRequest,
  context: BackfillContext,
  { collector, rereading, codec }: Reading<State>,
): Promise<BackfillResult> {
  const { dataset, lake, redactor, clock, atlas } = context;
  const [table] = dataset.tables;
  const scope = { dataset: dataset.name, subject: subject.id };
  const encode = rowEncoder(table, redactor);
  const known = new KnownRows(lake, table, scope, rereading.marksOf);
  const days = daysOf(period);
  // Before anything is read, because an object that disappears later is not among the rows that the lake lacks.
  const gone = await goneObjects(lake, scope, table.name, days.map(dayOf));
  const { runPrefix } = gone;
  const whole = new Set<string>();
  let [findings, requests] = [noFindings(), 0];
  const failures: TargetFailure[] = [];
  for (const [index, day] of days.entries()) {
    context.onDay(dayOf(day), index / days.length);
    const near = [day.from - DAY, day.from, day.from + DAY].map(utcDay);
    if (await isErased(context, subject, near)) {
      findings = sum(findings, { ...noFindings(), losses: [{ target: subject.id, ...day, reason: ERASED }] });
      continue;
    }
    const begin = () =>
      new Rereader({
        ...{ rereading, table, scope, period: day, lake: known, isDryRun },
        width: collector.concurrency ?? WIDTH,
        stored: (row) => storedRow(encode(row)),
      });
    const readLake = () => known.read(near);
    const note = `a backfill of ${utcDay(period.from)} and later has written rows`;
    const read = await readDay(context, { subject, codec, rereading, readLake, runPrefix, note }, begin);
    const { failed } = read;
    requests += read.requests;
    failures.push(...failed);
    findings = sum(findings, read.findings);
    const isWhole =
      day.to - day.from === DAY &&
      failed.length === 0 &&
      isComplete(read.findings) &&
      read.findings.unproven === 0;
    if (isWhole) whole.add(dayOf(day));
  }
  const byDay = new Map([...gone.byDay].filter(([day, its]) => whole.has(day) && its.length > 0));
  // Only now, because a row of the first hour of a day can have a time of the day before.
  const replaced =
    isDryRun || byDay.size === 0
      ? []
      : [...(await replacedObjects(lake, scope, table.name, { byDay, runPrefix })).values()].flat();
  const now = atlas.session({ deadline: clock.now() }).now();
  for (const { key } of replaced) await noteReplacement(lake, key, now);
  return { subject, findings, requests, failures, replacedObjects: replaced.length };
}

/**
 * Reads one day in as many runs as it takes. If another run has taken the lease, the day is read from its start, because
 * the rows that were not committed are not in the lake.
 */
async function readDay<State extends TargetState>(
  context: BackfillContext,
  work: Omit<RunWork<State>, 'deadline' | 'rereader'>,
  begin: () => Rereader<State>,
): Promise<{ requests: number; failed: TargetFailure[]; findings: Findings }> {
  const { clock, onWait } = context;
  const failed: TargetFailure[] = [];
  let rereader = begin();
  let [requests, losses] = [0, 0];
  const wait = async (why: 'lease' | 'rate limit', until: number) => {
    onWait(why, until);
    await clock.sleep(Math.max(until - clock.now(), SECOND));
  };
  const ended = (last: readonly TargetFailure[]) => ({
    requests,
    failed: [...failed, ...last],
    findings: rereader.findings,
  });
  for (;;) {
    let run: BackfillRun;
    try {
      run = await runBackfill({ ...work, rereader, deadline: clock.now() + RUN_TIME }, context);
    } catch (error) {
      losses += 1;
      const isLost = error instanceof LeaseLostError || error instanceof ObjectExistsError;
      if (!isLost || losses > MAX_LOST_LEASES) throw error;
      rereader = begin();
      run = { kind: 'held', leaseUntil: Number.POSITIVE_INFINITY };
    }
    if (run.kind === 'held') {
      await wait('lease', Math.min(run.leaseUntil, clock.now() + LEASE_INTERVAL));
      continue;
    }
    requests += run.requests;
    failed.push(...run.work.failures);
    const { remaining, resume } = run.work;
    if (remaining === 0) return ended([]);
    if (resume.kind === 'next-tick') {
      const rest = { target: work.subject.id, error: new Error('Atlas answered nothing in time') };
      return ended(failed.length > 0 ? [] : [rest]);
    }
    if (resume.kind === 'at') await wait('rate limit', resume.time);
  }
}

/** Returns whether everything that Atlas has of a period is in the lake. */
export function isComplete({ losses, covered, incomparable, unread, refusals }: Findings): boolean {
  return losses.length + covered + incomparable + unread + refusals.size === 0;
}

/** Tells whether an erasure has changed rows of the subject on one of these days. */
async function isErased(
  { lake, dataset }: BackfillContext,
  { id }: Subject,
  days: readonly string[],
): Promise<boolean> {
  const [{ name }] = dataset.tables;
  for (const day of days) {
    if (await hasErasures(lake, `${name}/dt=${day}/${id}-${dataset.name}-`)) return true;
  }
  return false;
}

function daysOf({ from, to }: Period): Period[] {
  const days: Period[] = [];
  for (let day = floorTo(from, DAY); day < to; day += DAY)
    days.push({ from: Math.max(from, day), to: Math.min(to, day + DAY) });
  return days;
}

function dayOf({ from }: Period): string {
  return utcDay(from);
}
