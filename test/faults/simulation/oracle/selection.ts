import { datasets } from '../../../../functions/datasets.ts';
import { DAY, MINUTE } from '../../../../shared/durations.ts';
import type { ClusterTag } from '../../../../simulator/organisation/types.ts';
import type { Organisation } from '../../../../simulator/organisation.ts';
import type { Commit } from '../commit-observer.ts';
import { selectionsOf } from '../generators/clusters.ts';
import type { History } from '../history.ts';
import type { RunRecord } from '../world.ts';
import type { TrackedTarget } from './advances.ts';
import { formatInstant } from './instants.ts';
import { type CommittedRow, endOf } from './lake.ts';
import { isUncertain, LONGEST_RUN, type Reading, Readings } from './readings.ts';
import { runsOf } from './runs.ts';
import type { SimulatedHistory } from './simulated-history.ts';

/** The datasets whose sources belong to clusters. */
export const OF_CLUSTERS: readonly string[] = [
  'database_measurements',
  'disk_measurements',
  'process_measurements',
  'search_measurements',
  'access_logs',
  'ranked_namespaces',
  'slow_queries',
  'index_suggestions',
  'query_shapes',
  'host_logs',
  'audit_logs',
];

/** How far the time of a run may be from the one that the history knows. */
const TOLERANCE = 15 * MINUTE;

type Simulated = Pick<SimulatedHistory, 'history' | 'organisation' | 'world'>;

/**
 * Returns the runs that may read a cluster. One that may also leave it counts as one that did not report its end, so that
 * nothing is expected of it.
 */
export function readingRuns(simulated: Simulated, target: TrackedTarget, cluster: string): RunRecord[] {
  const { history, organisation, world } = simulated;
  const runs = runsOf(world, target);
  if (!isSelecting(history)) return runs;
  const known = new Readings(runs, tagsOf(organisation, target.subject, cluster));
  return runs.flatMap((run) => {
    const reading = known.of(run, cluster, run.finishedAt ?? run.startedAt + LONGEST_RUN);
    if (reading === 'leaves') return [];
    return [reading === 'reads' ? run : { ...run, result: undefined }];
  });
}

/** Checks that runs read nothing of a cluster that is not selected, and that gaps of that time say so. */
export function checkSelection(simulated: SimulatedHistory): string[] {
  const { history, organisation, world } = simulated;
  if (!isSelecting(history)) return [];
  const sources = sourcesOf(organisation);
  return OF_CLUSTERS.flatMap((dataset) =>
    organisation.projects.flatMap(({ id: subject }) => {
      const commits = world.observer.commits.filter(
        (commit) => commit.dataset === dataset && commit.subject === subject,
      );
      const check = new SubjectCheck({ dataset, subject, commits, sources, simulated });
      return check.violations().map((violation) => `${dataset} of ${subject}: ${violation}`);
    }),
  );
}

/** The cluster of each process, host and cluster, by its project and id. */
type Sources = ReadonlyMap<string, string>;

class SubjectCheck {
  readonly #dataset: string;
  readonly #subject: string;
  readonly #commits: readonly Commit[];
  readonly #sources: Sources;
  readonly #simulated: SimulatedHistory;
  readonly #readings = new Map<string, Readings>();

  constructor(its: {
    dataset: string;
    subject: string;
    commits: readonly Commit[];
    sources: Sources;
    simulated: SimulatedHistory;
  }) {
    this.#dataset = its.dataset;
    this.#subject = its.subject;
    this.#commits = its.commits;
    this.#sources = its.sources;
    this.#simulated = its.simulated;
  }

  violations(): string[] {
    return [...this.#checkMoves(), ...this.#checkRows(), ...this.#checkReasons(), ...this.#checkLastRun()];
  }

  /** Checks that no watermark moves forward, and no target appears, in a run that does not select its cluster. */
  #checkMoves(): string[] {
    return this.#commits.flatMap((commit) =>
      commit.moves.flatMap(({ source, name, from, to }) => {
        const isNew = from === undefined && !commit.isRecovered;
        if (!isNew && (from === undefined || to <= from)) return [];
        if (this.#reading(commit, source) !== 'leaves') return [];
        return [`${source}/${name} moved to ${formatInstant(to)} in the run of ${this.#tickOf(commit)}`];
      }),
    );
  }

