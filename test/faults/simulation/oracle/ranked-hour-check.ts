import { DAY, HOUR } from '../../../../shared/durations.ts';
import type { Lifetime, Organisation, Process } from '../../../../simulator/organisation/types.ts';
import { type RankedHour, rankedHours } from '../../../../simulator/ranked-namespaces.ts';
import { expectedMeasurements, expectedRanks } from '../../../support/expected-ranked-namespaces.ts';
import { identity } from '../../../support/expected-rows.ts';
import type { Advance } from './advances.ts';
import { withClusterName } from './cluster-names.ts';
import { ceilTo, floorTo, formatInstant } from './instants.ts';
import { type CommittedRow, endOf } from './lake.ts';
import { withProcessType } from './listing.ts';
import { settingsOf, timeOf } from './runs.ts';
import { checkWatermarks, type Watermarks } from './watermarks.ts';

/** By the design, every run reads an empty hour again, up to the first run that is this long after the first read. */
const PATIENCE = 3 * HOUR;

/** By the design, a run does not have to request older hours. */
const BACKLOG = 7 * DAY;

/** How long Atlas keeps fine points, by its documentation, and how long runs request a removed process. */
const RETENTION = 48 * HOUR;

interface Observations extends Watermarks {
  organisation: Organisation;
  project: string;
  process: Process;
  ranks: readonly CommittedRow[];
  measurements: readonly CommittedRow[];
}

/** Checks every promise about the hours of one process. */
export class RankedHourCheck {
  readonly #observed: Observations;
  /** The rows of ranks, by hour. */
  readonly #ranks: ReadonlyMap<number, readonly CommittedRow[]>;
  readonly #measurements: ReadonlyMap<number, readonly CommittedRow[]>;
  readonly #violations: string[] = [];

  constructor(observations: Observations) {
    this.#observed = observations;
    this.#ranks = Map.groupBy(observations.ranks, ({ ts }) => ts);
    this.#measurements = Map.groupBy(observations.measurements, ({ ts }) => floorTo(ts, HOUR));
  }

