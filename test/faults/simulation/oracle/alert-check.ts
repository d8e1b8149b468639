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
import type { CommittedRead } from './alerts.ts';
import { formatInstant } from './instants.ts';
import { type CommittedRow, checkRevisions } from './lake.ts';
import { timeOf } from './runs.ts';

/** A run finds a closed alert that no run saw open if its creation is at most this long before the last run. */
const LOOKBACK = HOUR;

/** An event this close to an instant may be before or after it, because clocks differ. */
const CLOCKS_APART = 2 * MINUTE;

interface Observations {
  alert: Alert;
  ids: { groupId: string; orgId: string };
  reads: readonly CommittedRead[];
  /** The rows of this alert, in order. */
  rows: readonly CommittedRow[];
  gaps: readonly CommittedRow[];
  history: History;
}

/** Checks every promise about one alert: its rows report what runs could see of it. */
export class AlertCheck {
  readonly #observed: Observations;
  /** How far the clocks of runs may differ from Atlas's. They decide when an acknowledgement expires. */
  readonly #apart: number;
  readonly #violations: string[] = [];

  constructor(observations: Observations) {
    this.#observed = observations;
    this.#apart = Math.max(CLOCKS_APART, observations.history.skew);
  }

  violations(): string[] {
    const { alert, reads } = this.#observed;
    this.#checkRows();
    this.#checkChangeOrder();
    const complete = reads.filter(({ readEverything }) => readEverything);
    for (const [index, read] of complete.entries()) this.#checkRead(read, complete[index - 1]);
    return this.#violations.map((violation) => `${alert.id}: ${violation}`);
  }

