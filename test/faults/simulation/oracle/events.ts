import { DAY, MINUTE, SECOND } from '../../../../shared/durations.ts';
import { type EventOwner, type SettledEvent, settledEvents } from '../../../../simulator/events.ts';
import { expectedEvent, ownersOf } from '../../../support/expected-events.ts';
import { identity } from '../../../support/expected-rows.ts';
import type { History } from '../history.ts';
import type { RunRecord } from '../world.ts';
import { type Advance, advancesOf } from './advances.ts';
import { checkBackfilledEntries, longestOverlapOf, spanOf } from './backfilled-entries.ts';
import { backfillsOfTarget, type TargetBackfills } from './backfills.ts';
import { floorTo, formatInstant } from './instants.ts';
import { type CommittedRow, endOf } from './lake.ts';
import { isGone } from './listing.ts';
import { lookbacks } from './lookbacks.ts';
import { runsOf, settingsOf, timeOf } from './runs.ts';
import type { SimulatedHistory } from './simulated-history.ts';
import { checkWatermarks, type Watermarks } from './watermarks.ts';

/** How long a project that Atlas no longer shows may come back, before what was not read is a gap. */
const AWAITED = 7 * DAY;

/** How far clocks may be apart, and how long an answer may take. */
const TOLERANCE = 15 * MINUTE;

const DATASET = 'events';

/** Checks every promise about events: nothing lost, nothing twice, nothing invented. */
export function checkEvents({ history, organisation, world, lake }: SimulatedHistory): string[] {
  const rows = Map.groupBy(lake.rows(DATASET), ({ subject }) => subject);
  const gaps = lake.gapsOf(DATASET);
  return ownersOf(organisation).flatMap((owner) => {
    const id = owner.project?.id ?? organisation.id;
    const tracked = { dataset: DATASET, subject: id, source: id, name: '$self' };
    const { project } = owner;
    const runs = runsOf(world, tracked);
    const check = new ListCheck({
      history,
      owner,
      runs,
      advances: advancesOf(world, tracked, beginning),
      isListed: (at) => !project || !isGone(history, organisation, project, at),
      rows: rows.get(id) ?? [],
      gaps: gaps.get(id) ?? [],
      backfills: backfillsOfTarget({ history, world, lake }, tracked, { label: id, reading: runs }),
    });
    return check.violations().map((violation) => `${DATASET} of ${id}: ${violation}`);
  });
}

function beginning(run: RunRecord): number {
  return floorTo(timeOf(run) - settingsOf(run).backfill, SECOND);
}

interface Observations extends Watermarks {
  history: History;
  owner: EventOwner;
  rows: readonly CommittedRow[];
  backfills: TargetBackfills;
}

/** Checks the list of one project or organisation. */
class ListCheck {
  readonly #observed: Observations;
  readonly #ids: ReadonlySet<string>;
  readonly #events: readonly SettledEvent[];
  readonly #violations: string[] = [];

  constructor(observations: Observations) {
    const { rows, advances, owner, backfills } = observations;
    this.#observed = observations;
    this.#ids = new Set(rows.map(({ values }) => String(values['event_id'])));
    const { from, to } = spanOf(advances, backfills);
    this.#events = settledEvents(owner, from, to);
  }

  violations(): string[] {
    this.#checkRows();
    this.#checkGaps();
    this.#checkAdvances();
    const { backfills, runs, advances, owner, rows, isListed } = this.#observed;
    const subject = owner.project?.id ?? owner.organisation.id;
    const entries = (from: number, to: number) => this.#between(from, to);
    const longestOverlap = longestOverlapOf(runs);
    const idOf = ({ values }: CommittedRow) => String(values['event_id']);
    const facts = { backfills, advances, subject, longestOverlap, rows, idOf, entries, isListed };
    this.#violations.push(...checkBackfilledEntries(facts));
    return [
      ...this.#violations,
      ...checkWatermarks(this.#observed, { interval: SECOND, retention: AWAITED }),
    ];
  }

  /** Checks that every row matches an event of the list, in all columns. */
  #checkRows(): void {
    const { owner, rows } = this.#observed;
    const events = new Map(this.#events.map((event) => [event.id, event]));
    for (const { values } of rows) {
      const event = events.get(String(values['event_id']));
      if (!event || identity(expectedEvent(owner, event)) !== identity(values))
        this.#violations.push(`a row of an event that Atlas does not have: ${JSON.stringify(values)}`);
    }
  }

  /** Checks that no gap is over events that the run could read. */
  #checkGaps(): void {
    const { history, advances, gaps, isListed } = this.#observed;
    for (const gap of gaps) {
      const advance = advances.find(({ sequence }) => sequence === gap.sequence);
      if (!advance) {
        this.#violations.push(`a gap from ${formatInstant(gap.ts)} that moved no watermark`);
      } else if (isUnreadable(gap)) {
        if (history.unreadable.length === 0)
          this.#violations.push(`a gap of unreadable events from ${formatInstant(gap.ts)}`);
      } else if (isListed(advance.run.startedAt)) {
        const shown = this.#between(gap.ts, endOf(gap)).filter((event) => isReadable(event, advance));
        for (const { second } of shown)
          this.#violations.push(
            `a gap over an event of ${formatInstant(second)}, which Atlas had at ${formatInstant(advance.at)}`,
          );
      }
    }
  }

  /** Checks that each readable event that a watermark passed is there, and that each dropped one is in a gap. */
  #checkAdvances(): void {
    const { advances, gaps } = this.#observed;
    const known = { gaps, countIn: (from: number, to: number) => this.#between(from, to).length };
    for (const { advance, from, hasBegun } of lookbacks(advances, known)) {
      const { start, to, run, previous } = advance;
      // An earlier run had caught up, so everything that Atlas drops from then on is a loss.
      const hadCaughtUp = hasBegun && previous !== undefined && previous.at - previous.to < DAY - TOLERANCE;
      for (const event of this.#between(from, to)) {
        const { id, second, visibleFrom, visibleUntil } = event;
        if (visibleFrom > run.startedAt || this.#ids.has(id) || this.#isInGap(event)) continue;
        const isDropped = visibleUntil < run.startedAt - TOLERANCE && second >= start && hadCaughtUp;
        if (isReadable(event, advance) || isDropped)
          this.#violations.push(
            `missing: the event ${id} of ${formatInstant(second)}, passed by the run of ${formatInstant(run.tick)}`,
          );
      }
    }
  }

  #isInGap({ second }: SettledEvent): boolean {
    return this.#observed.gaps.some((gap) => second >= gap.ts && second < endOf(gap));
  }

  #between(from: number, to: number): SettledEvent[] {
    return this.#events.filter(({ second }) => second >= from && second < to);
  }
}

/** Returns whether Atlas had an event during the whole run. */
function isReadable({ visibleFrom, visibleUntil }: SettledEvent, { run, at }: Advance): boolean {
  return visibleFrom <= run.startedAt && visibleUntil > at + TOLERANCE;
}

function isUnreadable({ values }: CommittedRow): boolean {
  return values['reason'] === 'events that cannot be read';
}
