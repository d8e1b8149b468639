import type { Cluster, Organisation } from '../../simulator/organisation.ts';
import {
  type AdviceSpan,
  type CreatedIndex,
  createdIndexes,
  droppedIndexes,
  schemaRecommendations,
} from '../../simulator/performance-advisor.ts';
import { lakeTime } from './times.ts';

/** Computes the rows of index suggestions that the lake must have, from the simulator's arithmetic alone. */

export const KINDS = ['create_index', 'drop_index', 'schema_advice'] as const;
export type Kind = (typeof KINDS)[number];

type Row = Record<string, unknown>;

export interface ExpectedSnapshot {
  rows: Row[];
  /** The row of `index_suggestion_snapshots`. */
  snapshot: Row;
}

const REASONS = { hiddenIndexes: 'HIDDEN', redundantIndexes: 'REDUNDANT', unusedIndexes: 'UNUSED' } as const;

/** Returns the snapshot of a day, if it is taken at a time. */
export function expectedSnapshot(
  organisation: Organisation,
  { project, cluster, kind }: { project: string; cluster: Cluster; kind: Kind },
  { start, end }: AdviceSpan,
  at: number,
): ExpectedSnapshot {
  const of = { project_id: project, cluster_name: cluster.name, kind, ts: lakeTime(start) };
  const rows = {
    create_index: () => createdRows(createdIndexes(organisation, cluster, { start, end }, at)),
    drop_index: () => droppedRows(cluster, at),
    schema_advice: () => schemaRows(cluster, at),
  }[kind]();
  return {
    rows: rows.map((row) => ({ ...of, ...EMPTY, ...row })),
    snapshot: { ...of, suggestions: rows.length },
  };
}

const EMPTY = Object.fromEntries(
  [
    ...['reason', 'namespace', 'index_keys', 'index_name', 'weight', 'avg_object_bytes', 'impacted_shapes'],
    ...['impacted_queries', 'impacted_avg_ms', 'inefficiency_score', 'access_count', 'access_since'],
    ...['size_bytes', 'shards', 'triggers', 'description'],
  ].map((name) => [name, null]),
);

/** Of suggestions for the same index, the one with the greatest weight remains. */
function createdRows(indexes: readonly CreatedIndex[]): Row[] {
  const heaviest = Map.groupBy(indexes, ({ namespace, index }) => JSON.stringify([namespace, index]));
  return [...heaviest.values()].map((same) => {
    const [first] = same.toSorted((a, b) => b.weight - a.weight);
    const { namespace, index, weight, avgObjSize, shapes } = first ?? same[0] ?? fail();
    const queries = shapes.reduce((sum, { count }) => sum + count, 0);
    const total = shapes.reduce((sum, { count, avgMs }) => sum + count * avgMs, 0);
    return {
      namespace,
      index_keys: JSON.stringify(index),
      weight,
      avg_object_bytes: avgObjSize,
      impacted_shapes: shapes.length,
      impacted_queries: shapes.length === 0 ? null : queries,
      impacted_avg_ms: queries === 0 ? null : total / queries,
      inefficiency_score:
        shapes.length === 0 ? null : Math.max(...shapes.map((one) => one.inefficiencyScore)),
    };
  });
}

function fail(): never {
  throw new Error('a group without members');
}

function droppedRows(cluster: Cluster, at: number): Row[] {
  const lists = droppedIndexes(cluster, at);
  return (['hiddenIndexes', 'redundantIndexes', 'unusedIndexes'] as const).flatMap((list) =>
    lists[list].map(({ namespace, index, name, accessCount, since, sizeBytes, shards }) => ({
      reason: REASONS[list],
      namespace,
      index_keys: JSON.stringify(index),
      index_name: name,
      access_count: accessCount,
      access_since: lakeTime(Date.parse(since)),
      size_bytes: sizeBytes,
      shards: shards.length === 0 ? null : JSON.stringify(shards),
    })),
  );
}

function schemaRows(cluster: Cluster, at: number): Row[] {
  return schemaRecommendations(cluster, at).flatMap(
    ({ recommendation: reason, description, affectedNamespaces }): Row[] =>
      affectedNamespaces.length === 0
        ? [{ reason, description }]
        : affectedNamespaces.map(({ namespace, triggers }) => ({
            reason,
            description,
            namespace,
            triggers: JSON.stringify(triggers.map(({ triggerType }) => triggerType)),
          })),
  );
}
