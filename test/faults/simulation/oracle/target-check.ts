import { DAY, HOUR, MINUTE } from '../../../../shared/durations.ts';
import type { SeriesTarget, SettledPoint } from '../../../../simulator/series.ts';
import { instantOf } from '../../../support/times.ts';
import { type History, minuteOf } from '../history.ts';
import { measurementOf } from '../organisation.ts';
import type { RunRecord } from '../world.ts';
import type { CommittedRow } from './lake.ts';
import {
  beginningOf,
  ceilTo,
  coarserThan,
  floorTo,
  granuleOf,
  LEVELS,
  type Level,
  type Points,
  resolutionOf,
  stepOf,
} from './points.ts';
import { type LevelSpan, spansOf } from './spans.ts';
import { clockOf, collects, type Stride, settingsOf, time, timeOf } from './strides.ts';

/** A move of a watermark at one granularity. */
export interface LevelStride extends Stride {
  level: Level;
  /** The position up to which new points were read before. It is beyond a watermark that a coarse hour holds. */
  front: number;
}

/** Atlas does not delete points on time, so the design does not rely on points this close to the end of the retention. */
const MARGIN = 10 * MINUTE;

/** A collector does not request points this close to the end of the retention, by its own clock. */
const CLOCKS_APART = 2 * MINUTE;

/** How old lists of databases and disks can be: an hour, and some minutes for the list itself. */
const LISTING = HOUR + 10 * MINUTE;

/** How far before the watermark a run reads again, by the design. */
const LOOKBACK = HOUR;

/** The facts about one target that are visible from outside. */
export interface Evidence {
  history: History;
  target: SeriesTarget;
  points: Points;
  strides: readonly LevelStride[];
  runs: readonly RunRecord[];
  rows: readonly CommittedRow[];
  gaps: readonly CommittedRow[];
  /** Returns whether Atlas lists the target, with data of its process, at an instant. */
  isListed(instant: number): boolean;
  /** Returns whether Atlas lists the process without data. */
  wasSilent(instant: number): boolean;
  /** Returns whether Atlas gives no hours and days of the process. */
  isHushed(instant: number): boolean;
}

