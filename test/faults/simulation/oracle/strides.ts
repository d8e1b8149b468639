import * as z from 'zod';
import { declarations } from '../../../../functions/declarations.ts';
import { type CollectorConfig, configurable, settingsFor } from '../../../../shared/config.ts';
import { FINE_GRANULARITIES } from '../../../../shared/measurements/granularity.ts';
import type { Move } from '../cursor-changes.ts';
import type { Commit } from '../witness.ts';
import type { RunRecord, World } from '../world.ts';

/** A move of a watermark, with the run that made it. */
export interface Stride extends Move {
  /** The watermark before the move. For a new target, the start that the configuration gives. */
  start: number;
  run: RunRecord;
  at: number;
  sequence: number;
  /** The move that this one had to continue from. Undefined if the table did not know the target. */
  previous: Stride | undefined;
}

/** Identifies the target of a watermark. */
export interface TrackedTarget {
  dataset: string;
  project: string;
  source: string;
  name: string;
}

/**
 * Returns the moves of a target's watermark, commit by commit.
 *
 * @param begin returns where a target's watermark begins, given the first run that sees the target
 */
export function stridesOf(
  world: World,
  { dataset, project, source, name }: TrackedTarget,
  begin: (run: RunRecord, move: Move) => number,
): Stride[] {
  const strides: Array<Stride & Pick<Commit, 'lostFrom'>> = [];
  for (const [place, commit] of world.witness.commits.entries()) {
    if (commit.dataset !== dataset || commit.project !== project) continue;
    const move = commit.moves.find((one) => one.source === source && one.name === name);
    if (!move) continue;
    const run = world.runs.get(commit.run);
    if (!run) throw new Error(`unknown run ${commit.run}`);
    // A batch that was recorded before the table was lost continues from the state of the lost table.
    const previous = strides.findLast(({ lostFrom }) => commit.isRecovered || lostFrom > place);
    const { at, sequence, lostFrom } = commit;
    strides.push({ ...move, start: move.from ?? begin(run, move), run, at, sequence, previous, lostFrom });
  }
  return strides;
}

/** Returns the runs of a dataset in a project, in the order of their starts. */
export function runsOf(
  world: World,
  { dataset, project }: Pick<TrackedTarget, 'dataset' | 'project'>,
): RunRecord[] {
  return [...world.runs.values()].filter((run) => run.dataset === dataset && run.project === project);
}

/** The settings of the datasets whose watermarks the oracle checks. */
const settingsSchema = z.object({
  settle: z.number(),
  backfill: z.number(),
  granularity: z.enum(FINE_GRANULARITIES).optional(),
  overlap: z.number().optional(),
  namespaces: z.number().optional(),
  /** Patterns of the collected measurements. */
  measurements: z.array(z.string()).default(['*']),
});

type RunSettings = z.infer<typeof settingsSchema>;

const known = new WeakMap<CollectorConfig, Map<string, RunSettings>>();

/** Returns what a run was configured to do, in ms. */
export function settingsOf({ config, dataset: name }: RunRecord): RunSettings {
  const ofConfig = known.get(config) ?? new Map<string, RunSettings>();
  known.set(config, ofConfig);
  const settings =
    ofConfig.get(name) ?? settingsSchema.parse(settingsFor(configurable(name, declarations), config));
  ofConfig.set(name, settings);
  return settings;
}

/** Returns whether a run collects a measurement. The only wildcard of a pattern stands for any characters. */
export function collects(run: RunRecord, measurement: string): boolean {
  return settingsOf(run).measurements.some((pattern) => {
    const [first = '', last] = pattern.split('*');
    return last === undefined
      ? measurement === first
      : measurement.startsWith(first) && measurement.endsWith(last);
  });
}

/** Returns the time on the clock of a run's container when the run started. */
export function clockOf({ startedAt, skew }: RunRecord): number {
  return startedAt + skew;
}

/** Returns the time up to which a run collects: its tick, or its clock if that is behind the tick. */
export function timeOf(run: RunRecord): number {
  return Math.min(run.tick, clockOf(run));
}

/** Formats an instant for readers. */
export function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
