import type { PartitionKey } from '../../cursors/header.ts';
import { DAY, floorTo, MINUTE } from '../../durations.ts';
import type { Subject } from '../../ids.ts';
import { erasedObjects } from '../../lake/erasure-notes.ts';
import { utcDay } from '../../lake/format.ts';
import { dayOfKey, parseObjectKey } from '../../lake/keys.ts';
import { KnownRows } from '../../lake/known-rows.ts';
import { goneObjects, noteReplacement, replacedObjects } from '../../lake/replacements.ts';
import { rowEncoder, wholeLine } from '../../lake/row-encoder.ts';
import { storedRow } from '../../lake/stored-rows.ts';
import type { Collector, StateCodec, TargetState } from '../dataset.ts';
import type { TargetFailure } from '../run-result.ts';
import type { DatasetSettings } from '../settings.ts';
import type { RunTools } from './backfill-run.ts';
import { RefusedDayError, readDay } from './day.ts';
import { type Findings, noFindings, sum } from './findings.ts';
import { Rereader } from './rereader.ts';
import type { Period, Rereading } from './rereading.ts';
import { Turns, type Wait } from './turns.ts';

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
  onWait(why: Wait, until: number): void;
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

/** Maximum targets that are read at the same time, as in a run of the collector. */
const WIDTH = 6;

const ERASED = 'a person was erased from this day, whom Atlas may still show: it is not read again';

const ERASED_ELSEWHERE =
  'it lacks rows, and a person was erased from other days, who may have been in them: it is not read again';

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
  const { dataset, cursors, lake, redactor, clock, atlas, signal } = context;
  const [table] = dataset.tables;
  const scope = { dataset: dataset.name, subject: subject.id };
  const encode = rowEncoder(table, redactor);
  const known = new KnownRows(lake, table, scope, rereading.marksOf);
  const days = daysOf(period);
  // Before anything is read, because an object that disappears later is not among the rows that the lake lacks.
  const gone = await goneObjects(lake, scope, table.name, days.map(dayOf));
  const { runPrefix } = gone;
  const turns = new Turns({
    ...{ scope, cursors, clock, signal, onWait: context.onWait },
    isAlone: context.breakLease,
    every: dataset.everyMinutes * MINUTE,
  });
  const note = `a backfill of ${utcDay(period.from)} and later has written rows`;
  const whole = new Set<string>();
  let [findings, requests] = [noFindings(), 0];
  const failures: TargetFailure[] = [];
  for (const [index, day] of days.entries()) {
    context.onDay(dayOf(day), index / days.length);
    const near = [day.from - DAY, day.from, day.from + DAY].map(utcDay);
    const begin = () =>
      new Rereader({
        ...{ rereading, table, scope, period: day, lake: known, isDryRun, signal },
        width: collector.concurrency ?? WIDTH,
        stored: (row) => storedRow(wholeLine(encode(row))),
      });
    // An erasure can begin at any time. Its notes are written first, so they are read last.
    const readLake = async () => {
      await known.read(near);
      const erased = await erasedObjects(lake, table.name);
      const own = erased.filter((key) => isOf(scope, key));
      const lacksRows =
        (gone.byDay.get(dayOf(day)) ?? []).length > 0 || (await known.keysOf(dayOf(day))).length === 0;
      const refusal = refusalOf(own, near, lacksRows);
      if (refusal !== null) throw new RefusedDayError(refusal);
    };
    const work = { subject, codec, rereading, readLake, runPrefix, note };
    const read = await readDay({ ...work, day, begin }, { ...context, turns });
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

/** Returns whether everything that Atlas has of a period is in the lake. */
export function isComplete({ losses, covered, incomparable, unread, refusals }: Findings): boolean {
  return losses.length + covered + incomparable + unread + refusals.size === 0;
}

/**
 * Returns why a day must not be read again; null if it may be. After any erasure, a day that lacks rows is not read: the
 * person may have been in them, and no note shows that.
 */
function refusalOf(erased: readonly string[], near: readonly string[], lacksRows: boolean): string | null {
  const days = new Set(erased.map(dayOfKey));
  if (near.some((day) => days.has(day))) return ERASED;
  return erased.length > 0 && lacksRows ? ERASED_ELSEWHERE : null;
}

function isOf({ dataset, subject }: PartitionKey, key: string): boolean {
  const name = parseObjectKey(key);
  return name?.dataset === dataset && name.subject === subject;
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
