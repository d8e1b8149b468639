import type { Alert } from '../../shared/atlas/api.ts';
import { fingerprint } from './fingerprint.ts';
import { type KnownAlert, nextWholeSecond, wholeSecond } from './known-alert.ts';

/** What can happen to an alert, as the table `alerts` names it. */
export type AlertChange = 'opened' | 'acknowledged' | 'unacknowledged' | 'updated' | 'closed' | 'cancelled';

export interface DatedChange {
  change: AlertChange;
  /** When it happened, as precisely as the documents show; ms since the epoch. */
  ts: number;
}

/** When an alert was observed; ms since the epoch. */
export interface ObservationTime {
  now: number;
  /** When the last committed run was: everything it observed had happened before. */
  lastRun: number;
}

/**
 * Returns what happened to an alert since it was last observed, in order, and what to remember of it.
 *
 * Atlas dates when an alert was created and resolved, and until when it is acknowledged. It does not date anything
 * else: such a change gets the time of `updated` if that lies between the last run and now, and otherwise the time of
 * observation. Where Atlas's clock and ours disagree, a change is never dated before the previous one.
 *
 * An alert that is observed for the first time gets a row for each earlier change that its document shows. An ended
 * alert has no more changes, whatever Atlas still writes into it.
 */
export function alertChanges(
  known: KnownAlert | undefined,
  alert: Alert,
  time: ObservationTime,
): { changes: DatedChange[]; known: KnownAlert } {
  if (known?.phase === 'ended') return { changes: [], known };
  const end = endOf(alert, time);
  const seen = contentOf(alert);
  const changes: DatedChange[] = [];
  let last = known?.since ?? Number.NEGATIVE_INFINITY;
  const add = (change: AlertChange, ts: number) => {
    last = Math.max(last, ts);
    changes.push({ change, ts: last });
  };

  if (!known) add('opened', alert.created);
  /** The time that the document describes: the present, or the alert's last moment. */
  const moment = end?.ts ?? time.now;
  const changedAt = Math.min(
    undatedTime(alert, known ? time.lastRun : Math.max(time.lastRun, alert.created), time.now),
    moment,
  );
  const acknowledgement = acknowledgementChanges(known, alert.acknowledgedUntil, changedAt, moment);
  for (const { change, ts } of acknowledgement.changes) add(change, ts);
  if (
    known &&
    isUpdated(known, seen, { ended: end !== null, explained: acknowledgement.changes.length > 0 })
  ) {
    add('updated', changedAt);
  }
  if (end) add(end.change, end.ts);
  return {
    changes,
    known: {
      ...seen,
      phase: end ? 'ended' : 'open',
      acknowledged: acknowledgement.acknowledged,
      since: end ? wholeSecond(time.now) : nextWholeSecond(last),
    },
  };
}

/** Returns an alert that Atlas no longer knows. If it appears again, it continues from this state. */
export function lost(known: KnownAlert, now: number): KnownAlert {
  return { ...known, phase: 'lost', since: nextWholeSecond(Math.max(known.since, now)) };
}

function endOf(alert: Alert, { now }: ObservationTime): DatedChange | null {
  if (alert.status === 'CLOSED') return { change: 'closed', ts: alert.resolved ?? alert.updated ?? now };
  if (alert.status === 'CANCELLED')
    return { change: 'cancelled', ts: alert.resolved ?? alert.updated ?? now };
  return null;
}

/** Returns the time of a change between two instants that the document does not date. */
function undatedTime({ updated }: Alert, from: number, now: number): number {
  return updated !== null && updated > from && updated <= now ? updated : now;
}

/**
 * Returns when an acknowledgement began or ended. An alert is acknowledged while `acknowledgedUntil` lies in the
 * future; revoking the acknowledgement unsets it. `acknowledgingUsername` alone proves nothing: it names who
 * acknowledged the alert "previously".
 */
function acknowledgementChanges(
  known: Pick<KnownAlert, 'acknowledged' | 'acknowledgedUntil'> | undefined,
  acknowledgedUntil: number | null,
  changedAt: number,
  moment: number,
): { changes: DatedChange[]; acknowledged: boolean } {
  const until = acknowledgedUntil === null ? null : wholeSecond(acknowledgedUntil);
  const before = known?.acknowledgedUntil ?? null;
  const changes: DatedChange[] = [];
  let acknowledged = known?.acknowledged ?? false;
  const turn = (to: boolean, ts: number) => {
    acknowledged = to;
    changes.push({ change: to ? 'acknowledged' : 'unacknowledged', ts });
  };
  const isOver = (instant: number) => instant <= moment;
  // The old one expired and was removed, or a new one is valid. A new one that has expired too counts as the old one,
  // extended.
  if (
    acknowledged &&
    before !== null &&
    until !== before &&
    isOver(before) &&
    (until === null || !isOver(until))
  ) {
    turn(false, before);
  }
  if (acknowledged && until === null) turn(false, changedAt);
  // An expired acknowledgement can stay in the document forever.
  if (!acknowledged && until !== null && until !== before) turn(true, Math.min(changedAt, until));
  if (acknowledged && until !== null && isOver(until)) turn(false, until);
  return { changes, acknowledged };
}

/** Returns what the document says, as far as it is remembered. */
function contentOf(alert: Alert): Omit<KnownAlert, 'phase' | 'acknowledged' | 'since'> {
  const {
    // These move with every evaluation and notification.
    updated: _updated,
    lastNotified: _lastNotified,
    currentValue: _currentValue,
    // These have changes of their own.
    status: _status,
    resolved: _resolved,
    acknowledgedUntil: _acknowledgedUntil,
    acknowledgingUsername,
    acknowledgementComment,
    ...content
  } = alert.document;
  const { status, acknowledgedUntil } = alert;
  return {
    id: alert.id,
    status: status === 'OPEN' || status === 'TRACKING' ? status : null,
    acknowledgedUntil: acknowledgedUntil === null ? null : wholeSecond(acknowledgedUntil),
    content: fingerprint(content, 8),
    acknowledgement: fingerprint([acknowledgingUsername ?? null, acknowledgementComment ?? null], 4),
    created: wholeSecond(alert.created),
  };
}

/**
 * Returns whether a field changed that has no change of its own.
 *
 * @param ended the alert ended, which explains a different status
 * @param explained the acknowledgement began or ended, which explains its difference
 */
function isUpdated(
  known: KnownAlert,
  seen: ReturnType<typeof contentOf>,
  { ended, explained }: { ended: boolean; explained: boolean },
): boolean {
  if (known.content !== seen.content) return true;
  if (!ended && known.status !== seen.status) return true;
  const sameAcknowledgement =
    known.acknowledgement === seen.acknowledgement && known.acknowledgedUntil === seen.acknowledgedUntil;
  return !explained && !sameAcknowledgement;
}
