import * as z from 'zod';
import { declarations } from '../../../../functions/declarations.ts';
import { type CollectorConfig, configurable, settingsFor } from '../../../../shared/config.ts';
import { FINE_GRANULARITIES } from '../../../../shared/measurements/granularity.ts';
import type { Move } from '../cursor-changes.ts';
import type { Commit } from '../witness.ts';
import type { RunRecord, World } from '../world.ts';

/** A watermark's move, with the run that made it. */
export interface Stride extends Move {
  /** Where the watermark stood before; for a new target where the configuration says that it begins. */
  start: number;
  run: RunRecord;
  at: number;
  sequence: number;
  /** The move that this one had to go on from; undefined where the table knew nothing of the target. */
  previous: Stride | undefined;
}

/** Which target's watermark. */
export interface TrackedTarget {
  dataset: string;
  project: string;
  source: string;
  name: string;
}

/**
 * How the watermark of a target moved, commit by commit.
 *
 * @param begin where a target's watermark begins, by the run that sees it first
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
    if (!run) throw new Error(`no run ${commit.run}`);
    // What a run had recorded when the table was lost goes on from what was in that one.
    const previous = strides.findLast(({ lostFrom }) => commit.isRecovered || lostFrom > place);
    const { at, sequence, lostFrom } = commit;
    strides.push({ ...move, start: move.from ?? begin(run, move), run, at, sequence, previous, lostFrom });
  }
  return strides;
}

/** The runs of a dataset in a project, in the order in which they began. */
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

/** What the clock of a run's container showed when it began. */
export function clockOf({ startedAt, skew }: RunRecord): number {
  return startedAt + skew;
}

/** The time that a run is about: its tick, unless its clock is behind that. */
export function timeOf(run: RunRecord): number {
  return Math.min(run.tick, clockOf(run));
}

/** An instant, for people. */
export function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
