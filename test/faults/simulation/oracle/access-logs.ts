import { DAY, MINUTE, SECOND } from '../../../../shared/durations.ts';
import { type SettledEntry, settledEntries } from '../../../../simulator/access-logs.ts';
import type { Organisation } from '../../../../simulator/organisation.ts';
import { expectedEntry, type Host, hostsOf, recordId } from '../../../support/expected-access-logs.ts';
import { identity } from '../../../support/expected-rows.ts';
import type { History } from '../history.ts';
import type { RunRecord } from '../world.ts';
import { type Advance, advancesOf } from './advances.ts';
import { checkBackfilledEntries, longestOverlapOf, spanOf } from './backfilled-entries.ts';
import { backfillsOfTarget, mayBeInGap, type TargetBackfills } from './backfills.ts';
import { withClusterName } from './cluster-names.ts';
import { ceilTo, floorTo, formatInstant } from './instants.ts';
import { type CommittedRow, endOf } from './lake.ts';
import { createListingCheck } from './listing.ts';
import { lookbacks } from './lookbacks.ts';
import { clockOf, settingsOf, timeOf } from './runs.ts';
import { readingRuns } from './selection.ts';
import type { SimulatedHistory } from './simulated-history.ts';
import { checkWatermarks, type Watermarks } from './watermarks.ts';

/** How long Atlas keeps an entry, by its documentation. */
const RETENTION = 7 * DAY;

/** The entries of one second that can fill an answer, which may also hold some of the millisecond before the second. */
const FULL = 19_000;

/** Atlas may already have deleted data this close to the end of the retention, because clocks differ. */
const CLOCKS_APART = 2 * MINUTE;

const DATASET = 'access_logs';

/** Checks every promise about access logs. */
export function checkAccessLogs({ history, organisation, world, lake }: SimulatedHistory): string[] {
  const rows = Map.groupBy(lake.rows(DATASET), ({ values }) => String(values['hostname']));
  const gaps = lake.gapsOf(DATASET);
  return hostsOf(organisation).flatMap((host) => {
    const { project, process } = host;
    const tracked = { dataset: DATASET, subject: project, source: process.hostname, name: '$self' };
    const runs = readingRuns({ history, organisation, world }, tracked, process.clusterName);
    const check = new HostCheck({
      history,
      organisation,
      host,
      runs,
      advances: advancesOf(world, tracked, beginning),
      isListed: createListingCheck(history, organisation, process.id),
      rows: rows.get(process.hostname) ?? [],
      gaps: gaps.get(process.hostname) ?? [],
      backfills: backfillsOfTarget({ history, world, lake }, tracked, {
        label: process.hostname,
        reading: runs,
      }),
    });
    return check.violations().map((violation) => `${DATASET} ${process.hostname}: ${violation}`);
  });
}

/** Returns the start of a host's first watermark by the configuration, or the oldest time that Atlas still has. */
function beginning(run: RunRecord): number {
  const wanted = floorTo(timeOf(run) - settingsOf(run).backfill, SECOND);
  return Math.max(wanted, ceilTo(clockOf(run) - RETENTION, SECOND));
}

interface Observations extends Watermarks {
  history: History;
  organisation: Organisation;
  host: Host;
  rows: readonly CommittedRow[];
  backfills: TargetBackfills;
}

class HostCheck {
  readonly #observed: Observations;
  readonly #ids: ReadonlySet<string>;
  readonly #logged: ReadonlyMap<string, SettledEntry>;
  readonly #inOrder: readonly { id: string; entry: SettledEntry }[];
  readonly #violations: string[] = [];

  constructor(observations: Observations) {
    this.#observed = observations;
    this.#ids = new Set(observations.rows.map(({ values }) => String(values['record_id'])));
    this.#logged = loggedBy(observations);
    this.#inOrder = [...this.#logged].map(([id, entry]) => ({ id, entry }));
  }

  violations(): string[] {
    this.#checkRows();
    this.#checkGaps();
    this.#checkAdvances();
    const { backfills, runs, advances, host, rows, isListed } = this.#observed;
    const entries = (from: number, to: number) =>
      this.#entries(from, to).map(({ id, entry }) => ({ ...entry, id }));
    const [subject, longestOverlap] = [host.project, longestOverlapOf(runs)];
    const idOf = ({ values }: CommittedRow) => String(values['record_id']);
    const facts = { backfills, advances, subject, longestOverlap, rows, idOf, entries, isListed };
    this.#violations.push(...checkBackfilledEntries(facts));
    return [
      ...this.#violations,
      ...checkWatermarks(this.#observed, { interval: SECOND, retention: RETENTION }),
    ];
  }

  /** Checks that every row matches an entry that the host logged, in all columns. */
  #checkRows(): void {
    const { host, rows } = this.#observed;
    for (const row of rows) {
      const { values } = row;
      const id = String(values['record_id']);
      const entry = this.#logged.get(id);
      if (
        entry === undefined ||
        expectedEntry(host, entry, id) !== identity(withClusterName(row, host.process))
      )
        this.#violations.push(`a row of an entry that the host did not log: ${JSON.stringify(values)}`);
    }
  }

