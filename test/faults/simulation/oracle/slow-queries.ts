import { DAY, MINUTE, SECOND } from '../../../../shared/durations.ts';
import type { Organisation, Process } from '../../../../simulator/organisation.ts';
import { LITERAL } from '../../../../simulator/slow-queries.ts';
import { identity } from '../../../support/expected-rows.ts';
import {
  type ExpectedQuery,
  expectedQueries,
  expectedQuery,
} from '../../../support/expected-slow-queries.ts';
import { slowQueriesOf } from '../generators/slow-queries.ts';
import type { RunRecord } from '../world.ts';
import { type Advance, advancesOf } from './advances.ts';
import { checkBackfilledEntries, longestOverlapOf, spanOf } from './backfilled-entries.ts';
import { backfillsOfTarget, type TargetBackfills } from './backfills.ts';
import { withClusterName } from './cluster-names.ts';
import { floorTo, formatInstant } from './instants.ts';
import { type CommittedRow, endOf } from './lake.ts';
import { createListingCheck } from './listing.ts';
import { lookbacks } from './lookbacks.ts';
import { settingsOf, timeOf } from './runs.ts';
import { readingRuns } from './selection.ts';
import type { SimulatedHistory } from './simulated-history.ts';
import { checkWatermarks, type Watermarks } from './watermarks.ts';

/** How long Atlas counts as keeping the lines of a process that left. */
const RETENTION = DAY;

/** The lines of one second that can fill an answer, which may also hold some of the millisecond before the second. */
const FULL = 19_000;

/** How far clocks may be apart, and how long an answer may take. */
const TOLERANCE = 15 * MINUTE;

const DATASET = 'slow_queries';

/** Checks every promise about slow queries: nothing lost, nothing twice, nothing invented, and no literal value. */
export function checkSlowQueries({ history, organisation, world, lake }: SimulatedHistory): string[] {
  const rows = Map.groupBy(lake.rows(DATASET), ({ values }) => String(values['process_id']));
  const gaps = lake.gapsOf(DATASET);
  const isRedacted = slowQueriesOf(history.seed).settings.every(({ redact }) => redact);
  return organisation.projects.flatMap(({ id: project, processes }) =>
    processes.flatMap((process) => {
      const tracked = { dataset: DATASET, subject: project, source: process.id, name: '$self' };
      const runs = readingRuns({ history, organisation, world }, tracked, process.clusterName);
      const check = new ProcessCheck({
        organisation,
        project,
        process,
        isRedacted,
        runs,
        advances: advancesOf(world, tracked, beginning),
        isListed: createListingCheck(history, organisation, process.id),
        rows: rows.get(process.id) ?? [],
        gaps: gaps.get(process.id) ?? [],
        backfills: backfillsOfTarget({ history, world, lake }, tracked, { label: process.id, reading: runs }),
      });
      return check.violations().map((violation) => `${DATASET} ${process.id}: ${violation}`);
    }),
  );
}

function beginning(run: RunRecord): number {
  return floorTo(timeOf(run) - settingsOf(run).backfill, SECOND);
}

interface Observations extends Watermarks {
  organisation: Organisation;
  project: string;
  process: Process;
  isRedacted: boolean;
  rows: readonly CommittedRow[];
  backfills: TargetBackfills;
}

/** Checks the slow queries of one process. */
class ProcessCheck {
  readonly #observed: Observations;
  readonly #ids: ReadonlySet<string>;
  readonly #queries: readonly ExpectedQuery[];
  readonly #violations: string[] = [];

  constructor(observations: Observations) {
    const { rows, advances, backfills, organisation, process, isRedacted } = observations;
    this.#observed = observations;
    this.#ids = new Set(rows.map(({ values }) => String(values['record_id'])));
    const { from, to } = spanOf(advances, backfills);
    this.#queries = expectedQueries(organisation, process, [from, to], isRedacted);
  }

