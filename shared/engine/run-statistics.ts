import * as z from 'zod';
import type { Document } from '../cursors/document.ts';
import { HOUR } from '../durations.ts';
import type { Subject } from '../ids.ts';
import type { CollectionRunRow } from './tables.ts';

/** The work of all runs since the last row of `collection_runs`. */
const totalsSchema = z.object({
  runs: z.int(),
  requests: z.int(),
  throttled: z.int(),
  rows: z.int(),
  objects: z.int(),
  bytes: z.int(),
  first_dt: z.string().nullable(),
  last_dt: z.string().nullable(),
  notes: z.array(z.string()).default([]),
});

export type Totals = z.infer<typeof totalsSchema>;

const lastRunSchema = z.object({
  tick: z.number(),
  /** No other run of its tick ended before it. False if an earlier version of this program wrote it. */
  is_first: z.boolean().default(false),
  started_at: z.number(),
  finished_at: z.number(),
  outcome: z.enum(['complete', 'continued', 'partial', 'failed']),
  targets: z.int(),
  failed_targets: z.int(),
  /** How far the run was behind at its start. Null if an earlier version of this program wrote it. */
  lag_seconds: z.int().nullable().default(null),
});

export type LastRun = z.infer<typeof lastRunSchema>;

/**
 * How a run ended. `continued`: time or the rate limit ran out, and a continuation or the next tick
 * continues.
 */
export type RunOutcome = LastRun['outcome'];

/** What the header keeps beside the protocol's fields. Each commit updates it, so that a run that dies is counted. */
const statisticsSchema = z.object({
  totals: totalsSchema,
  /** Tick of the last run that wrote a row of `collection_runs`. */
  reported_tick: z.number().nullable(),
  /** Number of gaps recorded since the first run. */
  gaps: z.int(),
  last_run: lastRunSchema.nullable(),
  /** What the last run collected, and with which credential. Null if an earlier version of this program wrote it. */
  collected: z
    .object({ unit: z.enum(['project', 'organisation']), credential: z.string().nullable() })
    .nullable()
    .default(null),
});

export type RunStatistics = z.infer<typeof statisticsSchema>;

export const EMPTY_TOTALS: Totals = {
  runs: 0,
  requests: 0,
  throttled: 0,
  rows: 0,
  objects: 0,
  bytes: 0,
  first_dt: null,
  last_dt: null,
  notes: [],
};

/**
 * Maximum notes in a row of `collection_runs`. More would repeat, or describe a fault that the log shows
 * better.
 */
const MAX_NOTES = 50;

export function parseRunStatistics(stored: Document): RunStatistics {
  if (stored === null)
    return { totals: EMPTY_TOTALS, reported_tick: null, gaps: 0, last_run: null, collected: null };
  return statisticsSchema.parse(stored);
}

/** Returns the last run, or null if there is none or its form is unknown. */
export function lastRunOf(stored: Document): LastRun | null {
  return statisticsSchema.safeParse(stored).data?.last_run ?? null;
}

/** Returns what the last run collected, and with which credential, or null if the statistics do not say it. */
export function collectedBy(stored: Document): RunStatistics['collected'] {
  return statisticsSchema.safeParse(stored).data?.collected ?? null;
}

/** Returns the totals after a commit or a run. */
export function added(totals: Totals, more: Partial<Totals>, days: readonly string[] = []): Totals {
  const sum = (name: 'runs' | 'requests' | 'throttled' | 'rows' | 'objects' | 'bytes') =>
    totals[name] + (more[name] ?? 0);
  const all = [totals.first_dt, totals.last_dt, ...days].filter((day) => day !== null).sort();
  return {
    runs: sum('runs'),
    requests: sum('requests'),
    throttled: sum('throttled'),
    rows: sum('rows'),
    objects: sum('objects'),
    bytes: sum('bytes'),
    first_dt: all[0] ?? null,
    last_dt: all.at(-1) ?? null,
    notes: [...new Set([...totals.notes, ...(more.notes ?? [])])].slice(0, MAX_NOTES),
  };
}

/**
 * How often runs write a row if nothing is wrong, ms: one in each part of a UTC day, so that no row counts runs of two days. A
 * row of each run would be most of the objects in the lake.
 */
export const REPORT_EVERY = 6 * HOUR;

function partOfDay(tick: number): number {
  return Math.floor(tick / REPORT_EVERY);
}

/**
 * Returns whether a run writes a row: once in each quarter of a UTC day, and at once if it is not complete, ended in another way than
 * the run before it, or noted something.
 *
 * @param statistics before the run is their last run
 */
export function reportIsDue({ reported_tick, totals, last_run }: RunStatistics, run: LastRun): boolean {
  if (reported_tick === null || partOfDay(reported_tick) !== partOfDay(run.tick)) return true;
  return run.outcome !== 'complete' || last_run?.outcome !== run.outcome || totals.notes.length > 0;
}

/** Returns the row that reports the totals, and the statistics after that row. */
export function reported(
  statistics: RunStatistics,
  run: LastRun,
  about: { subject: Subject; dataset: string; lagSeconds: number },
): { row: CollectionRunRow; statistics: RunStatistics } {
  const { totals } = statistics;
  return {
    row: {
      project_id: about.subject.id,
      dataset: about.dataset,
      tick: run.tick,
      ts: run.started_at,
      finished_at: run.finished_at,
      outcome: run.outcome,
      runs: totals.runs,
      targets: run.targets,
      failed_targets: run.failed_targets,
      requests: totals.requests,
      throttled: totals.throttled,
      rows: totals.rows,
      objects: totals.objects,
      bytes: totals.bytes,
      first_dt: totals.first_dt,
      last_dt: totals.last_dt,
      lag_seconds: about.lagSeconds,
      collected_at: run.finished_at,
      notes: totals.notes.length > 0 ? JSON.stringify(totals.notes) : null,
    },
    statistics: { ...statistics, totals: EMPTY_TOTALS, reported_tick: run.tick },
  };
}
