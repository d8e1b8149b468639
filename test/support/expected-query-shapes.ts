import type { Cluster, Organisation } from '../../simulator/organisation.ts';
import { shapesIn } from '../../simulator/query-shapes.ts';
import { HOUR } from '../../simulator/time.ts';
import { identity } from './expected-rows.ts';
import { lakeTime } from './times.ts';

/** Returns the rows of an hour that the lake must have if the hour is read at a time, from the simulator's arithmetic. */
export function expectedShapes(
  organisation: Organisation,
  { project, cluster }: { project: string; cluster: Cluster },
  hour: number,
  at: number,
): string[] {
  const span = { start: hour, end: hour + HOUR, most: 100 };
  return shapesIn(organisation, cluster, span, at).map((shape, index) =>
    identity({
      project_id: project,
      cluster_name: cluster.name,
      ts: lakeTime(hour),
      window_end: lakeTime(hour + HOUR),
      position: index + 1,
      query_shape_hash: shape.queryShapeHash,
      namespace: shape.namespace,
      command: shape.command,
      is_system_query: shape.systemQuery,
      executions: shape.execCount,
      docs_examined: shape.docsExamined,
      docs_returned: shape.docsReturned,
      keys_examined: shape.keysExamined,
      bytes_read: shape.bytesRead,
      total_working_ms: shape.totalWorkingMillis,
      avg_working_ms: shape.avgWorkingMillis,
      last_execution_us: shape.lastExecMicros,
    }),
  );
}
