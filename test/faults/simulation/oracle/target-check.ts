import { DAY, HOUR, MINUTE } from '../../../../shared/durations.ts';
import type { SeriesTarget, SettledPoint } from '../../../../simulator/series.ts';
import { instantOf } from '../../../support/times.ts';
import { type History, minuteOf } from '../history.ts';
import { measurementOf } from '../organisation.ts';
import type { RunRecord } from '../world.ts';
import type { Advance } from './advances.ts';
import { ceilTo, floorTo, formatInstant } from './instants.ts';
import type { CommittedRow } from './lake.ts';
import {
  beginningOf,
  coarserThan,
  intervalStart,
  type Points,
  RESOLUTIONS,
  type Resolution,
  resolutionOf,
  stepOf,
} from './points.ts';
import { clockOf, collects, settingsOf, timeOf } from './runs.ts';
import { contains, joined, type Period, type ResolutionSpan, spansOf } from './spans.ts';

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
const MARGIN = 10 * MINUTE;

/** A collector does not request points this close to the end of the retention, by its own clock. */
const CLOCKS_APART = 2 * MINUTE;

/** How old lists of databases and disks can be: an hour, and some minutes for the list itself. */
const LISTING = HOUR + 10 * MINUTE;

/** How far before the watermark a run reads again, by the design. */
const LOOKBACK = HOUR;

/** How long Atlas Search without values is not read, by the design. */
const SEARCH_REST = 4 * HOUR;

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
}

/** Checks every promise about the measurements of one target. */
export class TargetCheck {
  readonly #observed: Observations;
  readonly #byPoint: ReadonlyMap<string, CommittedRow>;
  /** The rows of hours and days, by the interval that they stand for. */
  readonly #byInterval: ReadonlyMap<string, CommittedRow>;
  readonly #violations: string[] = [];

