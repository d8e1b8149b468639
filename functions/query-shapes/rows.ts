import type { QueryShape } from '../../shared/atlas/api.ts';
import type { RowOf } from '../../shared/lake/table.ts';
import type { SnapshotRequest } from '../../shared/snapshots/snapshot-list.ts';
import type { queryShapes } from './tables.ts';

/** Returns the rows of an hour. Of shapes with the same hash, namespace and command, the first counts. */
export function queryShapeRows(
  { project, cluster, from, to, collectedAt }: SnapshotRequest,
  shapes: readonly (QueryShape | null)[],
): RowOf<typeof queryShapes>[] {
  const seen = new Set<string>();
  const at = collectedAt();
  return shapes.flatMap((shape, index) => {
    // An unreadable shape keeps its position.
    if (shape === null) return [];
    const { hash, namespace, command } = shape;
    const identity = JSON.stringify([hash, namespace, command]);
    if (seen.has(identity)) return [];
    seen.add(identity);
    return {
      project_id: project,
      cluster_name: cluster,
      ts: from,
      window_end: to,
      position: index + 1,
      query_shape_hash: hash,
      namespace,
      command,
      is_system_query: shape.systemQuery,
      executions: shape.execCount,
      docs_examined: shape.docsExamined,
      docs_returned: shape.docsReturned,
      keys_examined: shape.keysExamined,
      bytes_read: shape.bytesRead,
      total_working_ms: shape.totalWorkingMillis,
      avg_working_ms: shape.avgWorkingMillis,
      last_execution_us: shape.lastExecMicros,
      collected_at: at,
    };
  });
}
