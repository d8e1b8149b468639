import { fractionAt, hashText, hexName } from '../hash.ts';
import { DAY, HOUR, isoSeconds, MINUTE } from '../time.ts';
import { type AlertConfiguration, cancelledAt, sortKeys } from './configurations.ts';
import type { AlertShape } from './shapes.ts';

/** An alert and its whole life cycle. */
export interface Alert extends Omit<AlertShape, 'configuration' | 'closed' | 'cancelled'> {
  /** 24 hexadecimal digits that start with the time of creation, like MongoDB's ids. */
  id: string;
  configuration: AlertConfiguration;
  end: { at: number; status: 'CLOSED' | 'CANCELLED' } | null;
}

/** Atlas evaluates alerts once a minute, and notifies people once an hour. */
const EVALUATION = MINUTE;
const NOTIFICATION = HOUR;

/** Atlas still updates an alert long after its end. */
const MAINTENANCE = DAY;

const FOR_EVER = 100 * 365 * DAY;

/**
 * Builds an alert from its shape.
 *
 * @throws RangeError when it names an unknown configuration
 */
export function buildAlert(
  shape: AlertShape,
  configurations: readonly AlertConfiguration[],
  within: { key: string; index: number | string },
): Alert {
  const { configuration: name, closed, cancelled, ...rest } = shape;
  const configuration = configurations.find((candidate) => candidate.name === name);
  if (configuration === undefined) throw new RangeError(`there is no alert configuration ${name}`);
  const seconds = Math.floor(shape.created / 1000)
    .toString(16)
    .padStart(8, '0');
  const ends: NonNullable<Alert['end']>[] = [];
  if (closed !== undefined) ends.push({ at: closed, status: 'CLOSED' });
  const removal = cancelledAt(configuration, shape.created);
  for (const at of [cancelled, removal])
    if (at !== undefined && at !== null) ends.push({ at, status: 'CANCELLED' });
  const [end = null] = ends.sort((a, b) => a.at - b.at);
  return { ...rest, configuration, end, id: seconds + hexName(`alert/${within.key}/${within.index}`, 16) };
}

export type AlertStatus = 'TRACKING' | 'OPEN' | 'CLOSED' | 'CANCELLED';

/** Returns the status at an instant; null while Atlas does not know the alert. */
export function statusAt(alert: Alert, now: number): AlertStatus | null {
  if (now < alert.created || now >= (alert.dropped ?? Infinity)) return null;
  if (alert.end !== null && now >= alert.end.at) return alert.end.status;
  return now < (alert.opened ?? alert.created) ? 'TRACKING' : 'OPEN';
}

/** Returns the end of the acknowledgement that the document shows at an instant; null if there is none. */
export function acknowledgedUntilAt(
  { acknowledged, unacknowledged, end }: Alert,
  now: number,
): number | null {
  const at = Math.min(now, end?.at ?? Infinity);
  if (acknowledged === undefined || acknowledged.at > at) return null;
  if (unacknowledged !== undefined && unacknowledged <= at) return null;
  return acknowledged.until ?? acknowledged.at + FOR_EVER;
}

/** Returns whether the list of its configuration shows the alert: it is open and not acknowledged. */
export function isShown(alert: Alert, now: number): boolean {
  const status = statusAt(alert, now);
  const open = status === 'OPEN' || status === 'TRACKING';
  return open && (acknowledgedUntilAt(alert, now) ?? -Infinity) <= now;
}

/** Returns the document's time of the last update. */
export function updatedAt(alert: Alert, now: number): number {
  const end = alert.end !== null && alert.end.at <= now ? alert.end.at : null;
  const step = end === null ? EVALUATION : MAINTENANCE;
  const touched = [
    alert.created,
    alert.opened,
    alert.acknowledged?.at,
    alert.unacknowledged,
    end,
    ...(alert.changes ?? []).map(({ at }) => at),
  ].filter((at) => at !== undefined && at !== null && at <= now && at <= (end ?? Infinity));
  return Math.max(Math.floor(now / step) * step, ...touched.map(Number));
}

/** Returns the alert's document at an instant, without `links`. */
export function alertDocument(alert: Alert, ids: { groupId: string; orgId: string }, now: number) {
  const { configuration, created, end, acknowledged } = alert;
  const until = acknowledgedUntilAt(alert, now);
  const ended = end !== null && end.at <= now;
  const changes = (alert.changes ?? []).filter(({ at }) => at <= now && at <= (end?.at ?? Infinity));
  return sortKeys({
    ...(until === null
      ? {}
      : {
          acknowledgedUntil: isoSeconds(until),
          acknowledgementComment: acknowledged?.comment ?? 'Seen.',
          acknowledgingUsername: acknowledged?.by ?? 'somebody@example.com',
        }),
    alertConfigId: configuration.id,
    created: isoSeconds(created),
    ...metricOf(alert, now),
    eventTypeName: configuration.eventTypeName,
    groupId: ids.groupId,
    id: alert.id,
    lastNotified: isoSeconds(created + Math.floor((now - created) / NOTIFICATION) * NOTIFICATION),
    orgId: ids.orgId,
    // "Once status is CLOSED": a cancelled alert has none.
    ...(ended && end.status === 'CLOSED' ? { resolved: isoSeconds(end.at) } : {}),
    status: statusAt(alert, now),
    updated: isoSeconds(updatedAt(alert, now)),
    ...alert.fields,
    ...Object.assign({}, ...changes.map(({ fields }) => fields)),
  });
}

/** Returns the metric's value at the last evaluation, for an alert about a metric. */
function metricOf({ id, configuration, end }: Alert, now: number) {
  const { metricName, threshold, units } = Object(configuration.fields?.['metricThreshold']);
  if (typeof metricName !== 'string') return {};
  const evaluation = Math.floor(Math.min(now, end?.at ?? Infinity) / EVALUATION);
  const number = Number(threshold ?? 1) * (1 + fractionAt(hashText(id), evaluation));
  return { currentValue: { number, ...(units === undefined ? {} : { units }) }, metricName };
}
