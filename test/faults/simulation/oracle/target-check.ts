import type { SeriesTarget, SettledPoint } from '../../../../simulator/series.ts';
import { DAY, type History, HOUR, MINUTE, minuteOf } from '../history.ts';
import { measurementOf } from '../organisation.ts';
import type { RunRecord } from '../world.ts';
import { type CommittedRow, instant } from './lake.ts';
import { ceilTo, coarserThan, floorTo, type Level, levelOf, type Points, stampHolding } from './points.ts';
import { clockOf, type Stride, settingsOf, time, timeOf } from './strides.ts';

/** A mark's move, at a granularity. */
export interface LevelStride extends Stride {
  level: Level;
}

/** Atlas drops points in its own time: the design relies on nothing that is so near to its end. */
const MARGIN = 10 * MINUTE;

/** Lists of databases and disks are that old at most, and a little. */
const LISTING = HOUR + 10 * MINUTE;

/** How far behind the mark a run reads again, by the design. */
const REACH = HOUR;

/** What is known of one target, from outside. */
export interface Evidence {
  history: History;
  target: SeriesTarget;
  points: Points;
  strides: readonly LevelStride[];
  runs: readonly RunRecord[];
  rows: readonly CommittedRow[];
  gaps: readonly CommittedRow[];
  /** Whether Atlas lists the target at an instant. */
  isListed(instant: number): boolean;
}

