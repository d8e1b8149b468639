import type { NewEntry } from '../../shared/histories/merge.ts';
import type { RowOf } from '../../shared/lake/table.ts';
import type { IdentifiedQuery } from './identity.ts';
import type { slowQueries } from './tables.ts';

export interface RowContext {
  project: string;
  process: string;
  clusterName: string | null;
  isRedacted: boolean;
  collectedAt: number;
}

/** Returns the row of a slow query. Only a row that is not redacted has the line and the application as logged. */
export function rowOf(
  { entry: { query, line }, recordId }: NewEntry<IdentifiedQuery>,
  { project, process, clusterName, isRedacted, collectedAt }: RowContext,
): RowOf<typeof slowQueries> {
  const { metrics } = query;
  const { details, redacted } = line;
  return {
    project_id: project,
    cluster_name: clusterName,
    process_id: process,
    ts: query.time,
    namespace: query.namespace,
    op_type: query.opType,
    replica_state: query.replicaState,
    duration_ms: metrics.operationExecutionTime ?? details.duration,
    docs_examined: metrics.docsExamined,
    docs_returned: metrics.docsReturned,
    keys_examined: metrics.keysExamined,
    response_bytes: metrics.responseLength,
    is_user_query: metrics.fromUserConnection,
    plan_summary: details.plan,
    query_shape: details.shape,
    query_hash: details.queryHash,
    plan_cache_key: details.planCacheKey,
    has_sort_stage: details.hasSortStage,
    app_name: isRedacted ? null : details.appName,
    log_line: isRedacted ? redacted : query.line,
    record_id: recordId,
    collected_at: collectedAt,
  };
}
