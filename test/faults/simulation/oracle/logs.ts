import { DAY, MINUTE, SECOND } from '../../../../shared/durations.ts';
import type { LogType } from '../../../../simulator/logs.ts';
import type { Process } from '../../../../simulator/organisation.ts';
import { type ExpectedLine, expectedLine, expectedLines, logNameOf } from '../../../support/expected-logs.ts';
import { identity } from '../../../support/expected-rows.ts';
import type { History } from '../history.ts';
import type { RunRecord } from '../world.ts';
import { type Advance, advancesOf } from './advances.ts';
import { withClusterName } from './cluster-names.ts';
import { ceilTo, floorTo, formatInstant } from './instants.ts';
import { type CommittedRow, endOf } from './lake.ts';
import { createListingCheck } from './listing.ts';
import { lookbacks } from './lookbacks.ts';
import { clockOf, settingsOf, timeOf } from './runs.ts';
import { readingRuns } from './selection.ts';
import type { SimulatedHistory } from './simulated-history.ts';
import { checkWatermarks, type Watermarks } from './watermarks.ts';

/** How long Atlas keeps a line, by its documentation. */
const RETENTION = 30 * DAY;

/** Atlas may already have deleted data this close to the end of the retention, because clocks differ. */
const CLOCKS_APART = 2 * MINUTE;

/** Checks every promise about one kind of log: nothing lost, nothing twice, nothing invented, no limit exceeded. */
export function checkLogs(
  dataset: string,
  type: LogType,
  { history, organisation, world, lake }: SimulatedHistory,
): string[] {
  const rows = Map.groupBy(lake.rows(dataset), ({ values }) => String(values['hostname']));
  const gaps = lake.gapsOf(dataset);
  return organisation.projects.flatMap(({ id: project, processes }) =>
    processes.flatMap((process) => {
      const { hostname } = process;
      const tracked = { dataset, subject: project, source: hostname, name: logNameOf(process, type) };
      const advances = advancesOf(world, tracked, beginning);
      const [from = 0] = advances.map(({ start }) => start).sort((a, b) => a - b);
      const to = Math.max(from, ...advances.map((advance) => advance.to));
      const check = new LogCheck({
        history,
        project,
        process,
        type,
        lines: expectedLines(organisation, process, type, [from, to]),
        runs: readingRuns({ history, organisation, world }, tracked, process.clusterName),
        advances,
        isListed: createListingCheck(history, organisation, process.id),
        rows: rows.get(hostname) ?? [],
        gaps: gaps.get(`${hostname}/${tracked.name}`) ?? [],
      });
      return check.violations().map((violation) => `${dataset} ${hostname}: ${violation}`);
    }),
  );
}

/** Returns the start of a log's first watermark by the configuration, or the oldest time that Atlas still has. */
function beginning(run: RunRecord): number {
  const wanted = floorTo(timeOf(run) - settingsOf(run).backfill, SECOND);
  return Math.max(wanted, ceilTo(clockOf(run) - RETENTION, SECOND));
}

interface Observations extends Watermarks {
  history: History;
  project: string;
  process: Process;
  type: LogType;
  /** The lines in the time that the watermark passed, in order. */
  lines: readonly ExpectedLine[];
  rows: readonly CommittedRow[];
}

/** Checks one log of one process. */
class LogCheck {
  readonly #observed: Observations;
  readonly #ids: ReadonlySet<string>;
  readonly #violations: string[] = [];

  constructor(observations: Observations) {
    this.#observed = observations;
    this.#ids = new Set(observations.rows.map(({ values }) => String(values['record_id'])));
  }

  violations(): string[] {
    this.#checkRows();
    this.#checkGaps();
    this.#checkVolume();
    this.#checkAdvances();
    return [
      ...this.#violations,
      ...checkWatermarks(this.#observed, { interval: SECOND, retention: RETENTION }),
    ];
  }

  /** Checks that every row matches a line of the log, in all columns. */
  #checkRows(): void {
    const { project, process, type, lines, rows } = this.#observed;
    const known = new Map(lines.map((line) => [line.id, line]));
    for (const row of rows) {
      const line = known.get(String(row.values['record_id']));
      const expected = line && identity(expectedLine(project, process, type, line));
      if (expected !== identity(withClusterName(row, process)))
        this.#violations.push(`a row of a line that the log does not have: ${JSON.stringify(row.values)}`);
    }
  }

