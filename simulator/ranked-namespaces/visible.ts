import { fractionAt, hashText, mix } from '../hash.ts';
import type { Organisation } from '../organisation/types.ts';
import { HOUR } from '../time.ts';
import { type NamespaceActivity, releaseOf, SAMPLING, valueAt } from './activity.ts';
import { type NamespaceMetric, TOTAL_LATENCY } from './metrics.ts';

/** A client's span, both ends inclusive; milliseconds since 1970. */
interface Span {
  start: number;
  end: number;
}

/** How long fine points are kept. Atlas does not document it. */
const FINE_RETENTION = 48 * HOUR;

/** Returns the granularity of a response. Clients cannot choose it. */
export function granularityFor(span: Span, now: number): { granularity: string; interval: number } {
  return span.start >= now - FINE_RETENTION
    ? { granularity: 'PT10M', interval: SAMPLING }
    : { granularity: 'PT1H', interval: HOUR };
}

/** Returns the active namespaces of a span, the one with the most execution time first. */
export function rankedIn(
  organisation: Organisation,
  activities: readonly NamespaceActivity[],
  { start, end }: Span,
  now: number,
): string[] {
  const totals = activities.map((activity) => ({
    namespace: activity.namespace,
    total: samples(activity, { start, end: end - 1 }, SAMPLING)
      .filter((stamp) => isShown(organisation, activity, stamp, SAMPLING, now))
      .reduce((sum, stamp) => sum + valueAt(activity, TOTAL_LATENCY, stamp), 0),
  }));
  return totals
    .filter(({ total }) => total > 0)
    .sort((a, b) => b.total - a.total)
    .map(({ namespace }) => namespace);
}

/** A point of a namespace's measurement. */
export interface NamespacePoint {
  /** Milliseconds since 1970. */
  timestamp: number;
  value: number | null;
}

/** Returns the points of one metric stamped in a span, without those of unfinished intervals. */
export function pointsIn(
  organisation: Organisation,
  activity: NamespaceActivity,
  metric: NamespaceMetric,
  span: Span,
  interval: number,
  now: number,
): NamespacePoint[] {
  const nulls = mix(~activity.key ^ hashText(metric.name));
  return samples(activity, span, interval)
    .filter((stamp) => stamp + interval <= now)
    .map((timestamp) => {
      const lost = fractionAt(nulls, timestamp / SAMPLING) < organisation.nullShare;
      const shown = !lost && isShown(organisation, activity, timestamp, interval, now);
      return { timestamp, value: shown ? valueAt(activity, metric, timestamp) : null };
    });
}

function samples({ dataFrom, dataTo }: NamespaceActivity, { start, end }: Span, interval: number): number[] {
  const stamps: number[] = [];
  const first = Math.ceil(Math.max(start, dataFrom) / interval) * interval;
  for (let stamp = first; stamp <= end && stamp < dataTo; stamp += interval) stamps.push(stamp);
  return stamps;
}

function isShown(
  organisation: Organisation,
  activity: NamespaceActivity,
  stamp: number,
  interval: number,
  now: number,
): boolean {
  const release = releaseOf(organisation, activity, stamp);
  return release !== null && now >= Math.max(release, stamp + interval);
}
