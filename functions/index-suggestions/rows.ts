import type { RemovableIndex, SchemaRecommendation, SuggestedIndex } from '../../shared/atlas/api.ts';
import type { RowOf } from '../../shared/lake/table.ts';
import type { SnapshotRequest } from '../../shared/snapshots/snapshot-list.ts';
import type { indexSuggestionSnapshots, indexSuggestions } from './tables.ts';

export type SuggestionKind = 'create_index' | 'drop_index' | 'schema_advice';

type Row = RowOf<typeof indexSuggestions>;
type Suggestion = Omit<Row, keyof RowOf<typeof indexSuggestionSnapshots>>;

const NOTHING: Suggestion = {
  reason: null,
  namespace: null,
  index_keys: null,
  index_name: null,
  weight: null,
  avg_object_bytes: null,
  impacted_shapes: null,
  impacted_queries: null,
  impacted_avg_ms: null,
  inefficiency_score: null,
  access_count: null,
  access_since: null,
  size_bytes: null,
  shards: null,
  triggers: null,
  description: null,
};

export function indexToCreate({
  namespace,
  keys,
  weight,
  avgObjSize,
  shapes,
  helped,
}: SuggestedIndex): Suggestion {
  const counted = helped.flatMap(({ count, avgMs }) => (count === null ? [] : [{ count, avgMs }]));
  const timed = counted.flatMap(({ count, avgMs }) => (avgMs === null ? [] : [{ count, avgMs }]));
  const queries = sum(timed.map(({ count }) => count));
  const scores = helped.flatMap(({ inefficiencyScore }) => inefficiencyScore ?? []);
  return {
    ...NOTHING,
    namespace,
    index_keys: keys,
    weight,
    avg_object_bytes: avgObjSize,
    impacted_shapes: shapes,
    impacted_queries: counted.length > 0 ? sum(counted.map(({ count }) => count)) : null,
    impacted_avg_ms: queries > 0 ? sum(timed.map(({ count, avgMs }) => count * avgMs)) / queries : null,
    inefficiency_score: scores.length > 0 ? Math.max(...scores) : null,
  };
}

export function indexToDrop(index: RemovableIndex): Suggestion {
  const { reason, namespace, keys, name, accessCount, since, sizeBytes, shards } = index;
  return {
    ...NOTHING,
    reason,
    namespace,
    index_keys: keys,
    index_name: name,
    access_count: accessCount,
    access_since: since,
    size_bytes: sizeBytes,
    shards: shards.length > 0 ? JSON.stringify(shards) : null,
  };
}

/** Returns a suggestion for each affected namespace, or one without a namespace if Atlas names none. */
export function schemaSuggestions({
  recommendation,
  description,
  affectedNamespaces,
}: SchemaRecommendation): Suggestion[] {
  const advice = { ...NOTHING, reason: recommendation, description };
  if (affectedNamespaces.length === 0) return [advice];
  return affectedNamespaces.map(({ namespace, triggers }) => {
    const types = triggers.flatMap(({ triggerType }) => triggerType ?? []);
    return { ...advice, namespace, triggers: types.length > 0 ? JSON.stringify(types) : null };
  });
}

/**
 * Returns the rows of a snapshot. Suggestions have no lasting id: what they are about identifies them. Of several about
 * the same, the one with the greatest weight counts, else the first.
 */
export function snapshotRows(
  kind: SuggestionKind,
  { project, cluster, from, collectedAt }: SnapshotRequest,
  suggestions: readonly Suggestion[],
): { rows: Row[]; snapshot: RowOf<typeof indexSuggestionSnapshots> } {
  const distinct = new Map<string, Suggestion>();
  for (const suggestion of suggestions) {
    const { reason, namespace, index_keys, index_name, weight } = suggestion;
    const identity = JSON.stringify([reason, namespace, index_keys, index_name]);
    const other = distinct.get(identity);
    if (!other || (weight ?? 0) > (other.weight ?? 0)) distinct.set(identity, suggestion);
  }
  const snapshot = {
    project_id: project,
    cluster_name: cluster,
    kind,
    ts: from,
    suggestions: distinct.size,
    collected_at: collectedAt(),
  };
  const { suggestions: _, ...columns } = snapshot;
  return { rows: [...distinct.values()].map((suggestion) => ({ ...columns, ...suggestion })), snapshot };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