  violations(): string[] {
    for (const [hour, rows] of this.#ranks) this.#checkRanking(hour, rows);
    for (const [hour, rows] of this.#measurements)
      if (!this.#ranks.has(hour)) this.#violations.push(`measurements without a ranking: ${show(rows)}`);
    for (const gap of this.#observed.gaps) this.#checkGap(gap);
    for (const advance of this.#observed.advances) this.#checkAdvance(advance);
    return [
      ...this.#violations,
      ...checkWatermarks(this.#observed, { interval: HOUR, retention: RETENTION }),
    ];
  }

  /** Checks that one commit brought the whole ranking of an hour, with the measurements of its top names. */
  #checkRanking(hour: number, rows: readonly CommittedRow[]): void {
    const { project, process } = this.#observed;
    const { namespaces, visibleFrom } = this.#hour(hour);
    const advance = this.#advanceOf(rows);
    const expected = expectedRanks(project, process, hour, namespaces);
    if (!advance || visibleFrom > advance.at || texts(rows, process).join() !== [...expected].sort().join()) {
      this.#violations.push(`a ranking that Atlas did not give: ${show(rows)}`);
      return;
    }
    const measured = namespaces.slice(0, settingsOf(advance.run).namespaces);
    const found = Map.groupBy(this.#measurements.get(hour) ?? [], ({ values }) =>
      String(values['namespace']),
    );
    for (const [namespace, its] of found)
      if (!measured.includes(namespace) || this.#advanceOf(its) !== advance)
        this.#violations.push(`measurements that should not be there: ${show(its)}`);
    for (const namespace of measured)
      this.#checkMeasurement(hour, namespace, found.get(namespace) ?? [], advance);
  }

  #checkMeasurement(hour: number, namespace: string, rows: readonly CommittedRow[], advance: Advance): void {
    const { organisation, project, process, gaps } = this.#observed;
    // The measurements are as fine as Atlas has them at the time of the request.
    const could = (['PT10M', 'PT1H'] as const).filter((granularity) =>
      granularity === 'PT10M' ? hour >= advance.run.startedAt - RETENTION : hour < advance.at - RETENTION,
    );
    const isFromAtlas = could.some((granularity) => {
      const host = { project, process };
      const expected = expectedMeasurements(organisation, host, namespace, hour, granularity);
      return texts(rows, process).join() === expected.sort().join();
    });
    const isGap = gaps.some(
      (gap) =>
        gap.ts === hour &&
        gap.sequence === advance.sequence &&
        namesOf(gap).includes(namespace) &&
        rows.length === 0,
    );
    if (!isFromAtlas && !isGap) this.#violations.push(`not the measurements of ${namespace}: ${show(rows)}`);
  }

  /** Checks that a gap covers unlisted collections, a removed process, or hours that are too old. */
  #checkGap(gap: CommittedRow): void {
    const { advances, process, isListed, ranks } = this.#observed;
    const advance = advances.find(({ sequence }) => sequence === gap.sequence);
    const fail = (what: string) => this.#violations.push(`${what}: ${show([gap])}`);
    if (!advance) return void fail('a gap that moved no watermark');
    const names = namesOf(gap);
    if (names.length > 0) {
      const parts = new Map(
        process.databases.flatMap((database) =>
          database.collections.map((collection): [string, Lifetime[]] => [
            `${database.name}.${collection.name}`,
            [database, collection],
          ]),
        ),
      );
      const isGone = (name: string) =>
        parts
          .get(name)
          ?.some(
            ({ listedFrom = -Infinity, listedUntil = Infinity }) =>
              advance.run.startedAt < listedFrom || advance.at >= listedUntil,
          );
      if (!names.every(isGone)) fail('a gap over measurements that Atlas had');
      return;
    }
    const isTooOld = endOf(gap) <= timeOf(advance.run) - BACKLOG;
    if (!isTooOld && isListed(advance.run.startedAt) && !this.#mayBeDropped(gap.ts, advance))
      fail('a gap over data that Atlas had');
    if (ranks.some(({ ts }) => ts >= gap.ts && ts < endOf(gap))) fail('a gap over existing rows');
  }

  /** Returns whether an hour's answer could be empty when a run read it, because Atlas may have deleted that old hour. */
  #mayBeDropped(hour: number, { run, at }: Advance): boolean {
    const { namespaces, visibleFrom } = this.#hour(hour);
    const isEmpty = namespaces.length === 0 || visibleFrom > run.startedAt || this.#isDropped(hour, at);
    return isEmpty && hour < at + run.skew - RETENTION;
  }

  #isDropped(hour: number, at: number): boolean {
    return hour < at - this.#observed.organisation.rankedNamespacesRetention;
  }

  /** Checks that each hour before a watermark is there if Atlas ranked it then, or during the retries of an empty hour. */
  #checkAdvance({ start, to, run, sequence }: Advance): void {
    for (let hour = ceilTo(start, HOUR); hour < to; hour += HOUR) {
      const { namespaces, visibleFrom } = this.#hour(hour);
      const isSkipped = this.#skips(sequence, Infinity).some((gap) => hour >= gap.ts && hour < endOf(gap));
      if (namespaces.length === 0 || this.#ranks.has(hour) || isSkipped) continue;
      if (visibleFrom <= run.startedAt)
        this.#violations.push(
          `missing: the hour from ${formatInstant(hour)}, read by the run of ${formatInstant(run.tick)}`,
        );
      else this.#checkRetries(hour, visibleFrom, timeOf(run), sequence);
    }
  }

  /** @param first when a run first requested the hour and got an empty answer */
  #checkRetries(hour: number, visibleFrom: number, first: number, sequence: number): void {
    const { runs, isListed } = this.#observed;
    let latest = first;
    for (const run of runs.filter((candidate) => timeOf(candidate) > first)) {
      const isInTime = latest < first + PATIENCE;
      const isNew = timeOf(run) > latest;
      latest = Math.max(latest, timeOf(run));
      const { finishedAt, result, startedAt } = run;
      if (!isNew || !isInTime) continue;
      if (result?.outcome !== 'complete' || finishedAt === undefined) continue;
      if (visibleFrom > startedAt || ![startedAt, finishedAt].every(isListed)) continue;
      if (this.#skips(sequence, finishedAt).length > 0 || this.#isDropped(hour, finishedAt)) continue;
      this.#violations.push(
        `missing: the hour from ${formatInstant(hour)}, requested again by the run of ${formatInstant(run.tick)}`,
      );
      return;
    }
  }

  /** Returns gaps over hours that runs no longer request, from commits after a sequence and before an instant. */
  #skips(sequence: number, until: number): CommittedRow[] {
    const { gaps, advances } = this.#observed;
    const commits = advances.filter((advance) => advance.sequence >= sequence && advance.at <= until);
    return gaps.filter(
      (gap) => namesOf(gap).length === 0 && commits.some((commit) => commit.sequence === gap.sequence),
    );
  }

  /** Returns the watermark move of rows, or undefined if they come from several commits. */
  #advanceOf(rows: readonly CommittedRow[]): Advance | undefined {
    const [sequence, ...others] = new Set(rows.map((row) => row.sequence));
    if (others.length > 0) return undefined;
    return this.#observed.advances.find((advance) => advance.sequence === sequence);
  }

  #hour(hour: number): RankedHour {
    const { organisation, project: projectId, process } = this.#observed;
    const [ranked] = rankedHours(organisation, { projectId, processId: process.id }, hour, hour + 1);
    if (!ranked) throw new RangeError(`not an hour: ${formatInstant(hour)}`);
    return ranked;
  }
}

/** Returns the namespaces whose measurements a gap covers. */
function namesOf({ values }: CommittedRow): string[] {
  const [, names = ''] = /^measurements .*?: (.*)$/.exec(String(values['reason'])) ?? [];
  return names === '' ? [] : names.split(', ').map((name) => name.replace(/ \(.*$/, ''));
}

function texts(rows: readonly CommittedRow[], process: Process): string[] {
  return rows
    .map((row) =>
      identity(withClusterName({ ...row, values: withProcessType(process, row.values) }, process)),
    )
    .sort();
}

function show(rows: readonly CommittedRow[]): string {
  return rows
    .slice(0, 3)
    .map(({ values }) => JSON.stringify(values))
    .join(', ');
}
