import { fractionAt, hashAt, hashText, hexName } from '../hash.ts';
import type { Cluster } from '../organisation/types.ts';
import { DAY, HOUR, isoSeconds } from '../time.ts';
import { namespaceOf, suggestedKeys } from './names.ts';

/** What the Performance Advisor says about the present changes every six hours, and counts every hour. */
const CHANGES_AFTER = 6 * HOUR;

/** The share of time in which something is suggested. */
const OPEN_SHARE = 0.7;

export interface DroppedIndex {
  accessCount: number;
  index: Record<string, number | string>[];
  name: string;
  namespace: string;
  shards: string[];
  since: string;
  sizeBytes: number;
}

export const DROP_LISTS = ['hiddenIndexes', 'redundantIndexes', 'unusedIndexes'] as const;

/** Returns the indexes that could be dropped at a time, by list. */
export function droppedIndexes(
  cluster: Cluster,
  now: number,
): Record<(typeof DROP_LISTS)[number], DroppedIndex[]> {
  const lists: ReturnType<typeof droppedIndexes> = {
    hiddenIndexes: [],
    redundantIndexes: [],
    unusedIndexes: [],
  };
  for (let number = 0; number < cluster.advice.drops; number += 1) {
    const key = hashText(`${cluster.id}/drop/${number}`);
    if (!isOpen(key, now)) continue;
    lists[DROP_LISTS[number % DROP_LISTS.length] ?? 'unusedIndexes'].push({
      accessCount: hashAt(key, Math.floor(now / HOUR)) % 10,
      index: suggestedKeys(number),
      name: `unused_${hexName(String(key), 4)}`,
      namespace: namespaceOf(number),
      shards: cluster.type === 'SHARDED' ? ['shard-0', 'shard-1'] : [],
      since: isoSeconds(Math.floor(now / DAY) * DAY - (key % 90) * DAY),
      sizeBytes: 4_096 * (1 + (key % 10_000)),
    });
  }
  return lists;
}

export interface SchemaAdvice {
  affectedNamespaces: { namespace: string; triggers: { description: string; triggerType: string }[] }[];
  description: string;
  recommendation: string;
}

const RECOMMENDATIONS = [
  ['REDUCE_LOOKUP_OPS', 'NUMBER_OF_QUERIES_USE_LOOKUP'],
  ['AVOID_UNBOUNDED_ARRAY', 'DOCS_CONTAIN_UNBOUNDED_ARRAY'],
  ['REDUCE_NUMBER_OF_NAMESPACE', null],
] as const;

/** Returns what is recommended for the schemas of a cluster at a time. The last kind affects no single namespace. */
export function schemaRecommendations(cluster: Cluster, now: number): SchemaAdvice[] {
  return RECOMMENDATIONS.slice(0, cluster.advice.schemas).flatMap(([recommendation, triggerType], number) => {
    const key = hashText(`${cluster.id}/schema/${number}`);
    if (!isOpen(key, now)) return [];
    const triggers = triggerType ? [{ description: `because of ${triggerType}`, triggerType }] : [];
    const namespaces = triggerType ? [namespaceOf(number), namespaceOf(number + 1)] : [];
    return [
      {
        affectedNamespaces: namespaces.map((namespace) => ({ namespace, triggers })),
        description: `advice: ${recommendation.toLowerCase().replaceAll('_', ' ')}`,
        recommendation,
      },
    ];
  });
}

function isOpen(key: number, now: number): boolean {
  return fractionAt(key, Math.floor(now / CHANGES_AFTER)) < OPEN_SHARE;
}