  /** Checks that each gap covers deleted lines or the rest of a day whose volume is exhausted, and no row. */
  #checkGaps(): void {
    const { history, advances, rows, gaps } = this.#observed;
    for (const gap of gaps) {
      const end = endOf(gap);
      const advance = advances.find(({ sequence }) => sequence === gap.sequence);
      if (!advance) {
        this.#violations.push(`a gap from ${formatInstant(gap.ts)} that moved no watermark`);
        continue;
      }
      const isAllowed = isVolume(gap)
        ? this.#isExhausted(gap, advance)
        : end <= ceilTo(advance.at + history.skew + CLOCKS_APART - RETENTION, SECOND);
      if (!isAllowed)
        this.#violations.push(
          `a gap from ${formatInstant(gap.ts)} over lines that Atlas had at ${formatInstant(advance.at)}`,
        );
      // Atlas may have deleted a part of the second of the oldest line that it returned.
      const covered = isVolume(gap) ? end : end - SECOND;
      for (const { ts } of rows)
        if (ts >= gap.ts && ts < covered)
          this.#violations.push(`a gap over an existing row: ${formatInstant(ts)}`);
    }
  }

  /** Returns whether the next second of a day would have exceeded the limit, or an earlier one has. */
  #isExhausted(gap: CommittedRow, { run }: Advance): boolean {
    const { gaps, rows } = this.#observed;
    const limit = settingsOf(run).maxBytesPerDay ?? Number.POSITIVE_INFINITY;
    const day = floorTo(gap.ts, DAY);
    if (endOf(gap) > day + DAY) return false;
    // Atlas may have deleted what lies between two gaps of the same day.
    const continues = (other: CommittedRow) =>
      isVolume(other) &&
      other.ts >= day &&
      endOf(other) <= gap.ts &&
      !rows.some(({ ts }) => ts >= endOf(other) && ts < gap.ts);
    if (gaps.some(continues)) return true;
    const before = this.#written(day, gap.ts);
    const next = this.#between(gap.ts, gap.ts + SECOND).reduce((sum, { line }) => sum + line.bytes.length, 0);
    return before + next > limit;
  }

  /** Checks that no day has more bytes than a configuration allows. */
  #checkVolume(): void {
    const { rows, runs } = this.#observed;
    const limit = Math.max(0, ...runs.map((run) => settingsOf(run).maxBytesPerDay ?? 0));
    for (const day of new Set(rows.map(({ ts }) => floorTo(ts, DAY)))) {
      const bytes = this.#written(day, day + DAY);
      if (bytes > limit) this.#violations.push(`${bytes} bytes on ${formatInstant(day)}, more than ${limit}`);
    }
  }

  /** Returns the bytes of the rows of a span, without those of lines that came late. */
  #written(from: number, to: number): number {
    const { rows, advances } = this.#observed;
    const starts = new Map<number, number>();
    for (const { sequence, start } of advances)
      starts.set(sequence, Math.min(starts.get(sequence) ?? start, start));
    return rows
      .filter(({ ts, sequence }) => ts >= from && ts < to && ts >= (starts.get(sequence) ?? Infinity))
      .reduce((sum, { values }) => sum + Number(values['line_bytes']), 0);
  }

  /** Checks that each visible line that a watermark passed is there, and each late line within the lookback. */
  #checkAdvances(): void {
    const { history, advances, gaps } = this.#observed;
    const known = { gaps, countIn: (from: number, to: number) => this.#between(from, to).length };
    for (const { advance, from, hasBegun } of lookbacks(advances, known)) {
      const { start, to, run, at } = advance;
      for (const { id, message } of this.#between(from, to)) {
        const { second, visibleFrom, visibleUntil } = message;
        // A clock that is ahead treats lines as deleted that Atlas keeps for that much longer.
        const isDropped = visibleUntil < at + history.skew + SECOND;
        if (visibleFrom > run.startedAt || (isDropped && (second < start || !hasBegun))) continue;
        if (this.#ids.has(id) || this.#isInGap(second, isDropped)) continue;
        if (isUnnoticed(visibleUntil, run, at)) continue;
        this.#violations.push(
          `missing: a line of ${formatInstant(second)}, read by the run of ${formatInstant(run.tick)}`,
        );
      }
    }
  }

  #isInGap(second: number, isDropped: boolean): boolean {
    return this.#observed.gaps.some(
      (gap) =>
        second >= gap.ts &&
        // With a wrong clock, no part of the second of the oldest line was deleted.
        (isDropped ? second <= endOf(gap) : second < endOf(gap) && isVolume(gap)),
    );
  }

  /** Returns the lines of a span. */
  #between(from: number, to: number): readonly ExpectedLine[] {
    const { lines } = this.#observed;
    const place = (second: number) => {
      let [low, high] = [0, lines.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((lines[middle]?.message.second ?? second) < second) low = middle + 1;
        else high = middle;
      }
      return low;
    };
    return lines.slice(place(from), place(to));
  }
}

function isVolume({ values }: CommittedRow): boolean {
  return String(values['reason']).includes('bytes of a day that maxBytesPerDay allows');
}

/** Returns whether Atlas had just deleted a line, and a clock too far behind hid that (docs/guarantees.md). */
function isUnnoticed(visibleUntil: number, run: RunRecord, at: number): boolean {
  return run.skew < -CLOCKS_APART && visibleUntil < at && visibleUntil >= clockOf(run) - CLOCKS_APART;
}
