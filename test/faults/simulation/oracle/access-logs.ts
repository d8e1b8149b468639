import { settledEntries } from '../../../../simulator/access-logs.ts';
import type { Organisation } from '../../../../simulator/organisation.ts';
import { expectedEntries, type Host, hostsOf, recordId } from '../../../support/expected-access-logs.ts';
import { identity } from '../../../support/expected-rows.ts';
import { DAY, type History, HOUR, MINUTE } from '../history.ts';
import type { RunRecord, World } from '../world.ts';
import { type CommittedRow, instant, type Lake } from './lake.ts';
import { listingOf } from './listing.ts';
import { ceilTo, floorTo } from './points.ts';
import { clockOf, runsOf, type Stride, settingsOf, stridesOf, time, timeOf } from './strides.ts';

const SECOND = 1000;

/** For so long Atlas keeps an entry (its documentation). */
const RETENTION = 7 * DAY;

/** So many entries an answer holds; of the last millisecond of the second before some may be among them. */
const FULL = 19_000;

/** So many hashes of entries are kept; behind more of them the overlap is shorter, and nothing is promised of it. */
const MOST_HASHES = 20_000;

/** What is so near to the end of the retention may have been dropped before it was read: clocks differ. */
const CLOCKS_APART = 2 * MINUTE;

const DATASET = 'access_logs';

/** Checks all that was promised of access logs. */
export function checkAccessLogs({
  history,
  organisation,
  world,
  lake,
}: {
  history: History;
  organisation: Organisation;
  world: World;
  lake: Lake;
}): string[] {
  const rows = Map.groupBy(lake.rows(DATASET), ({ values }) => String(values['hostname']));
  const gaps = Map.groupBy(
    lake.rows('collection_gaps').filter(({ dataset }) => dataset === DATASET),
    ({ values }) => String(values['target']),
  );
  return hostsOf(organisation).flatMap((host) => {
    const { project, process } = host;
    const marked = { dataset: DATASET, project, owner: process.hostname, name: '' };
    const check = new HostCheck({
      history,
      organisation,
      host,
      runs: runsOf(world, marked),
      strides: stridesOf(world, marked, beginning),
      isListed: listingOf(history, organisation, process.id),
      rows: rows.get(process.hostname) ?? [],
      gaps: gaps.get(process.hostname) ?? [],
    });
    return check.all().map((violation) => `${DATASET} ${process.hostname}: ${violation}`);
  });
}

/** Where the configuration says that a host begins, as far as Atlas still has that. */
function beginning(run: RunRecord): number {
  const wanted = floorTo(timeOf(run) - settingsOf(run).backfill, SECOND);
  return Math.max(wanted, ceilTo(clockOf(run) - RETENTION, SECOND));
}

interface Evidence {
  history: History;
  organisation: Organisation;
  host: Host;
  runs: readonly RunRecord[];
  strides: readonly Stride[];
  rows: readonly CommittedRow[];
  gaps: readonly CommittedRow[];
  isListed(instant: number): boolean;
}

