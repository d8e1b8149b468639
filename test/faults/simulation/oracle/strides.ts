import type { Move } from '../witness.ts';
import type { RunRecord, World } from '../world.ts';

/** A watermark's move, with the run that made it. */
export interface Stride extends Move {
  /** Where the watermark stood before; for a new target where the configuration says that it begins. */
  start: number;
  run: RunRecord;
  at: number;
  sequence: number;
  /** The first move since the table was restored: the watermark may have gone back with it. */
  afterRestore: boolean;
  /** The commit took records in that a table had lost: what they moved has been judged before. */
  isCatchingUp: boolean;
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
  const strides = world.witness.commits
    .filter((commit) => commit.dataset === dataset && commit.project === project)
    .flatMap(({ moves, run: id, firstRun, at, sequence }) => {
      const [run, first] = [world.runs.get(id), world.runs.get(firstRun)];
      if (!run || !first) throw new Error(`no run ${id} or ${firstRun}`);
      return moves
        .filter((move) => move.source === source && move.name === name)
        .map((move) => ({ ...move, start: move.from ?? begin(first, move), run, at, sequence }));
    });
  return strides.map((stride, index) => {
    const before = strides[index - 1]?.at ?? Number.NEGATIVE_INFINITY;
    const restored = world.witness.restores.findLast((at) => at > before && at <= stride.at);
    const afterRestore = restored !== undefined;
    return { ...stride, afterRestore, isCatchingUp: afterRestore && stride.run.startedAt < restored };
  });
}

/** The runs of a dataset in a project, in the order in which they began. */
export function runsOf(
  world: World,
  { dataset, project }: Pick<TrackedTarget, 'dataset' | 'project'>,
): RunRecord[] {
  return [...world.runs.values()].filter((run) => run.dataset === dataset && run.project === project);
}

/** What a run was configured to do, in ms. */
export function settingsOf({ config, dataset }: RunRecord) {
  const { settle, backfill, granularity, overlap, namespaces } = config.datasets[dataset] ?? {};
  if (settle === undefined || backfill === undefined) throw new Error('histories say all settings');
  return { settle, backfill, granularity, overlap, namespaces };
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
