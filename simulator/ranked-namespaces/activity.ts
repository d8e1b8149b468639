import { fractionAt, hashText, mix } from '../hash.ts';
import { rankedFrom } from '../organisation/late-ranked-namespaces.ts';
import type { Lifetime, Organisation, Process } from '../organisation/types.ts';
import { HOUR, MINUTE } from '../time.ts';
import type { NamespaceMetric } from './metrics.ts';

/** The activity of a collection on one process, as a pure function of the seed and the time. */
export interface NamespaceActivity {
  namespace: string;
  databaseName: string;
  collectionName: string;
  /** Seeds all its random values. */
  key: number;
  /** It has data in [dataFrom, dataTo); milliseconds since 1970. */
  dataFrom: number;
  dataTo: number;
  process: { projectId: string; processId: string };
}

/** Atlas collects collection statistics every ten minutes, as documented. */
export const SAMPLING = 10 * MINUTE;

/** The share of hours in which a collection is idle, and not ranked. */
const IDLE_SHARE = 0.15;

/** Returns the collections of a process at any time. A mongos has none. */
export function activitiesOf(
  organisation: Organisation,
  projectId: string,
  process: Process,
): NamespaceActivity[] {
  return process.databases.flatMap((database) =>
    database.collections.map((collection) => {
      const namespace = `${database.name}.${collection.name}`;
      return {
        namespace,
        databaseName: database.name,
        collectionName: collection.name,
        key: hashText(`${organisation.seed}/${projectId}/${process.id}/collection/${namespace}`),
        ...lifeOf(process, database, collection),
        process: { projectId, processId: process.id },
      };
    }),
  );
}

function lifeOf(process: Process, ...parts: Lifetime[]) {
  const lives: Lifetime[] = [process, ...parts];
  return {
    dataFrom: Math.max(process.created, ...lives.map(({ listedFrom }) => listedFrom ?? -Infinity)),
    dataTo: Math.min(...lives.map(({ listedUntil }) => listedUntil ?? Infinity)),
  };
}

/** Returns how busy it is in an hour, from 0 (idle) to 1. This determines its rank. */
function businessIn({ key }: NamespaceActivity, hour: number): number {
  const index = hour / HOUR;
  if (fractionAt(mix(key ^ hashText('idle')), index) < IDLE_SHARE) return 0;
  return (0.3 + 0.7 * fractionAt(key, index)) * (0.4 + 0.6 * fractionAt(mix(key), 0));
}

/** Returns a metric's value in the interval with this stamp; zero while idle. */
export function valueAt(activity: NamespaceActivity, metric: NamespaceMetric, stamp: number): number {
  const own = mix(activity.key ^ hashText(metric.name));
  const hour = Math.floor(stamp / HOUR) * HOUR;
  return metric.level * businessIn(activity, hour) * (0.9 + 0.2 * fractionAt(own, stamp / SAMPLING));
}

/** Returns when the rules first allow ranking the hour of a time; null for never. */
export function releaseOf(
  organisation: Organisation,
  { process }: NamespaceActivity,
  time: number,
): number | null {
  return rankedFrom(organisation.lateRankedNamespaces, process, Math.floor(time / HOUR) * HOUR);
}
