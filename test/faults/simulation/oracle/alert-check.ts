import { HOUR, MINUTE } from '../../../../shared/durations.ts';
import {
  type Alert,
  acknowledgedUntilAt,
  alertDocument,
  statusAt,
} from '../../../../simulator/alerts/alerts.ts';
import { expectedAlertRow } from '../../../support/expected-alerts.ts';
import { identity } from '../../../support/expected-rows.ts';
import { instantOf } from '../../../support/times.ts';
import type { History } from '../history.ts';
import type { Sighting } from './alerts.ts';
import { formatInstant } from './instants.ts';
import { type CommittedRow, checkRevisions } from './lake.ts';
import { timeOf } from './runs.ts';

/** A run finds a closed alert that no run saw open if its creation is at most this long before the last run. */
const LOOKBACK = HOUR;

/** An event this close to an instant may be before or after it, because clocks differ. */
const CLOCKS_APART = 2 * MINUTE;

interface Evidence {
  alert: Alert;
  ids: { groupId: string; orgId: string };
  sightings: readonly Sighting[];
  /** The rows of this alert, in order. */
  rows: readonly CommittedRow[];
  gaps: readonly CommittedRow[];
  history: History;
}

/** Checks every promise about one alert: its rows report what runs could see of it. */
export class AlertCheck {
  readonly #evidence: Evidence;
  /** How far the clocks of runs may differ from Atlas's. They decide when an acknowledgement expires. */
  readonly #apart: number;
  readonly #violations: string[] = [];

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
    this.#apart = Math.max(CLOCKS_APART, evidence.history.skew);
  }

  all(): string[] {
    const { alert, sightings } = this.#evidence;
    this.#rowsAreAtlas();
    this.#storyIsPossible();
    const whole = sightings.filter(({ isWhole }) => isWhole);
    for (const [index, sighting] of whole.entries()) this.#sightingIsAccounted(sighting, whole[index - 1]);
    return this.#violations.map((violation) => `${alert.id}: ${violation}`);
  }

  /** Checks that every row has the document that Atlas showed at some instant of its run. */
  #rowsAreAtlas(): void {
    const { alert, ids, rows } = this.#evidence;
    for (const { values, ts, sequence } of rows) {
      const seen = this.#sighting(sequence);
      const collected = instantOf(values['collected_at']);
      if (!seen) {
        this.#violations.push(`a row of a commit that saw nothing: ${JSON.stringify(values)}`);
        continue;
      }
      const { skew } = seen.advance.run;
      if (collected - skew < seen.from || collected - skew > seen.to || ts > collected + this.#apart)
        this.#violations.push(`a row whose time is not its run's: ${JSON.stringify(values)}`);
      const change = { change: String(values['change']), ts, collected };
      const isAtlas = this.#instants(seen).some(
        (at) =>
          statusAt(alert, at) !== null &&
          identity(expectedAlertRow(ids.groupId, alertDocument(alert, ids, at), change)) ===
            identity({ ...values }),
      );
      if (!isAtlas) this.#violations.push(`a row that Atlas did not show: ${JSON.stringify(values)}`);
    }
  }

  /** Checks that the alert opens once, ends at most once, and that acknowledgements begin and end in turn. */
  #storyIsPossible(): void {
    const { alert, rows, history } = this.#evidence;
    const story = rows.map(({ values }) => String(values['change']));
    const text = story.join(' ');
    const turns = story.filter((change) => change === 'acknowledged' || change === 'unacknowledged');
    const isPossible =
      story.length === 0 ||
      (/^opened( (acknowledged|unacknowledged|updated))*( closed| cancelled)?$/.test(text) &&
        turns.every((change, index) => change === (index % 2 === 0 ? 'acknowledged' : 'unacknowledged')));
    if (!isPossible) this.#violations.push(`an impossible sequence of changes: ${text}`);
    this.#violations.push(...checkRevisions(rows));
    for (const { values, ts } of rows) {
      const { change } = values;
      const end = alert.end?.at ?? ts;
      // A clock that was ahead may have dated an earlier row, and times do not go back.
      const isDated =
        change === 'opened'
          ? ts === alert.created
          : change !== 'closed' || (ts >= end && ts <= end + history.skew);
      if (!isDated) this.#violations.push(`${String(change)} at a wrong time, ${formatInstant(ts)}`);
    }
  }

  /** Checks that a run's commit reports what the run could see. */
  #sightingIsAccounted(seen: Sighting, before: Sighting | undefined): void {
    const { alert, history } = this.#evidence;
    const all = (holds: (at: number) => boolean) => this.#instants(seen).every(holds);
    const ended = (at: number) => ['CLOSED', 'CANCELLED'].includes(statusAt(alert, at) ?? '');
    const fail = (what: string) =>
      this.#violations.push(`${what}, seen by the run of ${formatInstant(seen.from)}`);
    const wasKnown = before !== undefined && this.#told(before).length > 0;
    const hadEnded = before !== undefined && this.#isOver(before);
    const told = this.#told(seen);

    const isThere = (at: number) => ['OPEN', 'TRACKING'].includes(statusAt(alert, at) ?? '');
    if (all(isThere) && told.length === 0) fail('open or tracking, without a row');
    if (wasKnown && !hadEnded && all(ended) && !this.#isOver(seen)) fail('ended, without a row of its end');
    if (wasKnown && !hadEnded && all((at) => statusAt(alert, at) === null) && !this.#isLost(seen))
      fail('deleted while it was open, without a gap');
    const last = before?.from ?? timeOf(seen.advance.run);
    const hasEndedSince = before !== undefined && (alert.end?.at ?? 0) > before.to;
    const isFound = alert.created >= last - LOOKBACK + history.skew + CLOCKS_APART;
    const isClosed = all((at) => statusAt(alert, at) === 'CLOSED');
    if (!wasKnown && (isFound || hasEndedSince) && isClosed && !this.#isOver(seen))
      fail('opened and closed between two runs, without a row');
    if (told.length > 0 && !this.#isOver(seen)) this.#acknowledgementIsTold(seen, told);
    if (before && wasKnown && !this.#isOver(seen)) this.#updateIsTold(before, seen);
  }

  /** Checks that rows report the acknowledgement correctly, unless it changes while the run reads. */
  #acknowledgementIsTold(seen: Sighting, told: readonly CommittedRow[]): void {
    const { alert } = this.#evidence;
    const wide = { ...seen, from: seen.from - this.#apart, to: seen.to + this.#apart };
    const states = new Set(
      this.#instants(wide).map((at) =>
        statusAt(alert, at) === null ? null : (acknowledgedUntilAt(alert, at) ?? -Infinity) > at,
      ),
    );
    const [state] = states;
    if (states.size !== 1 || state === null) return;
    const last = told.findLast(({ values }) => String(values['change']).endsWith('acknowledged'));
    if ((last?.values['change'] === 'acknowledged') !== state)
      this.#violations.push(
        `${state ? '' : 'not '}acknowledged, but no row reports it by ${formatInstant(seen.to)}`,
      );
  }

  /** Checks that a changed field gives an update, and that an unchanged alert gives none. */
  #updateIsTold(before: Sighting, seen: Sighting): void {
    const { alert, rows } = this.#evidence;
    const content = (sighting: Sighting) => {
      const contents = new Set(this.#instants(sighting).map((at) => contentOf(alert, at)));
      return contents.size === 1 ? [...contents][0] : undefined;
    };
    const updates = rows.filter(
      ({ sequence, values }) => sequence === seen.sequence && values['change'] === 'updated',
    );
    const isLeftAlone = this.#scripted().every((at) => at < before.from || at > seen.to);
    if (isLeftAlone && updates.length > 0)
      this.#violations.push(`an update by ${formatInstant(seen.to)} without a change`);
    const [was, is] = [content(before), content(seen)];
    if (was === undefined || is === undefined || was.includes('null') || is.includes('null')) return;
    if (was !== is && updates.length !== 1)
      this.#violations.push(
        `changed from ${was} to ${is}, but no row reports it by ${formatInstant(seen.to)}`,
      );
  }

  /** Returns the rows of the alert up to a commit. */
  #told({ sequence }: Sighting): readonly CommittedRow[] {
    return this.#evidence.rows.filter((row) => row.sequence <= sequence);
  }

  #isOver(seen: Sighting): boolean {
    const ended = this.#told(seen).some(({ values }) =>
      /^(closed|cancelled)$/.test(String(values['change'])),
    );
    return ended || this.#isLost(seen);
  }

  #isLost({ sequence }: Sighting): boolean {
    const { alert, gaps } = this.#evidence;
    return gaps.some((gap) => gap.sequence <= sequence && String(gap.values['reason']).includes(alert.id));
  }

  #sighting(sequence: number): Sighting | undefined {
    return this.#evidence.sightings.find((seen) => seen.sequence === sequence);
  }

  /** Returns instants of a span. What Atlas shows of the alert does not change between two of them. */
  #instants({ from, to }: Pick<Sighting, 'from' | 'to'>): number[] {
    const minutes = Array.from(
      { length: Math.floor(to / MINUTE) - Math.floor(from / MINUTE) },
      (_, index) => (Math.floor(from / MINUTE) + index + 1) * MINUTE,
    );
    // Notifications go out at the alert's own minutes and seconds.
    const notified = minutes.map((minute) => minute + (this.#evidence.alert.created % MINUTE));
    return [from, ...minutes, ...notified, ...this.#scripted(), to].filter((at) => at >= from && at <= to);
  }

  /** Returns the instants at which the alert changes. */
  #scripted(): number[] {
    const { created, opened, acknowledged, unacknowledged, changes, end, dropped } = this.#evidence.alert;
    return [
      created,
      opened,
      acknowledged?.at,
      acknowledged?.until,
      unacknowledged,
      end?.at,
      dropped,
      ...(changes ?? []).map(({ at }) => at),
    ].filter((at) => at !== undefined);
  }
}

/** Returns the part of an alert whose change is an update. */
function contentOf(alert: Alert, at: number): string {
  const status = statusAt(alert, at);
  const changes = (alert.changes ?? []).filter((change) => change.at <= Math.min(at, alert.end?.at ?? at));
  return `${status} ${changes.length}`;
}