  /** Checks that every row has the document that Atlas showed at some instant of its run. */
  #checkRows(): void {
    const { alert, ids, rows } = this.#observed;
    for (const { values, ts, sequence } of rows) {
      const seen = this.#readOf(sequence);
      const collected = instantOf(values['collected_at']);
      if (!seen) {
        this.#violations.push(`a row of a commit that saw nothing: ${JSON.stringify(values)}`);
        continue;
      }
      const { skew } = seen.advance.run;
      if (collected - skew < seen.from || collected - skew > seen.to || ts > collected + this.#apart)
        this.#violations.push(`a row whose time is not its run's: ${JSON.stringify(values)}`);
      const change = { change: String(values['change']), ts, collected };
      const isFromAtlas = this.#instants(seen).some(
        (at) =>
          statusAt(alert, at) !== null &&
          identity(expectedAlertRow(ids.groupId, alertDocument(alert, ids, at), change)) ===
            identity({ ...values }),
      );
      if (!isFromAtlas) this.#violations.push(`a row that Atlas did not show: ${JSON.stringify(values)}`);
    }
  }

  /** Checks that the alert opens once, ends at most once, and that acknowledgements begin and end in turn. */
  #checkChangeOrder(): void {
    const { alert, rows, history } = this.#observed;
    const changes = rows.map(({ values }) => String(values['change']));
    const text = changes.join(' ');
    const turns = changes.filter((change) => change === 'acknowledged' || change === 'unacknowledged');
    const isPossible =
      changes.length === 0 ||
      (/^opened( (acknowledged|unacknowledged|updated))*( closed| cancelled)?$/.test(text) &&
        turns.every((change, index) => change === (index % 2 === 0 ? 'acknowledged' : 'unacknowledged')));
    if (!isPossible) this.#violations.push(`an impossible sequence of changes: ${text}`);
    this.#violations.push(...checkRevisions(rows));
    for (const { values, ts } of rows) {
      const { change } = values;
      const end = alert.end?.at ?? ts;
      // A clock that was ahead may have dated an earlier row, and times do not go back.
      const isDatedCorrectly =
        change === 'opened'
          ? ts === alert.created
          : change !== 'closed' || (ts >= end && ts <= end + history.skew);
      if (!isDatedCorrectly) this.#violations.push(`${String(change)} at a wrong time, ${formatInstant(ts)}`);
    }
  }

  /** Checks that a run's commit reports what the run could see. */
  #checkRead(seen: CommittedRead, before: CommittedRead | undefined): void {
    const { alert, history } = this.#observed;
    const all = (holds: (at: number) => boolean) => this.#instants(seen).every(holds);
    const ended = (at: number) => ['CLOSED', 'CANCELLED'].includes(statusAt(alert, at) ?? '');
    const fail = (what: string) =>
      this.#violations.push(`${what}, seen by the run of ${formatInstant(seen.from)}`);
    const wasKnown = before !== undefined && this.#rowsUntil(before).length > 0;
    const hadEnded = before !== undefined && this.#hasEnded(before);
    const reported = this.#rowsUntil(seen);

    const isThere = (at: number) => ['OPEN', 'TRACKING'].includes(statusAt(alert, at) ?? '');
    if (all(isThere) && reported.length === 0) fail('open or tracking, without a row');
    if (wasKnown && !hadEnded && all(ended) && !this.#hasEnded(seen)) fail('ended, without a row of its end');
    if (wasKnown && !hadEnded && all((at) => statusAt(alert, at) === null) && !this.#isInGap(seen))
      fail('deleted while it was open, without a gap');
    const last = before?.from ?? timeOf(seen.advance.run);
    const hasEndedSince = before !== undefined && (alert.end?.at ?? 0) > before.to;
    const isFound = alert.created >= last - LOOKBACK + history.skew + CLOCKS_APART;
    const isClosed = all((at) => statusAt(alert, at) === 'CLOSED');
    if (!wasKnown && (isFound || hasEndedSince) && isClosed && !this.#hasEnded(seen))
      fail('opened and closed between two runs, without a row');
    if (reported.length > 0 && !this.#hasEnded(seen)) this.#checkAcknowledgement(seen, reported);
    if (before && wasKnown && !this.#hasEnded(seen)) this.#checkUpdate(before, seen);
  }

  /** Checks that rows report the acknowledgement correctly, unless it changes while the run reads. */
  #checkAcknowledgement(seen: CommittedRead, reported: readonly CommittedRow[]): void {
    const { alert } = this.#observed;
    const wide = { ...seen, from: seen.from - this.#apart, to: seen.to + this.#apart };
    const states = new Set(
      this.#instants(wide).map((at) =>
        statusAt(alert, at) === null ? null : (acknowledgedUntilAt(alert, at) ?? -Infinity) > at,
      ),
    );
    const [state] = states;
    if (states.size !== 1 || state === null) return;
    const last = reported.findLast(({ values }) => String(values['change']).endsWith('acknowledged'));
    if ((last?.values['change'] === 'acknowledged') !== state)
      this.#violations.push(
        `${state ? '' : 'not '}acknowledged, but no row reports it by ${formatInstant(seen.to)}`,
      );
  }

  /** Checks that a changed field gives an update, and that an unchanged alert gives none. */
  #checkUpdate(before: CommittedRead, seen: CommittedRead): void {
    const { alert, rows, reads } = this.#observed;
    const content = (read: CommittedRead) => {
      const contents = new Set(this.#instants(read).map((at) => contentOf(alert, at)));
      return contents.size === 1 ? [...contents][0] : undefined;
    };
    // Runs between the two may have read the alert, although they did not read everything.
    const updates = rows.filter(
      ({ sequence, values }) =>
        sequence > before.sequence && sequence <= seen.sequence && values['change'] === 'updated',
    );
    const isNext = !reads.some(({ sequence }) => sequence > before.sequence && sequence < seen.sequence);
    const isLeftAlone = this.#changeInstants().every((at) => at < before.from || at > seen.to);
    if (isLeftAlone && updates.length > 0)
      this.#violations.push(`an update by ${formatInstant(seen.to)} without a change`);
    const [was, is] = [content(before), content(seen)];
    if (was === undefined || is === undefined || was.includes('null') || is.includes('null')) return;
    if (was !== is && (updates.length === 0 || (isNext && updates.length > 1)))
      this.#violations.push(
        `changed from ${was} to ${is}, but no row reports it by ${formatInstant(seen.to)}`,
      );
  }

  /** Returns the rows of the alert up to a commit. */
  #rowsUntil({ sequence }: CommittedRead): readonly CommittedRow[] {
    return this.#observed.rows.filter((row) => row.sequence <= sequence);
  }

  #hasEnded(seen: CommittedRead): boolean {
    const ended = this.#rowsUntil(seen).some(({ values }) =>
      /^(closed|cancelled)$/.test(String(values['change'])),
    );
    return ended || this.#isInGap(seen);
  }

  #isInGap({ sequence }: CommittedRead): boolean {
    const { alert, gaps } = this.#observed;
    return gaps.some((gap) => gap.sequence <= sequence && String(gap.values['reason']).includes(alert.id));
  }

  #readOf(sequence: number): CommittedRead | undefined {
    return this.#observed.reads.find((seen) => seen.sequence === sequence);
  }

  /** Returns instants of a span. What Atlas shows of the alert does not change between two of them. */
  #instants({ from, to }: Pick<CommittedRead, 'from' | 'to'>): number[] {
    const minutes = Array.from(
      { length: Math.floor(to / MINUTE) - Math.floor(from / MINUTE) },
      (_, index) => (Math.floor(from / MINUTE) + index + 1) * MINUTE,
    );
    // Notifications go out at the alert's own minutes and seconds.
    const notified = minutes.map((minute) => minute + (this.#observed.alert.created % MINUTE));
    return [from, ...minutes, ...notified, ...this.#changeInstants(), to].filter(
      (at) => at >= from && at <= to,
    );
  }

  /** Returns the instants at which the alert changes. */
  #changeInstants(): number[] {
    const { created, opened, acknowledged, unacknowledged, changes, end, dropped } = this.#observed.alert;
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
