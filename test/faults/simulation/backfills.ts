import { backfillLake } from '../../../cli/backfill/backfill-lake.ts';
import { isDone } from '../../../cli/backfill/report.ts';
import { afterRateLimit } from '../../../cli/rate-limit-wait.ts';
import { datasets } from '../../../functions/datasets.ts';
import type { CollectorConfig } from '../../../shared/config.ts';
import { MINUTE } from '../../../shared/durations.ts';
import type { BackfillResult } from '../../../shared/engine/backfill/backfill.ts';
import { QUIET } from '../../support/quiet-log.ts';
import type { Container } from './container.ts';
import type { BackfillPlan, BackfillPlans } from './generators/backfills.ts';
import { START } from './history.ts';

/** A backfill that the owner starts. Times in ms. */
export interface OwnersBackfill {
  at: number;
  dataset: string;
  period: { from: number; to: number };
  isDryRun: boolean;
  /** How long after its start the owner stops it with Ctrl-C; null if never. */
  stoppedAfter: number | null;
  /** How often it is still started, until it ends as it should. */
  attempts: number;
}

/** Someone deletes objects of some tables by mistake. */
export interface Deletion {
  at: number;
  tables: readonly string[];
  /** The share of the objects that are committed then. */
  share: number;
}

/** What the owner does beside the schedule. */
export type OwnersAct = ({ kind: 'backfill' } & OwnersBackfill) | ({ kind: 'deletion' } & Deletion);

/** A command that the owner has started, as seen from outside. */
export interface BackfillCommand extends Pick<OwnersBackfill, 'dataset' | 'period' | 'isDryRun'> {
  /** The name of its container. The ids of its runs contain it. */
  name: string;
  config: CollectorConfig;
  /** The number of commits before it started. */
  commitsBefore: number;
  startedAt: number;
  /** Undefined if it was killed. */
  endedAt: number | undefined;
  /** Whether Atlas may have faults while it runs. */
  hasFaults: boolean;
  /** What it reported; undefined if it reported nothing. */
  results: readonly BackfillResult[] | undefined;
  /** Whether it ended with exit code 0. */
  isDone: boolean;
  error: unknown;
}

/** The function of the containers that stand for processes of the command line. */
export const COMMAND_LINE = 'backfill';

const RUN = /^backfill-[0-9a-f]{16}-(backfill\/\d+)\/\d+$/;

/** Returns the name of the command whose run wrote a commit; undefined if it was a run of the collector. */
export function commandOf(run: string): string | undefined {
  return RUN.exec(run)?.[1];
}

/** Returns the command of the command line in a container, and a function that stops it as Ctrl-C does. */
export function startCommand(
  { dataset: name, period, isDryRun }: OwnersBackfill,
  { config, runtime, units }: Container,
): { work: Promise<BackfillResult[]>; stop: () => void } {
  const dataset = datasets.find((candidate) => candidate.name === name);
  if (!dataset) throw new Error(`no dataset ${name}`);
  const { atlas, clock, cursors, lake, newId } = runtime;
  const stopping = new AbortController();
  const request = {
    ...{ dataset, period, isDryRun, config, atlas, clock, newId },
    only: [],
    redactionKey: null,
    store: {
      ...{ cursors, lake },
      subjects: units,
      expiresAfterDays: async () => null,
      breakLease: false,
      log: QUIET,
    },
    onProgress: () => {},
    onDay: () => {},
    onWait: () => {},
    signal: stopping.signal,
  };
  const work = afterRateLimit(
    clock,
    () => backfillLake(request),
    () => {},
  );
  return { work, stop: () => stopping.abort(new Error('stopped by the owner')) };
}

/** Notes what a command reported. */
export function ended(command: BackfillCommand, results: readonly BackfillResult[]): void {
  command.results = results;
  command.isDone = isDone(results);
}

/** Returns what the owner does beside the ticks of a history. */
export function ownersActs(
  { beside, deletion }: BackfillPlans,
  names: readonly string[],
  ticks: readonly number[],
): OwnersAct[] {
  const at = ({ tick, after }: Pick<BackfillPlan, 'tick' | 'after'>) =>
    (ticks[tick % ticks.length] ?? START) + after * MINUTE;
  const backfills = beside.map((plan) => ownersBackfill(plan, names, at(plan)));
  if (!deletion) return backfills;
  return [...backfills, { kind: 'deletion', at: at(deletion), tables: names, share: deletion.share }];
}

/** Returns a planned backfill of one of the datasets at a time. */
export function ownersBackfill(
  { which, age, length, isDryRun, stoppedAfter, attempts }: BackfillPlan,
  names: readonly string[],
  at: number,
): OwnersAct {
  const to = at - age * MINUTE;
  return {
    kind: 'backfill',
    ...{ at, isDryRun, attempts },
    dataset: names[which % names.length] ?? '',
    period: { from: to - length * MINUTE, to },
    stoppedAfter: stoppedAfter && stoppedAfter * MINUTE,
  };
}