/** Checks all that was promised of the measurements of one target. */
export class TargetCheck {
  readonly #evidence: Evidence;
  readonly #byPoint: ReadonlyMap<string, CommittedRow>;
  readonly #violations: string[] = [];

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
    this.#byPoint = new Map(
      evidence.rows.map((row) => [keyOf(row.values['measurement'], row.values['granularity'], row.ts), row]),
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
    return this.#violations;
  }

  /** Every row has the value at which Atlas settled. */
  #valuesAreAtlas(): void {
    for (const { values, ts } of this.#evidence.rows) {
      const level = levelOf(values['granularity']);
      const point = this.#evidence.points
        .between(level, ts, ts + 1)
        .find(({ measurement }) => measurement === values['measurement']);
      if (point?.value !== values['value'] || point?.units !== values['units']) {
        this.#violations.push(`a row with a value that Atlas does not hold: ${JSON.stringify(values)}`);
      }
    }
  }

  /** No instant is covered twice: by two granularities, or by a row and a gap. */
  #nothingTwice(): void {
    const { rows, gaps, strides } = this.#evidence;
    for (const fine of rows) {
      const { measurement, granularity } = fine.values;
      for (const coarse of coarserThan(levelOf(granularity))) {
        const above = this.#byPoint.get(
          keyOf(measurement, coarse.granularity, stampHolding(coarse, fine.ts)),
        );
        if (!above) continue;
        // The one exception is the coarse granule that holds the mark: its beginning was there before. Where the
        // configuration became coarse there, the value may come later.
        const heldTheMark = strides.some(
          ({ sequence, start, level }) =>
            (sequence === above.sequence || (sequence < above.sequence && level === coarse)) &&
            start > fine.ts &&
            start < above.ts + coarse.granule,
        );
        if (!heldTheMark || fine.sequence > above.sequence) {
          this.#violations.push(`an instant in two granularities: ${show(above)} and ${show(fine)}`);
        }
      }
    }
    for (const gap of gaps) {
      const end = instant(gap.values['gap_end']);
      for (const row of rows) {
        if (row.ts >= gap.ts && row.ts < end) this.#violations.push(`a gap over what is there: ${show(row)}`);
      }
    }
  }

  /** A mark never goes back, never leaves anything out, and never goes beyond what has settled. */
  #marksAreInOrder(): void {
    let last: number | undefined;
    for (const { from, to, start, run, level, afterRestore } of this.#evidence.strides) {
      // A run whose message was delivered a fortnight late reads what only coarser levels still have, beyond its tick.
      const isCoarse = coarserThan(level).some(
        ({ granule }) => to <= ceilTo(limitOf(level, clockOf(run)), granule),
      );
      if (last !== undefined && from !== last && !afterRestore)
        this.#violations.push(`a mark at ${last} that was ${from} then`);
      if (to < start) this.#violations.push(`a mark that went back from ${time(start)} to ${time(to)}`);
      const settled = settledTime(run, level);
      const isGap = this.#evidence.gaps.some((gap) => instant(gap.values['gap_end']) === to);
      if (to > start && to > settled && !isCoarse && !isGap)
        this.#violations.push(`a mark at ${time(to)} beyond ${time(settled)}`);
      last = to;
    }
  }

  /** What lies between two places of a mark, and in the hour before, is in the lake. */
  #strideIsAccounted(stride: LevelStride, index: number): void {
    const { start, level, run, at, sequence } = stride;
    const skipped = this.#evidence.gaps.find((gap) => gap.sequence === sequence);
    if (skipped && this.#evidence.isListed(run.startedAt)) {
      this.#violations.push(`a gap in what is listed: ${time(skipped.ts)}, by the run of ${time(run.tick)}`);
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
    if (hasOutlived) from = this.#coarseIsThere({ ...stride, to }, now);
    else if (isFirstOfRun)
      from = Math.max(start - REACH, this.#fineFrom(index), now - level.retention + MARGIN);
    for (const point of this.#evidence.points.between(level, from, to)) {
      if (point.value === null || point.visibleFrom > run.startedAt || point.visibleUntil < at) continue;
      this.#mustBeThere(point, level, `read by the run of ${time(run.tick)}`, hasOutlived ? from : start);
    }
  }

  /** What the fine level had lost; gives where it begins again. */
  #coarseIsThere({ start, run, level, to, at }: LevelStride, now: number): number {
    let until = start;
    const levels = [level, ...coarserThan(level)];
    for (const [index, finer] of [...levels.entries()].slice(0, -1).reverse()) {
      const coarse = levels[index + 1];
      if (!coarse || start >= limitOf(finer, now)) continue;
      const border = Math.min(ceilTo(limitOf(finer, now), coarse.granule), to);
      for (const point of this.#evidence.points.between(coarse, floorTo(until, coarse.granule), border)) {
        if (point.value === null || point.visibleFrom > run.startedAt || point.visibleUntil < at) continue;
        this.#mustBeThere(point, coarse, `read by the run of ${time(run.tick)}, behind the retention`);
      }
      until = Math.max(until, border);
    }
    return until;
  }

  /** A run that calls itself complete has brought every mark of what is listed to the settled time. */
  #isComplete(run: RunRecord): void {
    if (run.result?.outcome !== 'complete' || run.finishedAt === undefined) return;
    const { strides, isListed, history } = this.#evidence;
    // Databases and disks are listed once an hour, by the clocks of the run then and of this one.
    const listing = LISTING + 2 * history.skew;
    if (![run.startedAt - listing, run.startedAt, run.finishedAt].every(isListed)) return;
    const stride = strides.findLast(({ at }) => at <= (run.finishedAt ?? 0));
    if (stride && stride.to >= settledTime(run, levelOf(settingsOf(run).granularity))) return;
    this.#violations.push(
      `the run of ${time(run.tick)} is complete, and the mark at ${stride && time(stride.to)}`,
    );
  }

  /** Shortly before Atlas drops it, everything is read once more. */
  #recheckIsAccounted(run: RunRecord): void {
    if (run.result?.outcome !== 'complete' || run.finishedAt === undefined) return;
    const { strides, points } = this.#evidence;
    const index = strides.findLastIndex(({ at }) => at <= (run.finishedAt ?? 0));
    const stride = strides[index];
    if (!stride || stride.level.retention > 2 * DAY || !this.#evidence.isListed(run.startedAt)) return;
    const oldest = clockOf(run) - stride.level.retention;
    const from = Math.max(oldest + 2 * MINUTE + stride.level.granule, this.#fineFrom(index));
    for (const point of points.between(stride.level, from, Math.min(oldest + 30 * MINUTE, stride.to))) {
      const { value, timestamp, visibleFrom, visibleUntil } = point;
      if (value === null || visibleUntil < run.finishedAt || visibleFrom > timestamp + 41 * HOUR) continue;
      this.#mustBeThere(point, stride.level, `the last chance was the run of ${time(run.tick)}`);
    }
  }

  /** A series that shows up beside others brings its past with it. */
  #appearancesAreAccounted(): void {
    const { history, strides, runs, points } = this.#evidence;
    for (const rule of history.lateness) {
      if (rule.kind !== 'appears') continue;
      const seen = strides.findIndex(
        ({ run, start, to }, index) => index > 0 && to > start && run.startedAt >= minuteOf(rule.at),
      );
      const stride = strides[seen];
      const before = strides[seen - 1];
      if (!stride || !before || before.level !== stride.level || stride.level.retention > 2 * DAY) continue;
      // One that was there in the run before did not show up, it lags.
      if (before.run.startedAt >= minuteOf(rule.at)) continue;
      const run = runs.find(
        ({ startedAt, result }) => startedAt >= stride.run.startedAt && result?.outcome === 'complete',
      );
      if (run?.finishedAt === undefined || run.startedAt > stride.at + HOUR) continue;
      const now = clockOf(run);
      const from = Math.max(this.#fineFrom(seen), now - stride.level.retention + MARGIN);
      // The others must have had values that are still remembered.
      if (before.to - this.#fineFrom(seen) < HOUR || stride.to - before.to > DAY) continue;
      const own = points
        .between(stride.level, Math.min(from, stride.start - REACH), stride.to)
        .filter(
          ({ measurement, value, visibleFrom }) =>
            measurement === measurementOf(rule) && value !== null && visibleFrom <= stride.run.startedAt,
        );
      // It shows up when the window has values of it; what is listed no more may have none there.
      if (!own.some(({ timestamp }) => timestamp >= stride.start - REACH)) continue;
      for (const point of own) {
        if (point.timestamp < from || point.visibleUntil < run.finishedAt) continue;
        this.#mustBeThere(point, stride.level, `its series had shown up before the run of ${time(run.tick)}`);
      }
    }
  }

  /**
   * What is listed no more is asked for as long as Atlas may hold it, counted from the first run that missed it; what
   * nobody has read until then is a gap.
   */
  #whatIsGoneIsAGap(): void {
    const { runs, strides, isListed } = this.#evidence;
    const complete = runs.filter(({ result }) => result?.outcome === 'complete');
    const seen = complete.findLast(({ startedAt }) => [startedAt - LISTING, startedAt].every(isListed));
    const last = complete.at(-1);
    const stride = strides.at(-1);
    if (!seen || !last || !stride || isListed(last.startedAt)) return;
    const { retention, granule } = stride.level;
    // Lists are an hour old at most: the run that missed it is this, which may have crashed after its commit, or one
    // within the hour after.
    const first = runs.find(({ startedAt }) => startedAt > seen.startedAt && !isListed(startedAt));
    const missed = complete.find(({ startedAt }) => startedAt >= (first?.startedAt ?? 0) + LISTING);
    if (!first || !missed || last.startedAt <= missed.startedAt + retention) return;
    if (stride.to < floorTo(clockOf(first), granule)) {
      this.#violations.push(
        `missed since ${time(first.startedAt)}, its mark rests at ${time(stride.to)}, and there is no gap`,
      );
    }
  }

  /** From where on the level of a stride is what the lake holds. */
  #fineFrom(index: number): number {
    const { strides } = this.#evidence;
    const level = strides[index]?.level;
    let from = strides[0]?.start ?? 0;
    for (const [place, stride] of strides.slice(0, index + 1).entries()) {
      const now = clockOf(stride.run);
      if (place > 0 && strides[place - 1]?.level !== stride.level)
        from = floorTo(stride.start, stride.level.granule);
      if (stride.to > stride.start && stride.start < limitOf(stride.level, now)) {
        const [coarse] = coarserThan(stride.level);
        if (coarse)
          from = Math.max(from, Math.min(stride.to, ceilTo(limitOf(stride.level, now), coarse.granule)));
      }
    }
    return level ? from : 0;
  }

  /** In the lake as it is, or before `fineFrom` within a coarser row, or within a gap. */
  #mustBeThere(point: SettledPoint, level: Level, why: string, fineFrom = Number.POSITIVE_INFINITY): void {
    const { measurement, timestamp } = point;
    if (this.#byPoint.has(keyOf(measurement, level.granularity, timestamp))) return;
    for (const coarse of timestamp < fineFrom ? coarserThan(level) : []) {
      const holder = stampHolding(coarse, timestamp);
      if (this.#byPoint.has(keyOf(measurement, coarse.granularity, holder))) return;
    }
    const inGap = this.#evidence.gaps.some(
      (gap) => gap.ts <= timestamp && timestamp < instant(gap.values['gap_end']),
    );
    if (inGap) return;
    this.#violations.push(`missing: ${measurement} ${level.granularity} ${time(timestamp)}, ${why}`);
  }
}

function settledTime(run: RunRecord, { granule }: Level): number {
  return floorTo(timeOf(run) - settingsOf(run).settle, granule);
}

/** From when on a level can be relied on: also for the granule before, which a rate's first point needs. */
function limitOf({ retention, granule }: Level, now: number): number {
  return now - retention + Math.max(MARGIN, granule + 5 * MINUTE);
}

function keyOf(measurement: unknown, granularity: unknown, ts: number): string {
  return `${String(measurement)} ${String(granularity)} ${ts}`;
}

function show({ values, ts, sequence }: CommittedRow): string {
  return `${String(values['measurement'])} ${String(values['granularity'])} ${time(ts)} (${sequence})`;
}
