import { DAY, MINUTE, SECOND } from '../../../../shared/durations.ts';
import type { LogType } from '../../../../simulator/logs.ts';
import type { Process } from '../../../../simulator/organisation.ts';
import { type ExpectedLine, expectedLine, expectedLines, logNameOf } from '../../../support/expected-logs.ts';
import { identity } from '../../../support/expected-rows.ts';
import type { History } from '../history.ts';
import type { RunRecord } from '../world.ts';
import { advancesOf } from './advances.ts';
import { checkBackfilledEntries, longestOverlapOf, spanOf } from './backfilled-entries.ts';
import { backfillsOfTarget, mayBeInGap, type TargetBackfills } from './backfills.ts';
import { withClusterName } from './cluster-names.ts';
import { ceilTo, floorTo, formatInstant } from './instants.ts';
import { type CommittedRow, endOf } from './lake.ts';
import { createListingCheck } from './listing.ts';
import { checkVolume, isExhausted, isVolume, type LogVolume, linesBetween } from './log-volume.ts';
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
      const label = `${hostname}/${tracked.name}`;
      const runs = readingRuns({ history, organisation, world }, tracked, process.clusterName);
      const advances = advancesOf(world, tracked, beginning);
      const backfills = backfillsOfTarget({ history, world, lake }, tracked, { label, reading: runs });
      const { from, to } = spanOf(advances, backfills);
      const own = rows.get(hostname) ?? [];
      const replaced = lake.replaced.filter(
        (row) => row.dataset === dataset && row.values['hostname'] === hostname,
      );
      const check = new LogCheck({
        history,
        project,
        process,
        type,
        lines: expectedLines(organisation, process, type, [floorTo(from, DAY), to]),
        runs,
        advances,
        isListed: createListingCheck(history, organisation, process.id),
        rows: own,
        collected: [...own, ...replaced].filter((row) => !backfills.commandOf(row)),
        gaps: gaps.get(label) ?? [],
        backfills,
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

interface Observations extends Watermarks, LogVolume {
  history: History;
  project: string;
  process: Process;
  type: LogType;
  rows: readonly CommittedRow[];
  backfills: TargetBackfills;
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
    this.#violations.push(...checkVolume(this.#observed));
    this.#checkAdvances();
    this.#checkBackfills();
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
    const { history, advances, rows, gaps, backfills } = this.#observed;
    for (const gap of gaps) {
      const end = endOf(gap);
      const advance = advances.find(({ sequence }) => sequence === gap.sequence);
      if (!advance) {
        this.#violations.push(`a gap from ${formatInstant(gap.ts)} that moved no watermark`);
        continue;
      }
      const isAllowed = isVolume(gap)
        ? isExhausted(this.#observed, gap, advance)
        : end <= ceilTo(advance.at + history.skew + CLOCKS_APART - RETENTION, SECOND);
      if (!isAllowed)
        this.#violations.push(
          `a gap from ${formatInstant(gap.ts)} over lines that Atlas had at ${formatInstant(advance.at)}`,
        );
      // Atlas may have deleted a part of the second of the oldest line that it returned.
      const covered = isVolume(gap) ? end : end - SECOND;
      for (const row of rows) {
        const { ts } = row;
        if (ts >= gap.ts && ts < covered && !mayBeInGap(row, { from: ts, to: ts + 1 }, gap, backfills))
          this.#violations.push(`a gap over an existing row: ${formatInstant(ts)}`);
      }
    }
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

  /** Checks what backfills read, on days of which every backfill may write all. */
  #checkBackfills(): void {
    const { project, backfills, runs, advances, rows, isListed } = this.#observed;
    const limits = backfills.commands.map((command) => settingsOf(command).maxBytesPerDay ?? Infinity);
    const limit = Math.min(...limits);
    const isWhole = new Map(
      [...Map.groupBy(this.#observed.lines, dayOf)].map(([day, lines]) => [
        day,
        lines.reduce((sum, { line }) => sum + line.bytes.length, 0) <= limit,
      ]),
    );
    const entries = (from: number, to: number) =>
      this.#between(from, to)
        .filter((line) => isWhole.get(dayOf(line)))
        .map(({ id, message }) => ({ ...message, id }));
    const longestOverlap = longestOverlapOf(runs);
    const idOf = ({ values }: CommittedRow) => String(values['record_id']);
    const facts = { backfills, advances, subject: project, longestOverlap, rows, idOf, entries, isListed };
    this.#violations.push(...checkBackfilledEntries(facts));
  }

  #isInGap(second: number, isDropped: boolean): boolean {
    return this.#observed.gaps.some(
      (gap) =>
        second >= gap.ts &&
        // With a wrong clock, no part of the second of the oldest line was deleted.
        (isDropped ? second <= endOf(gap) : second < endOf(gap) && isVolume(gap)),
    );
  }

  #between(from: number, to: number): readonly ExpectedLine[] {
    return linesBetween(this.#observed.lines, from, to);
  }
}

function dayOf({ message }: ExpectedLine): number {
  return floorTo(message.second, DAY);
}

/** Returns whether Atlas had just deleted a line, and a clock too far behind hid that (docs/guarantees.md). */
function isUnnoticed(visibleUntil: number, run: RunRecord, at: number): boolean {
  return run.skew < -CLOCKS_APART && visibleUntil < at && visibleUntil >= clockOf(run) - CLOCKS_APART;
}
