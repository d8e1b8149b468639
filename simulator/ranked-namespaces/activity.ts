import { fractionAt, hashText, mix } from '../hash.ts';
import { rankedFrom } from '../organisation/late-ranked-namespaces.ts';
import type { Lifetime, Organisation, Process } from '../organisation/types.ts';
import { HOUR, MINUTE } from '../time.ts';
import type { NamespaceMetric } from './metrics.ts';

/** What a collection does on one process, as a pure function of the seed and the time. */
export interface NamespaceActivity {
  namespace: string;
  databaseName: string;
  collectionName: string;
  /** Seeds everything random about it. */
  key: number;
  /** It gives data in [dataFrom, dataTo); milliseconds since 1970. */
  dataFrom: number;
  dataTo: number;
  process: { projectId: string; processId: string };
}

/** Collection statistics are collected every ten minutes, as documented. */
export const SAMPLING = 10 * MINUTE;

/** In so large a share of its hours a collection does nothing at all, and is not ranked. */
const IDLE_SHARE = 0.15;

/** The collections of a process, whatever their time; a mongos has none, whatever it routes. */
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

/** How busy it is in an hour, from 0 (idle) to 1; that is what moves its rank. */
function businessIn({ key }: NamespaceActivity, hour: number): number {
  const index = hour / HOUR;
  if (fractionAt(mix(key ^ hashText('idle')), index) < IDLE_SHARE) return 0;
  return (0.3 + 0.7 * fractionAt(key, index)) * (0.4 + 0.6 * fractionAt(mix(key), 0));
}

/** The value of a metric in the granule that is stamped with this time; zero where it is idle. */
export function valueAt(activity: NamespaceActivity, metric: NamespaceMetric, stamp: number): number {
  const own = mix(activity.key ^ hashText(metric.name));
  const hour = Math.floor(stamp / HOUR) * HOUR;
  return metric.level * businessIn(activity, hour) * (0.9 + 0.2 * fractionAt(own, stamp / SAMPLING));
}

/** When the hour that a time lies in is first ranked as far as rules go; null when never. */
export function releaseOf(
  organisation: Organisation,
  { process }: NamespaceActivity,
  time: number,
): number | null {
  return rankedFrom(organisation.lateRankedNamespaces, process, Math.floor(time / HOUR) * HOUR);
}