class HostCheck {
  readonly #evidence: Evidence;
  readonly #ids: ReadonlySet<string>;
  readonly #violations: string[] = [];

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
    this.#ids = new Set(evidence.rows.map(({ values }) => String(values['record_id'])));
  }

  all(): string[] {
    this.#rowsAreAtlas();
    this.#gapsAreTrue();
    this.#marksAreInOrder();
    this.#stridesAreAccounted();
    for (const run of this.#evidence.runs) this.#isComplete(run);
    this.#whatIsGoneIsAGap();
    return this.#violations;
  }

  /** Every row is of an entry that the host logged, in all of its columns. */
  #rowsAreAtlas(): void {
    const { organisation, host, rows } = this.#evidence;
    for (const [second, own] of Map.groupBy(rows, ({ ts }) => floorTo(ts, SECOND))) {
      const logged = new Set(expectedEntries(organisation, host, second, second + SECOND));
      for (const { values } of own) {
        if (!logged.has(identity({ ...values })))
          this.#violations.push(`a row of what was not logged: ${JSON.stringify(values)}`);
      }
    }
  }

  /** A gap is over what Atlas had dropped, or over a second with more than an answer holds, which is kept in part. */
  #gapsAreTrue(): void {
    const { history, strides, rows, gaps } = this.#evidence;
    for (const gap of gaps) {
      const end = endOf(gap);
      const at = strides.find(({ sequence }) => sequence === gap.sequence)?.at;
      if (at === undefined) {
        this.#violations.push(`a gap from ${time(gap.ts)} that moved no mark`);
        continue;
      }
      const overflows = isOverflow(gap) && this.#entries(gap.ts, end).length >= FULL;
      if (overflows) continue;
      if (end > ceilTo(at + history.skew + CLOCKS_APART - RETENTION, SECOND))
        this.#violations.push(`a gap up to ${time(end)} over what Atlas held at ${time(at)}`);
      // The second of the oldest entry that was given may have been dropped in part.
      for (const { ts } of rows)
        if (ts >= gap.ts && ts < end - SECOND) this.#violations.push(`a gap over what is there: ${time(ts)}`);
    }
  }

  /** A mark never goes back, never leaves anything out, and never goes beyond what has settled. */
  #marksAreInOrder(): void {
    let last: number | undefined;
    for (const { from, to, start, run } of this.#evidence.strides) {
      if (last !== undefined && from !== last)
        this.#violations.push(`a mark at ${last} that was ${from} then`);
      if (to < start) this.#violations.push(`a mark that went back from ${time(start)} to ${time(to)}`);
      const isGap = this.#evidence.gaps.some((gap) => endOf(gap) === to);
      if (to > start && to > settledTime(run) && !isGap)
        this.#violations.push(`a mark at ${time(to)} beyond ${time(settledTime(run))}`);
      last = to;
    }
  }

  /** What a mark passed was in the lake then, as far as Atlas showed it; and so is what came late, within the overlap. */
  #stridesAreAccounted(): void {
    const { strides, gaps } = this.#evidence;
    let knownFrom = strides[0]?.start ?? 0;
    // What Atlas drops before a host is read for the first time is no gap, by the design.
    let hasBegun = false;
    for (const [index, stride] of strides.entries()) {
      const { start, to, run, sequence } = stride;
      if (to <= start) continue;
      const reach = settingsOf(run).overlap ?? 0;
      const isFirstOfRun = !strides
        .slice(0, index)
        .some((other) => other.run === run && other.to > other.start);
      const passed = gaps.filter((gap) => gap.sequence === sequence);
      const overlap = isFirstOfRun ? Math.max(knownFrom, floorTo(start - reach, SECOND)) : start;
      this.#mustBeThere(Math.min(overlap, start), stride, hasBegun);
      hasBegun = true;
      // Where the next run can begin: behind a gap, and behind more entries than are remembered, nothing is.
      knownFrom = Math.max(knownFrom, floorTo(to - reach, SECOND), ...passed.map(endOf));
      if (this.#entries(knownFrom, to).length > MOST_HASHES) knownFrom = to;
    }
  }

  #mustBeThere(overlap: number, { start, to, run, at }: Stride, hasBegun: boolean): void {
    const { history, gaps } = this.#evidence;
    const isInGap = (second: number, isDropped: boolean) =>
      gaps.some(
        (gap) =>
          second >= gap.ts &&
          // By a clock that is wrong the oldest entry's second was not dropped in part.
          (isDropped ? second <= endOf(gap) : second < endOf(gap) && isOverflow(gap)),
      );
    for (const { id, second, visibleFrom, visibleUntil } of this.#entries(overlap, to)) {
      // A clock that is ahead takes for dropped what Atlas still has for as long.
      const isDropped = visibleUntil < at + history.skew + SECOND;
      if (visibleFrom > run.startedAt || (isDropped && (second < start || !hasBegun))) continue;
      if (this.#ids.has(id) || isInGap(second, isDropped)) continue;
      this.#violations.push(`missing: an entry of ${time(second)}, read by the run of ${time(run.tick)}`);
    }
  }

  /** A run that calls itself complete has brought the mark of what is listed to the settled time. */
  #isComplete(run: RunRecord): void {
    const { finishedAt, result } = run;
    if (result?.outcome !== 'complete' || finishedAt === undefined) return;
    const { strides, isListed } = this.#evidence;
    if (![run.startedAt, finishedAt].every(isListed)) return;
    const stride = strides.findLast(({ at }) => at <= finishedAt);
    if (stride && stride.to >= settledTime(run)) return;
    this.#violations.push(
      `the run of ${time(run.tick)} is complete, and the mark at ${stride && time(stride.to)}`,
    );
  }

  /** What is listed no more is asked for as long as Atlas may have something of it; then, the rest is a gap. */
  #whatIsGoneIsAGap(): void {
    const { runs, strides, isListed } = this.#evidence;
    const complete = runs.filter(({ result }) => result?.outcome === 'complete');
    const last = complete.at(-1);
    const seen = runs.findLast(({ startedAt }) => isListed(startedAt));
    const stride = strides.at(-1);
    if (!seen || !last || !stride || isListed(last.startedAt)) return;
    const first = runs.find(({ startedAt }) => startedAt > seen.startedAt);
    const missed = complete.find(({ startedAt }) => startedAt > seen.startedAt);
    if (!first || !missed || last.startedAt <= missed.startedAt + RETENTION + HOUR) return;
    if (stride.to < floorTo(clockOf(first), SECOND)) {
      this.#violations.push(
        `missed since ${time(first.startedAt)}, its mark rests at ${time(stride.to)}, and there is no gap`,
      );
    }
  }

  /** Everything that the host logged in [from, to), equal lines once. */
  #entries(from: number, to: number) {
    const { organisation, host } = this.#evidence;
    const { hostname } = host.process;
    const entries = settledEntries(organisation, host.project, hostname, from, to);
    return [...new Map(entries.map((entry) => [recordId(hostname, entry), entry]))].map(([id, entry]) => ({
      id,
      ...entry,
    }));
  }
}

function settledTime(run: RunRecord): number {
  return floorTo(timeOf(run) - settingsOf(run).settle, SECOND);
}

/** Of a second with more entries than an answer holds. */
function isOverflow(gap: CommittedRow): boolean {
  return endOf(gap) - gap.ts === SECOND;
}

function endOf(gap: CommittedRow): number {
  return instant(gap.values['gap_end']);
}
