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
import { type CommittedRow, numbersRise } from './lake.ts';
import { time, timeOf } from './strides.ts';

/** Closed alerts that nobody has seen open are found when they were created so long before the last run. */
const REACH = HOUR;

/** What is so near to an instant may be on either side of it: clocks differ. */
const CLOCKS_APART = 2 * MINUTE;

interface Evidence {
  alert: Alert;
  ids: { groupId: string; orgId: string };
  sightings: readonly Sighting[];
  /** Of this alert, in order. */
  rows: readonly CommittedRow[];
  gaps: readonly CommittedRow[];
  history: History;
}

/** Checks all that was promised of one alert: that its rows tell its life, as far as runs could see it. */
export class AlertCheck {
  readonly #evidence: Evidence;
  /** By how much clocks of runs may be away from Atlas's; they decide when an acknowledgement runs out. */
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

  /** Every row has the document that Atlas gave at some instant of its run. */
  #rowsAreAtlas(): void {
    const { alert, ids, rows } = this.#evidence;
    for (const { values, ts, sequence } of rows) {
      const seen = this.#sighting(sequence);
      const collected = instantOf(values['collected_at']);
      if (!seen) {
        this.#violations.push(`a row of a commit that saw nothing: ${JSON.stringify(values)}`);
        continue;
      }
      const { skew } = seen.stride.run;
      if (collected - skew < seen.from || collected - skew > seen.to || ts > collected + this.#apart)
        this.#violations.push(`a row of another time than its run's: ${JSON.stringify(values)}`);
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

  /** It opens once, ends once at most, and nothing happens before or after; acknowledgements begin and end in turn. */
  #storyIsPossible(): void {
    const { alert, rows, history } = this.#evidence;
    const story = rows.map(({ values }) => String(values['change']));
    const text = story.join(' ');
    const turns = story.filter((change) => change === 'acknowledged' || change === 'unacknowledged');
    const isPossible =
      story.length === 0 ||
      (/^opened( (acknowledged|unacknowledged|updated))*( closed| cancelled)?$/.test(text) &&
        turns.every((change, index) => change === (index % 2 === 0 ? 'acknowledged' : 'unacknowledged')));
    if (!isPossible) this.#violations.push(`an impossible life: ${text}`);
    this.#violations.push(...numbersRise(rows));
    for (const { values, ts } of rows) {
      const { change } = values;
      const end = alert.end?.at ?? ts;
      // No earlier than what a clock that was ahead had dated before.
      const isDated =
        change === 'opened'
          ? ts === alert.created
          : change !== 'closed' || (ts >= end && ts <= end + history.skew);
      if (!isDated) this.#violations.push(`${String(change)} at another time, ${time(ts)}`);
    }
  }

  /** What a run could see is in the lake with its commit. */
  #sightingIsAccounted(seen: Sighting, before: Sighting | undefined): void {
    const { alert, history } = this.#evidence;
    const all = (holds: (at: number) => boolean) => this.#instants(seen).every(holds);
    const ended = (at: number) => ['CLOSED', 'CANCELLED'].includes(statusAt(alert, at) ?? '');
    const fail = (what: string) => this.#violations.push(`${what}, seen by the run of ${time(seen.from)}`);
    const wasKnown = before !== undefined && this.#told(before).length > 0;
    const hadEnded = before !== undefined && this.#isOver(before);
    const told = this.#told(seen);

    const isThere = (at: number) => ['OPEN', 'TRACKING'].includes(statusAt(alert, at) ?? '');
    if (all(isThere) && told.length === 0) fail('open or tracking, and without a row');
    if (wasKnown && !hadEnded && all(ended) && !this.#isOver(seen)) fail('ended, and without its end');
    if (wasKnown && !hadEnded && all((at) => statusAt(alert, at) === null) && !this.#isLost(seen))
      fail('dropped while it was open, and no gap');
    const last = before?.from ?? timeOf(seen.stride.run);
    const hasEndedSince = before !== undefined && (alert.end?.at ?? 0) > before.to;
    const isFound = alert.created >= last - REACH + history.skew + CLOCKS_APART;
    const isClosed = all((at) => statusAt(alert, at) === 'CLOSED');
    if (!wasKnown && (isFound || hasEndedSince) && isClosed && !this.#isOver(seen))
      fail('opened and closed between two runs, and without a row');
    if (told.length > 0 && !this.#isOver(seen)) this.#acknowledgementIsTold(seen, told);
    if (before && wasKnown && !this.#isOver(seen)) this.#updateIsTold(before, seen);
  }

  /** What rows say of the acknowledgement is so, unless it changes while the run reads. */
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
      this.#violations.push(`${state ? '' : 'not '}acknowledged, and no row says so by ${time(seen.to)}`);
  }

  /** A field that has another value now is an update, and where nothing is done to an alert there is none. */
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
      this.#violations.push(`an update by ${time(seen.to)}, and nothing had changed`);
    const [was, is] = [content(before), content(seen)];
    if (was === undefined || is === undefined || was.includes('null') || is.includes('null')) return;
    if (was !== is && updates.length !== 1)
      this.#violations.push(`changed from ${was} to ${is}, and no row says so by ${time(seen.to)}`);
  }

  /** Its rows as far as they were there with a commit. */
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

  /** Instants of a span, between two of which nothing changes that can be seen of the alert. */
  #instants({ from, to }: Pick<Sighting, 'from' | 'to'>): number[] {
    const minutes = Array.from(
      { length: Math.floor(to / MINUTE) - Math.floor(from / MINUTE) },
      (_, index) => (Math.floor(from / MINUTE) + index + 1) * MINUTE,
    );
    // People are notified at the alert's own minutes and seconds.
    const notified = minutes.map((minute) => minute + (this.#evidence.alert.created % MINUTE));
    return [from, ...minutes, ...notified, ...this.#scripted(), to].filter((at) => at >= from && at <= to);
  }

  /** When anything is done to the alert. */
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

/** What of an alert is an update when it changes. */
function contentOf(alert: Alert, at: number): string {
  const status = statusAt(alert, at);
  const changes = (alert.changes ?? []).filter((change) => change.at <= Math.min(at, alert.end?.at ?? at));
  return `${status} ${changes.length}`;
}