/** Checks every promise about the measurements of one target. */
export class TargetCheck {
  readonly #evidence: Evidence;
  readonly #byPoint: ReadonlyMap<string, CommittedRow>;
  /** The rows of hours and days, by the interval that they stand for. */
  readonly #byGranule: ReadonlyMap<string, CommittedRow>;
  readonly #violations: string[] = [];

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
    this.#byPoint = new Map(
      evidence.rows.map((row) => [keyOf(row.values['measurement'], row.values['granularity'], row.ts), row]),
    );
    this.#byGranule = new Map(
      evidence.rows.map((row) => {
        const level = resolutionOf(row.values['granularity']);
        return [keyOf(row.values['measurement'], level.granularity, granuleOf(level, row.ts)), row];
      }),
    );
  }

  all(): string[] {
    this.#valuesAreAtlas();
    this.#nothingTwice();
    this.#marksAreInOrder();
    for (const [index, stride] of this.#evidence.strides.entries()) this.#strideIsAccounted(stride, index);
    for (const run of this.#evidence.runs) {
      this.#isComplete(run);
      this.#recheckIsAccounted(run);
    }
    this.#appearancesAreAccounted();
    this.#whatIsGoneIsAGap();
    this.#whatIsSilentIsRead();
    this.#gapsAreTrue();
    return this.#violations;
  }

  /** Checks that every row has the value that Atlas settled at. */
  #valuesAreAtlas(): void {
    for (const { values, ts } of this.#evidence.rows) {
      const level = resolutionOf(values['granularity']);
      const point = this.#evidence.points
        .between(level, ts, ts + 1)
        .find(({ measurement }) => measurement === values['measurement']);
      if (!this.#evidence.runs.some((run) => collects(run, String(values['measurement']))))
        this.#violations.push(`a row of a measurement that is not selected: ${JSON.stringify(values)}`);
      if (point?.value !== values['value'] || point?.units !== values['units']) {
        this.#violations.push(`a row with a value that Atlas does not have: ${JSON.stringify(values)}`);
      }
    }
  }

  /** Checks that no instant is covered twice: by two granularities, or by a row and a gap. */
  #nothingTwice(): void {
    const { rows, gaps, strides } = this.#evidence;
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
        const end = granuleOf(coarse, above.ts) + coarse.granule;
        const heldTheMark = strides.some(({ start, front, run }) =>
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
  #marksAreInOrder(): void {
    for (const { from, to, start, run, level, previous } of this.#evidence.strides) {
      // A run whose message arrives two weeks late reads points beyond its tick that only coarser resolutions still have.
      const isCoarse = coarserThan(level).some(
        ({ granule }) => to <= ceilTo(limitOf(level, clockOf(run)), granule),
      );
      if (from !== previous?.to)
        this.#violations.push(`a watermark at ${previous?.to} whose next move starts at ${from}`);
      if (to < start) this.#violations.push(`a watermark that moved back from ${time(start)} to ${time(to)}`);
      // A former granularity may end inside an interval of the current one.
      const settled = timeOf(run) - settingsOf(run).settle;
      const isGap = this.#evidence.gaps.some((gap) => instantOf(gap.values['gap_end']) === to);
      if (to > start && to > settled && !isCoarse && !isGap)
        this.#violations.push(`a watermark at ${time(to)} beyond ${time(settled)}`);
    }
  }

  /** Checks that everything between two positions of a watermark, and in the hour before, is in the lake. */
  #strideIsAccounted(stride: LevelStride, index: number): void {
    const { start, level, run, at, sequence } = stride;
    const skipped = this.#evidence.gaps.find((gap) => gap.sequence === sequence && isFarewell(gap));
    if (skipped && this.#evidence.isListed(run.startedAt)) {
      this.#violations.push(`a gap of a listed target: ${time(skipped.ts)}, by the run of ${time(run.tick)}`);
    }
    const to = skipped ? skipped.ts : stride.to;
    if (to <= start) return;
    const now = clockOf(run);
    const { strides } = this.#evidence;
    const isFirstOfRun = !strides
      .slice(0, index)
      .some((other) => other.run === run && other.to > other.start);
    const hasOutlived = start < limitOf(level, now);
    let from = start;
    // Runs read hidden hours when Atlas shows values again.
    const isHushed =
      [run.startedAt, at].some((instant) => this.#evidence.isHushed(instant)) && !this.#hearsLater(index);
    if (hasOutlived) from = this.#coarseIsThere({ ...stride, to }, now, index);
    else if (isFirstOfRun) from = start - LOOKBACK;
    for (const span of this.#spans(index)) {
      const first = Math.max(from, span.from, now - span.level.retention + MARGIN);
      for (const point of this.#evidence.points.passed(span.level, first, Math.min(to, span.to))) {
        if (!collects(run, point.measurement)) continue;
        if (point.value === null || point.visibleFrom > run.startedAt || point.visibleUntil < at) continue;
        if (isHushed && span.level.granule >= HOUR) continue;
        this.#mustBeThere(
          point,
          span.level,
          `read by the run of ${time(run.tick)}`,
          hasOutlived ? from : start,
        );
      }
    }
  }

  /** Returns whether a later run found values of hours again, some of them new. */
  #hearsLater(index: number): boolean {
    return this.#evidence.strides
      .slice(index + 1)
      .some(
        ({ run, start, to, at }) =>
          to - start >= 2 * HOUR &&
          run.result?.outcome === 'complete' &&
          ![run.startedAt, at, run.finishedAt ?? at].some((instant) => this.#evidence.isHushed(instant)) &&
          this.#evidence.isListed(run.startedAt),
      );
  }

  /** Checks the coarse rows of time that the fine resolution had lost, and returns where the fine resolution continues. */
  #coarseIsThere({ start, run, level, to, at }: LevelStride, now: number, index: number): number {
    let until = start;
    const seen = this.#firstBehind(start, index) ?? run;
    const levels = [level, ...coarserThan(level)];
    for (const [index, finer] of [...levels.entries()].slice(0, -1).reverse()) {
      const coarse = levels[index + 1];
      if (!coarse || start >= limitOf(finer, now)) continue;
      const border = Math.min(ceilTo(limitOf(finer, now), coarse.granule), to);
      for (const point of this.#evidence.points.passed(coarse, floorTo(until, coarse.granule), border)) {
        if (point.value === null || point.visibleFrom > seen.startedAt || point.visibleUntil < at) continue;
        if (!this.#isAlwaysCollected(point)) continue;
        this.#mustBeThere(
          point,
          coarse,
          `read by the run of ${time(run.tick)}, after the retention of finer points`,
        );
      }
      until = Math.max(until, border);
    }
    return until;
  }

  /** Returns the first run with a watermark older than the finest points. It may wait there for coarser points. */
  #firstBehind(watermark: number, index: number): RunRecord | undefined {
    const { runs, strides } = this.#evidence;
    const arrived =
      strides.slice(0, index).findLast(({ to }) => to === watermark)?.at ?? Number.NEGATIVE_INFINITY;
    const level = strides[index]?.level;
    return level && runs.find((run) => run.startedAt >= arrived && watermark < limitOf(level, clockOf(run)));
  }

  /** Checks that a run that reports `complete` moved the watermark of each listed target to the settled time. */
  #isComplete(run: RunRecord): void {
    if (run.result?.outcome !== 'complete' || run.finishedAt === undefined) return;
    const { strides, isListed, history } = this.#evidence;
    // Runs list databases and disks once an hour, by their own clocks.
    const listing = LISTING + 2 * history.skew;
    if (![run.startedAt - listing, run.startedAt, run.finishedAt].every(isListed)) return;
    const stride = strides.findLast(({ at }) => at <= (run.finishedAt ?? 0));
    if (stride && stride.to >= settledTime(run, resolutionOf(settingsOf(run).granularity))) return;
    // Runs wait for hours that Atlas does not give, while they read new points.
    const waits = stride && stride.to < limitOf(stride.level, clockOf(run)) + HOUR;
    if (waits && (history.hushes.length > 0 || history.lateness.length > 0 || history.refuses !== 'nothing'))
      return;
    this.#violations.push(
      `the run of ${time(run.tick)} is complete, but the watermark is at ${stride && time(stride.to)}`,
    );
  }

  /** Checks that a final check reads everything once more shortly before Atlas deletes it. */
  #recheckIsAccounted(run: RunRecord): void {
    if (run.result?.outcome !== 'complete' || run.finishedAt === undefined) return;
    const { strides, points } = this.#evidence;
    const index = strides.findLastIndex(({ at }) => at <= (run.finishedAt ?? 0));
    const stride = strides[index];
    if (!stride || !this.#evidence.isListed(run.startedAt)) return;
    for (const { level, ...span } of this.#spans(index)) {
      if (level.retention > 2 * DAY) continue;
      const oldest = clockOf(run) - level.retention;
      const from = Math.max(oldest + CLOCKS_APART + 2 * MINUTE + level.granule, span.from);
      const to = Math.min(oldest + 30 * MINUTE, span.to, stride.to);
      for (const point of points.between(level, from, to)) {
        const { value, timestamp, visibleFrom, visibleUntil } = point;
        if (
          value === null ||
          visibleUntil < run.finishedAt ||
          visibleFrom > timestamp + level.retention - 7 * HOUR
        )
          continue;
        if (!this.#isAlwaysCollected(point)) continue;
        this.#mustBeThere(point, level, `the last final check was the run of ${time(run.tick)}`);
      }
    }
  }

  /** Checks that the earlier values of a series that appears beside others are there. */
  #appearancesAreAccounted(): void {
    const { history, strides, runs, points } = this.#evidence;
    for (const rule of history.lateness) {
      if (rule.kind !== 'appears') continue;
      const seen = strides.findIndex(
        ({ run, start, to }, index) => index > 0 && to > start && run.startedAt >= minuteOf(rule.at),
      );
      const stride = strides[seen];
      const before = strides[seen - 1];
      if (!stride || !before) continue;
      const held = this.#spans(seen).filter(({ level }) => level.retention <= 2 * DAY);
      const [oldestSpan] = held;
      if (!oldestSpan || this.#levelAt(seen, stride.start).retention > 2 * DAY) continue;
      // A series that was there in the run before did not appear. It lags.
      if (before.run.startedAt >= minuteOf(rule.at)) continue;
      const run = runs.find(
        ({ startedAt, result }) => startedAt >= stride.run.startedAt && result?.outcome === 'complete',
      );
      if (run?.finishedAt === undefined || run.startedAt > stride.at + HOUR) continue;
      const now = clockOf(run);
      const from = now - oldestSpan.level.retention + MARGIN;
      // The other series must have had values that the state still remembers.
      if (
        before.to - oldestSpan.from < HOUR ||
        stride.to - before.to > Math.min(DAY, stride.level.retention / 2)
      )
        continue;
      const own = held.flatMap(({ level, ...span }) =>
        points
          .between(level, span.from, Math.min(span.to, stride.to))
          .filter(
            ({ measurement, value, visibleFrom }) =>
              measurement === measurementOf(history, rule) &&
              value !== null &&
              visibleFrom <= stride.run.startedAt,
          )
          .map((point) => ({ point, level })),
      );
      // A series appears when the window has values of it. A removed target may have none there.
      if (!own.some(({ point }) => point.timestamp >= stride.start - LOOKBACK)) continue;
      for (const { point, level } of own) {
        if (point.timestamp < from || point.visibleUntil < run.finishedAt) continue;
        if (!this.#isAlwaysCollected(point)) continue;
        this.#mustBeThere(point, level, `its series appeared before the run of ${time(run.tick)}`);
      }
    }
  }

  /**
   * Checks that a removed target is read while Atlas may have its data, counted from the first run that missed it. The
   * rest becomes a gap.
   */
  #whatIsGoneIsAGap(): void {
    const { history, runs, strides, isListed } = this.#evidence;
    const complete = runs.filter(({ result }) => result?.outcome === 'complete');
    const seen = complete.findLast(({ startedAt }) => [startedAt - LISTING, startedAt].every(isListed));
    const last = complete.at(-1);
    const stride = strides.at(-1);
    if (!seen || !last || !stride || isListed(last.startedAt)) return;
    const granule = stepOf(stride.level);
    // A substitute is read while Atlas has it.
    const retention = Math.max(stride.level.retention, 2 * DAY);
    // Lists are at most an hour old. The run that missed the target is this one, which may have crashed after its commit,
    // or one in the next hour.
    const first = runs.find(({ startedAt }) => startedAt > seen.startedAt && !isListed(startedAt));
    const missed = complete.find(({ startedAt }) => startedAt >= (first?.startedAt ?? 0) + LISTING);
    if (!first || !missed || clockOf(last) <= clockOf(missed) + retention) return;
    // The clock of the run or dispatcher that missed it may have been behind.
    if (stride.to < floorTo(first.startedAt - history.skew, granule)) {
      this.#violations.push(
        `missed since ${time(first.startedAt)}, its watermark stays at ${time(stride.to)} without a gap`,
      );
    }
  }

  /** Checks that runs read the earlier data of a process without data while Atlas has it. */
  #whatIsSilentIsRead(): void {
    const { history, runs, strides, wasSilent, isListed } = this.#evidence;
    const first = runs.findIndex(({ startedAt }) => wasSilent(startedAt));
    const began = runs[first];
    if (!began || first === 0 || !isListed(runs[first - 1]?.startedAt ?? 0)) return;
    const answers = !history.absences.some(({ kind }) => kind === 'host-not-found');
    for (const run of runs.slice(first)) {
      const { startedAt, finishedAt, result } = run;
      if (!wasSilent(startedAt) || !answers) return;
      if (result?.outcome !== 'complete' || finishedAt === undefined) continue;
      if (startedAt > began.startedAt + 47 * HOUR) return;
      const place = strides.findLastIndex(({ at }) => at <= finishedAt);
      const stride = strides[place];
      // The data that it had when it first was without data, if that data has settled now.
      if (!stride) return;
      const granule = stepOf(this.#levelAt(place, stride.to));
      const due = Math.min(clockOf(began), timeOf(run) - settingsOf(run).settle);
      if (stride.to >= floorTo(due, granule) || stride.to < limitOf(stride.level, clockOf(run)) + HOUR)
        continue;
      this.#violations.push(
        `without data since ${time(began.startedAt)}, its watermark is at ${time(stride.to)} after ${time(run.tick)}`,
      );
      return;
    }
  }

  /** Checks that no gap says that Atlas gives nothing, or refuses, where the last request would get values. */
  #gapsAreTrue(): void {
    const { gaps, history, points, strides, isHushed } = this.#evidence;
    for (const gap of gaps) {
      const reason = String(gap.values['reason']);
      if (reason.startsWith('refused') && history.refuses === 'nothing')
        this.#violations.push(`a gap of a refusal that did not happen: ${time(gap.ts)} ${reason}`);
      const [, granularity] = /^no values at (PT1H|P1D),/.exec(reason) ?? [];
      const at = strides.find(({ sequence }) => sequence === gap.sequence)?.at;
      if (granularity === undefined || at === undefined || isHushed(at)) continue;
      const given = points
        .between(resolutionOf(granularity), gap.ts, instantOf(gap.values['gap_end']))
        .find(
          ({ value, visibleFrom, visibleUntil }) =>
            value !== null && visibleFrom < at - HOUR && visibleUntil > at + HOUR,
        );
      if (given)
        this.#violations.push(`a gap over a value that Atlas gives at ${time(at)}: ${time(given.timestamp)}`);
    }
  }

  /** Returns whether all runs collect a series. One that only some collect may be read too late. */
  #isAlwaysCollected({ measurement }: SettledPoint): boolean {
    return this.#evidence.runs.every((run) => collects(run, measurement));
  }

  /** Returns the resolutions at which fine points are kept after a move, by the configurations and outages until then. */
  #spans(index: number): LevelSpan[] {
    return spansOf(this.#evidence.strides.slice(0, index + 1), limitOf);
  }

  #levelAt(index: number, time: number): Level {
    const spans = this.#spans(index);
    return (
      spans.find(({ from, to }) => from <= time && time < to) ??
      spans.at(-1) ?? { level: resolutionOf('PT1H') }
    ).level;
  }

  /** Returns the coarse row that covers an instant. */
  #coarseRow(measurement: unknown, coarse: Level, ts: number): CommittedRow | undefined {
    return this.#byGranule.get(keyOf(measurement, coarse.granularity, floorTo(ts, coarse.granule)));
  }

  /** Returns whether all finer points of a coarse hour are there, because another run found the hour fine. */
  #isThereFiner({ measurement, timestamp }: SettledPoint, level: Level): boolean {
    const start = granuleOf(level, timestamp);
    if (level.granule < HOUR) return false;
    return LEVELS.filter(({ granule }) => granule < level.granule).some((finer) => {
      const parts = this.#evidence.points
        .passed(finer, start, start + level.granule)
        .filter((part) => part.measurement === measurement && part.value !== null);
      const there = parts.filter(({ timestamp: ts }) =>
        this.#byPoint.has(keyOf(measurement, finer.granularity, ts)),
      );
      return parts.length > 0 && there.length === parts.length;
    });
  }

  /** Checks that a point is in the lake, in a coarser row before `fineFrom`, or in a gap. */
  #mustBeThere(point: SettledPoint, level: Level, why: string, fineFrom = Number.POSITIVE_INFINITY): void {
    const { measurement, timestamp } = point;
    if (this.#byPoint.has(keyOf(measurement, level.granularity, timestamp))) return;
    for (const coarse of timestamp < fineFrom ? coarserThan(level) : [])
      if (this.#coarseRow(measurement, coarse, beginningOf(level, timestamp))) return;
    if (this.#isThereFiner(point, level)) return;
    const inGap = this.#evidence.gaps.some(
      (gap) =>
        // The beginning of an hour may have been read at a finer resolution.
        gap.ts < timestamp + (level.granule < HOUR ? 1 : level.granule) &&
        timestamp < instantOf(gap.values['gap_end']),
    );
    if (inGap) return;
    this.#violations.push(`missing: ${measurement} ${level.granularity} ${time(timestamp)}, ${why}`);
  }
}

/** Returns whether a gap was recorded because a whole target had expired. */
function isFarewell({ values }: CommittedRow): boolean {
  return String(values['reason']).includes('its retention is over');
}

/** Returns whether a gap may cover existing rows: gaps of single series, or of a last request. */
function isPartial({ values }: CommittedRow): boolean {
  return /single series|last time/.test(String(values['reason']));
}

function settledTime(run: RunRecord, level: Level): number {
  return floorTo(timeOf(run) - settingsOf(run).settle, stepOf(level));
}

/** Returns the oldest reliable time of a resolution. A rate's first point also needs the interval before it. */
function limitOf({ retention, granule }: Level, now: number): number {
  return now - retention + Math.max(MARGIN, granule + 5 * MINUTE);
}

function keyOf(measurement: unknown, granularity: unknown, ts: number): string {
  return `${String(measurement)} ${String(granularity)} ${ts}`;
}

function show({ values, ts, sequence }: CommittedRow): string {
  return `${String(values['measurement'])} ${String(values['granularity'])} ${time(ts)} (${sequence})`;
}
