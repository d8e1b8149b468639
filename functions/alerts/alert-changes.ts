import type { Alert } from '../../shared/atlas/api.ts';
import { fingerprint } from './fingerprint.ts';
import { type KnownAlert, nextWholeSecond, wholeSecond } from './known-alert.ts';

/** What can happen to an alert, as the table `alerts` names it. */
export type AlertChange = 'opened' | 'acknowledged' | 'unacknowledged' | 'updated' | 'closed' | 'cancelled';

export interface DatedChange {
  change: AlertChange;
  /** When it happened, as well as the documents tell; ms since the epoch. */
  ts: number;
}

/** When an alert was seen; ms since the epoch. */
export interface SightingTime {
  now: number;
  /** The last run that was committed: what it saw had happened before. */
  lastRun: number;
}

/**
 * What has happened to an alert since it was last seen, in order, and what to remember of it.
 *
 * Atlas tells when an alert was created, when it was resolved and until when it is acknowledged. It does not tell when
 * anything else happened: that is dated by `updated` where this lies between the last run and now, and else by when it
 * was seen. Where Atlas's clock and ours disagree, a change is dated no earlier than the one before it.
 *
 * An alert that is seen for the first time gets the rows of what its document shows to have happened before. One that
 * has ended has no more changes, whatever Atlas still writes into it.
 */
export function alertChanges(
  known: KnownAlert | undefined,
  alert: Alert,
  time: SightingTime,
): { changes: DatedChange[]; known: KnownAlert } {
  if (known?.phase === 'ended') return { changes: [], known };
  const end = endOf(alert, time);
  const seen = sight(alert);
  const changes: DatedChange[] = [];
  let last = known?.since ?? Number.NEGATIVE_INFINITY;
  const add = (change: AlertChange, ts: number) => {
    last = Math.max(last, ts);
    changes.push({ change, ts: last });
  };

  if (!known) add('opened', alert.created);
  /** What the document speaks of: the present, or the alert's last moment. */
  const moment = end?.ts ?? time.now;
  const told = Math.min(
    toldBy(alert, known ? time.lastRun : Math.max(time.lastRun, alert.created), time.now),
    moment,
  );
  const acknowledgement = acknowledgementChanges(known, alert.acknowledgedUntil, told, moment);
  for (const { change, ts } of acknowledgement.changes) add(change, ts);
  if (
    known &&
    isUpdated(known, seen, { ended: end !== null, explained: acknowledgement.changes.length > 0 })
  ) {
    add('updated', told);
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

/** Atlas does not know the alert any more. Should it show up again, it goes on from here. */
export function lost(known: KnownAlert, now: number): KnownAlert {
  return { ...known, phase: 'lost', since: nextWholeSecond(Math.max(known.since, now)) };
}

function endOf(alert: Alert, { now }: SightingTime): DatedChange | null {
  if (alert.status === 'CLOSED') return { change: 'closed', ts: alert.resolved ?? alert.updated ?? now };
  if (alert.status === 'CANCELLED')
    return { change: 'cancelled', ts: alert.resolved ?? alert.updated ?? now };
  return null;
}

/** When something happened between two instants that the document does not date. */
function toldBy({ updated }: Alert, from: number, now: number): number {
  return updated !== null && updated > from && updated <= now ? updated : now;
}

/**
 * An alert is acknowledged as long as `acknowledgedUntil` lies in the future; whoever takes the acknowledgement back
 * unsets it. `acknowledgingUsername` alone says nothing: it names who acknowledged the alert "previously".
 */
function acknowledgementChanges(
  known: Pick<KnownAlert, 'acknowledged' | 'acknowledgedUntil'> | undefined,
  acknowledgedUntil: number | null,
  told: number,
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
  // It ran out, and a new one holds or none; one that took its place and is over as well counts as the same, extended.
  if (
    acknowledged &&
    before !== null &&
    until !== before &&
    isOver(before) &&
    (until === null || !isOver(until))
  ) {
    turn(false, before);
  }
  if (acknowledged && until === null) turn(false, told);
  // One that was known and has run out may stand in the document for ever.
  if (!acknowledged && until !== null && until !== before) turn(true, Math.min(told, until));
  if (acknowledged && until !== null && isOver(until)) turn(false, until);
  return { changes, acknowledged };
}

/** What the document says, as far as it is remembered. */
function sight(alert: Alert): Omit<KnownAlert, 'phase' | 'acknowledged' | 'since'> {
  const {
    // Move with every evaluation and notification.
    updated: _updated,
    lastNotified: _lastNotified,
    currentValue: _currentValue,
    // Have changes of their own.
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
 * Whether a field has changed that has no change of its own.
 *
 * @param ended the status differs for that reason alone
 * @param explained the acknowledgement differs because it began or ended
 */
function isUpdated(
  known: KnownAlert,
  seen: ReturnType<typeof sight>,
  { ended, explained }: { ended: boolean; explained: boolean },
): boolean {
  if (known.content !== seen.content) return true;
  if (!ended && known.status !== seen.status) return true;
  const sameAcknowledgement =
    known.acknowledgement === seen.acknowledgement && known.acknowledgedUntil === seen.acknowledgedUntil;
  return !explained && !sameAcknowledgement;
}