  /** Checks that no row is about a cluster that its run does not select. */
  #checkRows(): string[] {
    const { lake } = this.#simulated;
    const tables = datasets.find(({ name }) => name === this.#dataset)?.tables ?? [];
    const rows = [...tables.map(({ name }) => name), 'collection_gaps']
      .flatMap((table) => lake.rows(table))
      .filter(({ dataset, subject }) => dataset === this.#dataset && subject === this.#subject);
    const bySequence = new Map(this.#commits.map((commit) => [commit.sequence, commit]));
    return rows.flatMap(({ sequence, values }) => {
      const commit = bySequence.get(sequence);
      if (!commit || this.#reading(commit, sourceOf(values)) !== 'leaves') return [];
      return [`the run of ${this.#tickOf(commit)} wrote ${JSON.stringify(values)}`];
    });
  }

  /** Checks that a gap says so if its cluster was not selected for some of it, and not otherwise. */
  #checkReasons(): string[] {
    const { history, lake, world } = this.#simulated;
    const gaps = lake
      .rows('collection_gaps')
      .filter(({ dataset, subject }) => dataset === this.#dataset && subject === this.#subject);
    // With wrong clocks, the history does not know which time a gap says.
    if (history.skew > 0 || history.ahead > 0 || history.restore) return [];
    const runs = runsOf(world, { dataset: this.#dataset, subject: this.#subject });
    return gaps.flatMap((gap) => {
      const remark = / \(its cluster was not always selected between (\S+) and (\S+)\)$/.exec(
        String(gap.values['reason']),
      );
      const [, from, to] = remark ?? [];
      const commit = this.#commits.find(({ sequence }) => sequence === gap.sequence);
      const source = sourceOf(gap.values);
      const earlier = runs.filter(({ startedAt }) => startedAt < (commit?.at ?? 0));
      const isAmong = (
        wanted: readonly Reading[],
        among: readonly RunRecord[],
        since: number,
        until: number,
      ) =>
        among.some(
          (run) =>
            run.startedAt >= since &&
            run.startedAt <= until &&
            wanted.includes(this.#readingOf(run, source, run.finishedAt ?? run.startedAt + LONGEST_RUN)),
        );
      if (from !== undefined && to !== undefined)
        return isAmong(
          ['leaves', 'unsure'],
          earlier,
          Date.parse(from) - TOLERANCE,
          Date.parse(to) + TOLERANCE,
        )
          ? []
          : [`a gap says that a cluster was not selected: ${JSON.stringify(gap.values)}`];
      if (!this.#isOfWholeTarget(gap, commit)) return [];
      // A run that knew the target, left it and committed that.
      const left = earlier.filter(
        (run) => run.result?.outcome === 'complete' && this.#wasRead(source, run.startedAt),
      );
      return isAmong(['leaves'], left, gap.ts + TOLERANCE, endOf(gap) - TOLERANCE)
        ? [`a gap does not say that a cluster was not selected: ${JSON.stringify(gap.values)}`]
        : [];
    });
  }

  /** Returns whether a gap begins where its target had been read up to, or on the day after the last snapshot. */
  #isOfWholeTarget(gap: CommittedRow, commit: Commit | undefined): boolean {
    const source = sourceOf(gap.values);
    const begins = (from: number) => gap.ts >= from && gap.ts <= from + DAY;
    return (
      commit?.moves.some((move) => move.source === source && move.from !== undefined && begins(move.from)) ??
      false
    );
  }

  /** Returns whether a target of a source was known before an instant. */
  #wasRead(source: string, instant: number): boolean {
    return this.#commits.some(
      ({ at, moves }) => at < instant && moves.some((move) => move.source === source),
    );
  }

  /** Checks that the last run, which has no faults, knows all clusters. */
  #checkLastRun(): string[] {
    const last = runsOf(this.#simulated.world, { dataset: this.#dataset, subject: this.#subject }).at(-1);
    const note = last?.result?.warnings.find(isUncertain);
    return note === undefined ? [] : [`the last run ends with a note: ${note}`];
  }

  #reading(commit: Commit, source: string): Reading {
    const run = this.#simulated.world.runs.get(commit.run);
    return run ? this.#readingOf(run, source, commit.at) : 'unsure';
  }

  #readingOf(run: RunRecord, source: string, until: number): Reading {
    const cluster = this.#sources.get(`${this.#subject}/${source}`);
    if (cluster === undefined) return 'unsure';
    const { organisation, world } = this.#simulated;
    const known =
      this.#readings.get(cluster) ??
      new Readings(
        runsOf(world, { dataset: this.#dataset, subject: this.#subject }),
        tagsOf(organisation, this.#subject, cluster),
      );
    this.#readings.set(cluster, known);
    return known.of(run, cluster, until);
  }

  #tickOf({ run }: Commit): string {
    const tick = this.#simulated.world.runs.get(run)?.tick;
    return tick === undefined ? run : formatInstant(tick);
  }
}

/** Returns whether a history selects clusters. */
export function isSelecting({ seed, topic }: History): boolean {
  return selectionsOf(seed, topic).settings.length > 0;
}

function tagsOf({ projects }: Organisation, subject: string, cluster: string): readonly ClusterTag[] {
  const project = projects.find(({ id }) => id === subject);
  return project?.clusters.find(({ name }) => name === cluster)?.tags ?? [];
}

function sourcesOf({ projects }: Organisation): Sources {
  return new Map(
    projects.flatMap(({ id, processes, clusters }) => [
      ...processes.flatMap((process): [string, string][] => [
        [`${id}/${process.id}`, process.clusterName],
        [`${id}/${process.hostname}`, process.clusterName],
      ]),
      ...clusters.map(({ name }): [string, string] => [`${id}/${name}`, name]),
    ]),
  );
}

/** Returns the source of a row: a process, a host or a cluster. */
function sourceOf(values: CommittedRow['values']): string {
  const target = values['target'];
  if (typeof target === 'string') return target.split('/')[0] ?? '';
  return String(values['process_id'] ?? values['hostname'] ?? values['cluster_name']);
}