  constructor(observations: Observations) {
    this.#observed = observations;
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

  violations(): string[] {
    this.#checkValues();
    this.#checkNoOverlap();
    this.#checkWatermarkOrder();
    for (const [index, advance] of this.#observed.advances.entries()) this.#checkAdvance(advance, index);
    for (const run of this.#observed.runs) {
      this.#checkComplete(run);
      this.#checkFinalCheck(run);
    }
    this.#checkAppearances();
    this.#checkRemovedTarget();
    this.#checkSilentProcess();
    this.#checkGaps();
    return this.#violations;
  }

  /** Checks that every row has the value that Atlas settled at. */
  #checkValues(): void {
    for (const { values, ts } of this.#observed.rows) {
      const resolution = resolutionOf(values['granularity']);
      const point = this.#observed.points
        .between(resolution, ts, ts + 1)
        .find(({ measurement }) => measurement === values['measurement']);
      if (!this.#observed.runs.some((run) => collects(run, String(values['measurement']))))
        this.#violations.push(`a row of a measurement that is not selected: ${JSON.stringify(values)}`);
      if (point?.value !== values['value'] || point?.units !== values['units']) {
        this.#violations.push(`a row with a value that Atlas does not have: ${JSON.stringify(values)}`);
      }
    }
  }

  /** Checks that no instant is covered twice: by two granularities, or by a row and a gap. */
  #checkNoOverlap(): void {
    const { rows, gaps, advances } = this.#observed;
    for (const fine of rows) {
      const { measurement, granularity } = fine.values;
      const resolution = resolutionOf(granularity);
      // An hour whose timestamp is before midnight may be the first hour of the next day.
      const begin = beginningOf(resolution, fine.ts);
      for (const coarse of coarserThan(resolution)) {
        const above = this.#coarseRow(measurement, coarse, begin);
        if (!above) continue;
        // One exception: the coarse interval up to which points had been read when Atlas deleted the finer points after
        // it. The beginning of that interval was already there.
        const end = intervalStart(coarse, above.ts) + coarse.interval;
        const heldTheMark = advances.some(({ start, front, run }) =>
          [start, front].some((at) => at > begin && at < end && at < limitOf(resolution, clockOf(run))),
        );
        if (!heldTheMark) {
          this.#violations.push(`an instant in two granularities: ${show(above)} and ${show(fine)}`);
        }
      }
    }
    for (const gap of gaps) {
      const end = instantOf(gap.values['gap_end']);
      if (isPartial(gap)) continue;
      for (const row of rows) {
        if (row.ts >= gap.ts && row.ts < end)
          this.#violations.push(`a gap over an existing row: ${show(row)}, ${String(gap.values['reason'])}`);
      }
    }
  }

  /** Checks that a watermark never moves back, skips nothing, and never passes the settled time. */
  #checkWatermarkOrder(): void {
    for (const { from, to, start, run, resolution, previous } of this.#observed.advances) {
      // A run whose message arrives two weeks late reads points beyond its tick that only coarser resolutions still have.
      const isCoarse = coarserThan(resolution).some(
        ({ interval }) => to <= ceilTo(limitOf(resolution, clockOf(run)), interval),
      );
      if (from !== previous?.to)
        this.#violations.push(`a watermark at ${previous?.to} whose next move starts at ${from}`);
      if (to < start)
        this.#violations.push(
          `a watermark that moved back from ${formatInstant(start)} to ${formatInstant(to)}`,
        );
      // A former granularity may end inside an interval of the current one.
      const settled = timeOf(run) - settingsOf(run).settle;
      const isGap = this.#observed.gaps.some((gap) => instantOf(gap.values['gap_end']) === to);
      if (to > start && to > settled && !isCoarse && !isGap)
        this.#violations.push(`a watermark at ${formatInstant(to)} beyond ${formatInstant(settled)}`);
    }
  }

  /**
   * Checks that what a move has read, and the hour before, is in the lake: hours and days up to the watermark, and new
   * points, which runs read beyond a watermark that a coarse hour holds. A run that moves the held watermark later does
   * not read these points again, so it need not find what became visible in the meantime.
   */
  #checkAdvance(advance: ResolutionAdvance, index: number): void {
    const { start, resolution, run, at, sequence } = advance;
    const skipped = this.#observed.gaps.find((gap) => gap.sequence === sequence && isExpiryGap(gap));
    if (skipped && this.#observed.isListed(run.startedAt)) {
      this.#violations.push(
        `a gap of a listed target: ${formatInstant(skipped.ts)}, by the run of ${formatInstant(run.tick)}`,
      );
    }
    const to = skipped ? skipped.ts : advance.to;
    const { front, ...fresh } = newPoints(advance);
    const readTo = skipped ? Math.min(skipped.ts, fresh.to) : fresh.to;
    if (to <= start && readTo <= front) return;
    const now = clockOf(run);
    const earlier = this.#observed.advances.slice(0, index);
    const known = joined(earlier.map(newPoints));
    let from = start;
    if (to > start && start < limitOf(resolution, now))
      from = this.#checkCoarseRows({ ...advance, to }, { now, index, known });
    const isFirstOfRun = !earlier.some(
      (other) => other.run === run && (other.to > other.start || other.frontTo > other.front),
    );
    const freshFrom = isFirstOfRun && fresh.from === front ? front - LOOKBACK : fresh.from;
    // Runs read hidden hours when Atlas shows values again.
    const isCoarseOutage =
      [run.startedAt, at].some((instant) => this.#observed.isCoarseOutage(instant)) &&
      !this.#isReadLater(index);
    for (const span of this.#spans(index)) {
      const first = Math.max(Math.min(from, freshFrom), span.from, now - span.resolution.retention + MARGIN);
      const end = Math.min(Math.max(to, readTo), span.to);
      for (const point of this.#observed.points.passed(span.resolution, first, end)) {
        const begin = beginningOf(span.resolution, point.timestamp);
        const isFresh = begin >= freshFrom && begin < readTo;
        if (!isFresh && (begin < from || begin >= to || known.some((one) => contains(one, begin)))) continue;
        if (!collects(run, point.measurement)) continue;
        if (point.value === null || point.visibleFrom > run.startedAt || point.visibleUntil < at) continue;
        if (isCoarseOutage && span.resolution.interval >= HOUR) continue;
        const why = `read by the run of ${formatInstant(run.tick)}`;
        this.#expectPoint(point, span.resolution, why, isFresh ? fresh.from : from);
      }
    }
  }

  /** Returns whether a later run found values of hours again, some of them new. */
  #isReadLater(index: number): boolean {
    return this.#observed.advances
      .slice(index + 1)
      .some(
        ({ run, start, to, at }) =>
          to - start >= 2 * HOUR &&
          run.result?.outcome === 'complete' &&
          ![run.startedAt, at, run.finishedAt ?? at].some((instant) =>
            this.#observed.isCoarseOutage(instant),
          ) &&
          this.#observed.isListed(run.startedAt),
      );
  }

  /**
   * Checks the coarse rows of time that the fine resolution had lost, and returns where the fine resolution continues.
   *
   * @param known what earlier moves have read finely
   */
  #checkCoarseRows(
    { start, run, resolution, to, at }: ResolutionAdvance,
    { now, index, known }: { now: number; index: number; known: readonly Period[] },
  ): number {
    let until = start;
    const seen = this.#firstBehind(start, index) ?? run;
    const resolutions = [resolution, ...coarserThan(resolution)];
    for (const [index, finer] of [...resolutions.entries()].slice(0, -1).reverse()) {
      const coarse = resolutions[index + 1];
      if (!coarse || start >= limitOf(finer, now)) continue;
      const border = Math.min(ceilTo(limitOf(finer, now), coarse.interval), to);
      for (const point of this.#observed.points.passed(coarse, floorTo(until, coarse.interval), border)) {
        if (point.value === null || point.visibleFrom > seen.startedAt || point.visibleUntil < at) continue;
        if (!this.#isAlwaysCollected(point)) continue;
        const begin = intervalStart(coarse, point.timestamp);
        if (known.some(({ from, to }) => from <= begin && begin + coarse.interval <= to)) continue;
        this.#expectPoint(
          point,
          coarse,
          `read by the run of ${formatInstant(run.tick)}, after the retention of finer points`,
        );
      }
      until = Math.max(until, border);
    }
    return until;
  }

  /** Returns the first run with a watermark older than the finest points. It may wait there for coarser points. */
  #firstBehind(watermark: number, index: number): RunRecord | undefined {
    const { runs, advances } = this.#observed;
    const arrived =
      advances.slice(0, index).findLast(({ to }) => to === watermark)?.at ?? Number.NEGATIVE_INFINITY;
    const resolution = advances[index]?.resolution;
    return (
      resolution &&
      runs.find((run) => run.startedAt >= arrived && watermark < limitOf(resolution, clockOf(run)))
    );
  }

  /** Checks that a run that reports `complete` moved the watermark of each listed target to the settled time. */
  #checkComplete(run: RunRecord): void {
    if (run.result?.outcome !== 'complete' || run.finishedAt === undefined) return;
    const { advances, isListed, history, target } = this.#observed;
    // Runs list databases and disks once an hour, by their own clocks.
    const listing = LISTING + 2 * history.skew;
    if (![run.startedAt - listing, run.startedAt, run.finishedAt].every(isListed)) return;
    const advance = advances.findLast(({ at }) => at <= (run.finishedAt ?? 0));
    const settled = settledTime(run, resolutionOf(settingsOf(run).granularity));
    if (advance && advance.to >= settled - this.#restAfter(advance)) return;
    // Runs wait for hours that Atlas does not give, while they read new points. Before it begins, Atlas Search has none.
    const waits = advance && advance.to < limitOf(advance.resolution, clockOf(run)) + HOUR;
    if (
      waits &&
      (target.search ||
        history.coarseOutages.length > 0 ||
        history.lateness.length > 0 ||
        history.refuses !== 'nothing')
    )
      return;
    this.#violations.push(
      `the run of ${formatInstant(run.tick)} is complete, but the watermark is at ${advance && formatInstant(advance.to)}`,
    );
  }

  /** Returns how long a target may stay unread after a move: not at all if it has, and had, values. */
  #restAfter({ frontFrom, frontTo, resolution, run, at }: ResolutionAdvance): number {
    const { target, points, history } = this.#observed;
    if (!target.search) return 0;
    // Atlas may have shown none of the hours.
    if (resolution.interval >= HOUR && history.coarseOutages.length > 0) return SEARCH_REST;
    const isRead = ({ timestamp, value, visibleFrom, visibleUntil }: SettledPoint) =>
      beginningOf(resolution, timestamp) < frontTo &&
      value !== null &&
      visibleFrom <= run.startedAt &&
      visibleUntil >= at;
    return points.between(resolution, Math.max(frontFrom, frontTo - SEARCH_REST + 1), frontTo).some(isRead)
      ? 0
      : SEARCH_REST;
  }

  /** Checks that a final check reads everything once more shortly before Atlas deletes it. */
  #checkFinalCheck(run: RunRecord): void {
    if (run.result?.outcome !== 'complete' || run.finishedAt === undefined) return;
    const { advances, points } = this.#observed;
    const index = advances.findLastIndex(({ at }) => at <= (run.finishedAt ?? 0));
    const advance = advances[index];
    if (!advance || !this.#observed.isListed(run.startedAt)) return;
    for (const { resolution, ...span } of this.#spans(index)) {
      if (resolution.retention > 2 * DAY) continue;
      const oldest = clockOf(run) - resolution.retention;
      const from = Math.max(oldest + CLOCKS_APART + 2 * MINUTE + resolution.interval, span.from);
      const to = Math.min(oldest + 30 * MINUTE, span.to, advance.to);
      for (const point of points.between(resolution, from, to)) {
        const { value, timestamp, visibleFrom, visibleUntil } = point;
        if (
          value === null ||
          visibleUntil < run.finishedAt ||
          visibleFrom > timestamp + resolution.retention - 7 * HOUR
        )
          continue;
        if (!this.#isAlwaysCollected(point)) continue;
        this.#expectPoint(
          point,
          resolution,
          `the last final check was the run of ${formatInstant(run.tick)}`,
        );
      }
    }
  }

  /** Checks that the earlier values of a series that appears beside others are there. */
  #checkAppearances(): void {
    const { history, advances, runs, points } = this.#observed;
    for (const rule of history.lateness) {
      if (rule.kind !== 'appears') continue;
      const seen = advances.findIndex(
        ({ run, start, to }, index) => index > 0 && to > start && run.startedAt >= minuteOf(rule.at),
      );
      const advance = advances[seen];
      const before = advances[seen - 1];
      if (!advance || !before) continue;
      const held = this.#spans(seen).filter(({ resolution }) => resolution.retention <= 2 * DAY);
      const [oldestSpan] = held;
      if (!oldestSpan || this.#resolutionAt(seen, advance.start).retention > 2 * DAY) continue;
      // A series that was there in the run before did not appear. It lags.
      if (before.run.startedAt >= minuteOf(rule.at)) continue;
      const run = runs.find(
        ({ startedAt, result }) => startedAt >= advance.run.startedAt && result?.outcome === 'complete',
      );
      if (run?.finishedAt === undefined || run.startedAt > advance.at + HOUR) continue;
      const now = clockOf(run);
      const from = now - oldestSpan.resolution.retention + MARGIN;
      // The other series must have had values that the state still remembers.
      if (
        before.to - oldestSpan.from < HOUR ||
        advance.to - before.to > Math.min(DAY, advance.resolution.retention / 2)
      )
        continue;
      const own = held.flatMap(({ resolution, ...span }) =>
        points
          .between(resolution, span.from, Math.min(span.to, advance.to))
          .filter(
            ({ measurement, value, visibleFrom }) =>
              measurement === measurementOf(history, rule) &&
              value !== null &&
              visibleFrom <= advance.run.startedAt,
          )
          .map((point) => ({ point, resolution })),
      );
      // A series appears when the window has values of it. A removed target may have none there.
      if (!own.some(({ point }) => point.timestamp >= advance.start - LOOKBACK)) continue;
      for (const { point, resolution } of own) {
        if (point.timestamp < from || point.visibleUntil < run.finishedAt) continue;
        if (!this.#isAlwaysCollected(point)) continue;
        this.#expectPoint(
          point,
          resolution,
          `its series appeared before the run of ${formatInstant(run.tick)}`,
        );
      }
    }
  }

  /**
   * Checks that a removed target is read while Atlas may have its data, counted from the first run that missed it. The
   * rest becomes a gap.
   */
  #checkRemovedTarget(): void {
    const { history, runs, advances, isListed } = this.#observed;
    const complete = runs.filter(({ result }) => result?.outcome === 'complete');
    const seen = complete.findLast(({ startedAt }) => [startedAt - LISTING, startedAt].every(isListed));
    const last = complete.at(-1);
    const advance = advances.at(-1);
    if (!seen || !last || !advance || isListed(last.startedAt)) return;
    const interval = stepOf(advance.resolution);
    // A substitute is read while Atlas has it.
    const retention = Math.max(advance.resolution.retention, 2 * DAY);
    // Lists are at most an hour old. The run that missed the target is this one, which may have crashed after its commit,
    // or one in the next hour.
    const first = runs.find(({ startedAt }) => startedAt > seen.startedAt && !isListed(startedAt));
    const missed = complete.find(({ startedAt }) => startedAt >= (first?.startedAt ?? 0) + LISTING);
    if (!first || !missed || clockOf(last) <= clockOf(missed) + retention) return;
    // The clock of the run or dispatcher that missed it may have been behind.
    if (advance.to < floorTo(first.startedAt - history.skew, interval)) {
      this.#violations.push(
        `missed since ${formatInstant(first.startedAt)}, its watermark stays at ${formatInstant(advance.to)} without a gap`,
      );
    }
  }

  /** Checks that runs read the earlier data of a process without data while Atlas has it. */
  #checkSilentProcess(): void {
    const { history, runs, advances, wasSilent, isListed } = this.#observed;
    const first = runs.findIndex(({ startedAt }) => wasSilent(startedAt));
    const began = runs[first];
    if (!began || first === 0 || !isListed(runs[first - 1]?.startedAt ?? 0)) return;
    const answers = !history.absences.some(({ kind }) => kind === 'host-not-found');
    for (const run of runs.slice(first)) {
      const { startedAt, finishedAt, result } = run;
      // Atlas may refuse the data of a process that it no longer lists. Another check concerns those.
      if (!wasSilent(startedAt) || !isListed(startedAt) || !answers) return;
      if (result?.outcome !== 'complete' || finishedAt === undefined) continue;
      if (startedAt > began.startedAt + 47 * HOUR) return;
      const place = advances.findLastIndex(({ at }) => at <= finishedAt);
      const advance = advances[place];
      // The data that it had when it first was without data, if that data has settled now.
      if (!advance) return;
      const interval = stepOf(this.#resolutionAt(place, advance.to));
      const due = Math.min(clockOf(began), timeOf(run) - settingsOf(run).settle);
      if (
        advance.to >= floorTo(due, interval) ||
        advance.to < limitOf(advance.resolution, clockOf(run)) + HOUR
      )
        continue;
      this.#violations.push(
        `without data since ${formatInstant(began.startedAt)}, its watermark is at ${formatInstant(advance.to)} after ${formatInstant(run.tick)}`,
      );
      return;
    }
  }

  /** Checks that no gap says that Atlas gives nothing, or refuses, where the last request would get values. */
  #checkGaps(): void {
    const { gaps, history, points, advances, isCoarseOutage } = this.#observed;
    for (const gap of gaps) {
      const reason = String(gap.values['reason']);
      if (reason.startsWith('refused') && history.refuses === 'nothing')
        this.#violations.push(`a gap of a refusal that did not happen: ${formatInstant(gap.ts)} ${reason}`);
      const [, granularity] = /^no values at (PT1H|P1D),/.exec(reason) ?? [];
      const at = advances.find(({ sequence }) => sequence === gap.sequence)?.at;
      if (granularity === undefined || at === undefined || isCoarseOutage(at)) continue;
      const given = points
        .between(resolutionOf(granularity), gap.ts, instantOf(gap.values['gap_end']))
        .find(
          ({ value, visibleFrom, visibleUntil }) =>
            value !== null && visibleFrom < at - HOUR && visibleUntil > at + HOUR,
        );
      if (given)
        this.#violations.push(
          `a gap over a value that Atlas gives at ${formatInstant(at)}: ${formatInstant(given.timestamp)}`,
        );
    }
  }

  /** Returns whether all runs collect a series. One that only some collect may be read too late. */
  #isAlwaysCollected({ measurement }: SettledPoint): boolean {
    return this.#observed.runs.every((run) => collects(run, measurement));
  }

  /** Returns the resolutions at which fine points are kept after a move, by the configurations and outages until then. */
  #spans(index: number): ResolutionSpan[] {
    return spansOf(this.#observed.advances.slice(0, index + 1), limitOf);
  }

  #resolutionAt(index: number, time: number): Resolution {
    const spans = this.#spans(index);
    return (
      spans.find(({ from, to }) => from <= time && time < to) ??
      spans.at(-1) ?? { resolution: resolutionOf('PT1H') }
    ).resolution;
  }

  /** Returns the coarse row that covers an instant. */
  #coarseRow(measurement: unknown, coarse: Resolution, ts: number): CommittedRow | undefined {
    return this.#byInterval.get(keyOf(measurement, coarse.granularity, floorTo(ts, coarse.interval)));
  }

  /** Returns whether all finer points of a coarse interval are there, because an earlier run found it fine. */
  #hasFinerPoints({ measurement, timestamp }: SettledPoint, resolution: Resolution): boolean {
    const start = intervalStart(resolution, timestamp);
    return RESOLUTIONS.filter((finer) => coarserThan(finer).includes(resolution)).some((finer) => {
      const parts = this.#observed.points
        .passed(finer, start, start + resolution.interval)
        .filter((part) => part.measurement === measurement && part.value !== null);
      const there = parts.filter(({ timestamp: ts }) =>
        this.#byPoint.has(keyOf(measurement, finer.granularity, ts)),
      );
      return parts.length > 0 && there.length === parts.length;
    });
  }

  /** Checks that a point is in the lake, in a coarser row before `fineFrom`, or in a gap. */
  #expectPoint(
    point: SettledPoint,
    resolution: Resolution,
    why: string,
    fineFrom = Number.POSITIVE_INFINITY,
  ): void {
    const { measurement, timestamp } = point;
    if (this.#byPoint.has(keyOf(measurement, resolution.granularity, timestamp))) return;
    for (const coarse of timestamp < fineFrom ? coarserThan(resolution) : [])
      if (this.#coarseRow(measurement, coarse, beginningOf(resolution, timestamp))) return;
    if (this.#hasFinerPoints(point, resolution)) return;
    const inGap = this.#observed.gaps.some(
      (gap) =>
        // The beginning of an hour may have been read at a finer resolution.
        gap.ts < timestamp + (resolution.interval < HOUR ? 1 : resolution.interval) &&
        timestamp < instantOf(gap.values['gap_end']),
    );
    if (inGap) return;
    this.#violations.push(
      `missing: ${measurement} ${resolution.granularity} ${formatInstant(timestamp)}, ${why}`,
    );
  }
}