  violations(): string[] {
    this.#checkRows();
    this.#checkGaps();
    this.#checkAdvances();
    this.#checkBackfills();
    return [
      ...this.#violations,
      ...checkWatermarks(this.#observed, { interval: SECOND, retention: RETENTION }),
    ];
  }

  /** Checks that every row matches a line that the process logged, in all columns. */
  #checkRows(): void {
    const { project, process, isRedacted, rows } = this.#observed;
    const queries = new Map(this.#queries.map((query) => [query.id, query]));
    for (const row of rows) {
      const { values } = row;
      if (isRedacted && JSON.stringify(values).includes(LITERAL))
        this.#violations.push(`a literal value in a row: ${JSON.stringify(values)}`);
      const query = queries.get(String(values['record_id']));
      const expected = query && identity(expectedQuery(project, process, query, isRedacted));
      if (expected !== identity(withClusterName(row, process)))
        this.#violations.push(`a row of a line that the process did not log: ${JSON.stringify(values)}`);
    }
  }

  /** Checks that no gap is over lines that the run could read, except in a second that overflows. */
  #checkGaps(): void {
    const { advances, gaps, isListed } = this.#observed;
    for (const gap of gaps) {
      const advance = advances.find(({ sequence }) => sequence === gap.sequence);
      if (!advance) {
        this.#violations.push(`a gap from ${formatInstant(gap.ts)} that moved no watermark`);
        continue;
      }
      const inside = this.#between(gap.ts, endOf(gap));
      const isOverflow = endOf(gap) - gap.ts === SECOND && inside.length >= FULL;
      if (isOverflow || !isListed(advance.run.startedAt)) continue;
      for (const { query } of inside.filter((one) => isReadable(one, advance)))
        this.#violations.push(
          `a gap over a line of ${formatInstant(query.time)}, which Atlas had at ${formatInstant(advance.at)}`,
        );
    }
  }

  /** Checks that each readable line that a watermark passed is there, and that each dropped one is in a gap. */
  #checkAdvances(): void {
    const { advances, gaps } = this.#observed;
    const known = { gaps, countIn: (from: number, to: number) => this.#between(from, to).length };
    for (const { advance, from, hasBegun } of lookbacks(advances, known)) {
      const { start, to, run, previous } = advance;
      // An earlier run had caught up, so everything that Atlas drops from then on is a loss.
      const hadCaughtUp = hasBegun && previous !== undefined && previous.at - previous.to < DAY - TOLERANCE;
      for (const one of this.#between(from, to)) {
        const { id, query, visibleFrom } = one;
        if (visibleFrom > run.startedAt || this.#ids.has(id) || this.#isInGap(query.second)) continue;
        const isDropped =
          query.visibleUntil < run.startedAt - TOLERANCE && query.second >= start && hadCaughtUp;
        if (isReadable(one, advance) || isDropped)
          this.#violations.push(
            `missing: a line of ${formatInstant(query.time)}, passed by the run of ${formatInstant(run.tick)}`,
          );
      }
    }
  }

  #checkBackfills(): void {
    const { project, backfills, runs, advances, rows, isListed } = this.#observed;
    const entries = (from: number, to: number) =>
      this.#between(from, to).map(({ id, query, visibleFrom }) => ({ ...query, id, visibleFrom }));
    const longestOverlap = longestOverlapOf(runs);
    const idOf = ({ values }: CommittedRow) => String(values['record_id']);
    const facts = { backfills, advances, subject: project, longestOverlap, rows, idOf, entries, isListed };
    this.#violations.push(...checkBackfilledEntries(facts));
  }

  #isInGap(second: number): boolean {
    return this.#observed.gaps.some((gap) => second >= gap.ts && second < endOf(gap));
  }

  #between(from: number, to: number): ExpectedQuery[] {
    return this.#queries.filter(({ query }) => query.second >= from && query.second < to);
  }
}

/** Returns whether Atlas had a line during the whole run. */
function isReadable({ query, visibleFrom }: ExpectedQuery, { run, at }: Advance): boolean {
  return visibleFrom <= run.startedAt && query.visibleUntil > at + TOLERANCE;
}