  /** Checks that each gap covers deleted data, or a second with more entries than an answer holds. */
  #checkGaps(): void {
    const { history, advances, rows, gaps, backfills } = this.#observed;
    for (const gap of gaps) {
      const end = endOf(gap);
      const at = advances.find(({ sequence }) => sequence === gap.sequence)?.at;
      if (at === undefined) {
        this.#violations.push(`a gap from ${formatInstant(gap.ts)} that moved no watermark`);
        continue;
      }
      const overflows = isOverflow(gap) && this.#entries(gap.ts, end).length >= FULL;
      if (overflows) continue;
      if (end > ceilTo(at + history.skew + CLOCKS_APART - RETENTION, SECOND))
        this.#violations.push(
          `a gap up to ${formatInstant(end)} over data that Atlas had at ${formatInstant(at)}`,
        );
      // Atlas may have deleted a part of the second of the oldest entry that it returned.
      for (const row of rows) {
        const { ts } = row;
        if (ts >= gap.ts && ts < end - SECOND && !mayBeInGap(row, { from: ts, to: ts + 1 }, gap, backfills))
          this.#violations.push(`a gap over an existing row: ${formatInstant(ts)}`);
      }
    }
  }

  /** Checks that each visible entry that a watermark passed is there, and each late entry within the overlap. */
  #checkAdvances(): void {
    const { advances, gaps } = this.#observed;
    const known = { gaps, countIn: (from: number, to: number) => this.#entries(from, to).length };
    for (const { advance, from, hasBegun } of lookbacks(advances, known))
      this.#expectEntries(from, advance, hasBegun);
  }

  #expectEntries(overlap: number, { start, to, run, at }: Advance, hasBegun: boolean): void {
    const { history, gaps } = this.#observed;
    const isInGap = (second: number, isDropped: boolean) =>
      gaps.some(
        (gap) =>
          second >= gap.ts &&
          // With a wrong clock, no part of the second of the oldest entry was deleted.
          (isDropped ? second <= endOf(gap) : second < endOf(gap) && isOverflow(gap)),
      );
    for (const { id, entry } of this.#entries(overlap, to)) {
      const { second, visibleFrom, visibleUntil } = entry;
      // A clock that is ahead treats entries as deleted that Atlas keeps for that much longer.
      const isDropped = visibleUntil < at + history.skew + SECOND;
      if (visibleFrom > run.startedAt || (isDropped && (second < start || !hasBegun))) continue;
      if (this.#ids.has(id) || isInGap(second, isDropped) || isUnnoticed(entry, run, at)) continue;
      this.#violations.push(
        `missing: an entry of ${formatInstant(second)}, read by the run of ${formatInstant(run.tick)}`,
      );
    }
  }

  /** Returns the entries that the host logged in [from, to), with equal lines once. */
  #entries(from: number, to: number): { id: string; entry: SettledEntry }[] {
    const entries = this.#inOrder;
    const place = (second: number) => {
      let [low, high] = [0, entries.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((entries[middle]?.entry.second ?? second) < second) low = middle + 1;
        else high = middle;
      }
      return low;
    };
    return entries.slice(place(from), place(to));
  }
}

/** Returns the entries that a host logged in the time that its watermark passed, by record id, in order, equal lines once. */
function loggedBy({ organisation, host, advances, backfills }: Observations): Map<string, SettledEntry> {
  const { hostname } = host.process;
  const { from, to } = spanOf(advances, backfills);
  const logged = new Map<string, SettledEntry>();
  for (const entry of settledEntries(organisation, host.project, hostname, from, to))
    logged.set(recordId(hostname, entry), entry);
  return logged;
}

/** Returns whether Atlas had just deleted the entry, and a clock too far behind hid that (docs/guarantees.md). */
function isUnnoticed({ visibleUntil }: SettledEntry, run: RunRecord, at: number): boolean {
  return run.skew < -CLOCKS_APART && visibleUntil < at && visibleUntil >= clockOf(run) - CLOCKS_APART;
}

/** Returns whether a gap is of a second with more entries than an answer holds. */
function isOverflow(gap: CommittedRow): boolean {
  return endOf(gap) - gap.ts === SECOND;
}
