import { HOUR, MINUTE } from '../../../../shared/durations.ts';
import type { SeriesTarget, SettledPoint } from '../../../../simulator/series.ts';
import { instantOf } from '../../../support/times.ts';
import type { History } from '../history.ts';
import type { RunRecord } from '../world.ts';
import type { Advance } from './advances.ts';
import type { TargetBackfills } from './backfills.ts';
import { floorTo, formatInstant } from './instants.ts';
import type { CommittedRow } from './lake.ts';
import {
  beginningOf,
  coarserThan,
  intervalStart,
  type Points,
  RESOLUTIONS,
  type Resolution,
  resolutionOf,
} from './points.ts';
import { collects } from './runs.ts';
import { type ResolutionSpan, spansOf } from './spans.ts';
/** A move of a watermark at one granularity. */
export interface ResolutionAdvance extends Advance {
  resolution: Resolution;
  /** The position up to which new points were read before. It is beyond a watermark that a coarse hour holds. */
  front: number;
  /** The position after the move, and where the time begins that was read up to it without a break. */
  frontTo: number;
  frontFrom: number;
}

/** Atlas does not delete points on time, so the design does not rely on points this close to the end of the retention. */
export const MARGIN = 10 * MINUTE;

/** How old lists of databases and disks can be: an hour, and some minutes for the list itself. */
export const LISTING = HOUR + 10 * MINUTE;

/** How far before the watermark a run reads again, by the design. */
export const LOOKBACK = HOUR;

/** The facts about one target that are visible from outside. */
export interface Observations {
  history: History;
  target: SeriesTarget;
  points: Points;
  advances: readonly ResolutionAdvance[];
  runs: readonly RunRecord[];
  rows: readonly CommittedRow[];
  gaps: readonly CommittedRow[];
  /** Returns whether Atlas lists the target, with data of its process, at an instant. */
  isListed(instant: number): boolean;
  /** Returns whether Atlas lists the process without data. */
  wasSilent(instant: number): boolean;
  /** Returns whether Atlas gives no hours and days of the process. */
  isCoarseOutage(instant: number): boolean;
  /** Whether the cluster is too small for PT10S. */
  isSmall: boolean;
  backfills: TargetBackfills;
  /** Returns from where on the last answers had no values, by a stored state; undefined if they had some. */
  emptyFrom(states: unknown): number | undefined;
}

/** The facts about one target, what must be in the lake because of them, and the violations that checks report. */
export class TargetFacts {
  readonly observed: Observations;
  /** The rows by measurement, granularity and timestamp. */
  readonly #byPoint: ReadonlyMap<string, CommittedRow>;
  /** The rows of hours and days, by the interval that they stand for. */
  readonly #byInterval: ReadonlyMap<string, CommittedRow>;
  readonly violations: string[] = [];

  constructor(observations: Observations) {
    this.observed = observations;
    this.#byPoint = new Map(
      observations.rows.map((row) => [
        keyOf(row.values['measurement'], row.values['granularity'], row.ts),
        row,
      ]),
    );
    this.#byInterval = new Map(
      observations.rows.map((row) => {
        const resolution = resolutionOf(row.values['granularity']);
        return [
          keyOf(row.values['measurement'], resolution.granularity, intervalStart(resolution, row.ts)),
          row,
        ];
      }),
    );
  }

  report(violation: string): void {
    this.violations.push(violation);
  }

  /** Returns whether all runs collect a series. One that only some collect may be read too late. */
  isAlwaysCollected({ measurement }: SettledPoint): boolean {
    return this.observed.runs.every((run) => collects(run, measurement));
  }

  /** Returns the resolutions at which fine points are kept after a move, by the configurations and outages until then. */
  spans(index: number): ResolutionSpan[] {
    return spansOf(this.observed.advances.slice(0, index + 1), limitOf);
  }

  resolutionAt(index: number, time: number): Resolution {
    const spans = this.spans(index);
    return (
      spans.find(({ from, to }) => from <= time && time < to) ??
      spans.at(-1) ?? { resolution: resolutionOf('PT1H') }
    ).resolution;
  }

  /** Returns the coarse row that covers an instant. */
  coarseRow(measurement: unknown, coarse: Resolution, ts: number): CommittedRow | undefined {
    return this.#byInterval.get(keyOf(measurement, coarse.granularity, floorTo(ts, coarse.interval)));
  }

  /**
   * Returns whether all finer points of a coarse interval are there, because an earlier run found it fine. It may have
   * begun in one granularity and ended in a finer one.
   */
  #hasFinerPoints({ measurement, timestamp }: SettledPoint, resolution: Resolution): boolean {
    const start = intervalStart(resolution, timestamp);
    return RESOLUTIONS.filter((finer) => coarserThan(finer).includes(resolution)).some((finer) => {
      const parts = this.observed.points
        .passed(finer, start, start + resolution.interval)
        .filter((part) => part.measurement === measurement && part.value !== null);
      const there = parts.filter(
        (part) =>
          this.#byPoint.has(keyOf(measurement, finer.granularity, part.timestamp)) ||
          this.#hasFinerPoints(part, finer),
      );
      return parts.length > 0 && there.length === parts.length;
    });
  }

  /** Checks that a point is in the lake, in a coarser row before `fineFrom`, or in a gap. */
  expectPoint(
    point: SettledPoint,
    resolution: Resolution,
    why: string,
    fineFrom = Number.POSITIVE_INFINITY,
  ): void {
    const { measurement, timestamp } = point;
    if (this.#byPoint.has(keyOf(measurement, resolution.granularity, timestamp))) return;
    for (const coarse of timestamp < fineFrom ? coarserThan(resolution) : [])
      if (this.coarseRow(measurement, coarse, beginningOf(resolution, timestamp))) return;
    if (this.#hasFinerPoints(point, resolution)) return;
    const inGap = this.observed.gaps.some(
      (gap) =>
        // The beginning of an hour may have been read at a finer resolution.
        gap.ts < timestamp + (resolution.interval < HOUR ? 1 : resolution.interval) &&
        timestamp < instantOf(gap.values['gap_end']),
    );
    if (inGap) return;
    this.report(`missing: ${measurement} ${resolution.granularity} ${formatInstant(timestamp)}, ${why}`);
  }
}

/** Returns the oldest reliable time of a resolution. A rate's first point also needs the interval before it. */
export function limitOf({ retention, interval }: Resolution, now: number): number {
  return now - retention + Math.max(MARGIN, interval + 5 * MINUTE);
}

function keyOf(measurement: unknown, granularity: unknown, ts: number): string {
  return `${String(measurement)} ${String(granularity)} ${ts}`;
}

export function showRow({ values, ts, sequence }: CommittedRow): string {
  return `${String(values['measurement'])} ${String(values['granularity'])} ${formatInstant(ts)} (${sequence})`;
}