/**
 * Returns the time whose new points a move has read. If Atlas had deleted the first of them, it begins after what only a
 * coarser resolution has.
 */
function newPoints({ front, frontFrom, frontTo, resolution, run }: ResolutionAdvance) {
  const limit = limitOf(resolution, clockOf(run));
  const [coarse] = coarserThan(resolution);
  const held = front < limit && coarse ? ceilTo(limit, coarse.interval) : front;
  return { front, from: Math.max(held, frontFrom), to: frontTo };
}

/** Returns whether a gap was recorded because a whole target had expired. */
function isExpiryGap({ values }: CommittedRow): boolean {
  return String(values['reason']).includes('its retention is over');
}

/** Returns whether a gap may cover existing rows: gaps of single series, or of a last request. */
function isPartial({ values }: CommittedRow): boolean {
  return /single series|last time/.test(String(values['reason']));
}

function settledTime(run: RunRecord, resolution: Resolution): number {
  return floorTo(timeOf(run) - settingsOf(run).settle, stepOf(resolution));
}

/** Returns the oldest reliable time of a resolution. A rate's first point also needs the interval before it. */
function limitOf({ retention, interval }: Resolution, now: number): number {
  return now - retention + Math.max(MARGIN, interval + 5 * MINUTE);
}

function keyOf(measurement: unknown, granularity: unknown, ts: number): string {
  return `${String(measurement)} ${String(granularity)} ${ts}`;
}

function show({ values, ts, sequence }: CommittedRow): string {
  return `${String(values['measurement'])} ${String(values['granularity'])} ${formatInstant(ts)} (${sequence})`;
}
