import { HOUR } from '../../shared/durations.ts';
import type { Target } from '../../shared/engine/cursor.ts';
import type { ProjectId } from '../../shared/ids.ts';
import type { RowOf } from '../../shared/lake/table.ts';
import { pointRow, processValues } from '../../shared/measurements/measurement-table.ts';
import { splitNamespace } from './namespace.ts';
import type { NamespacePoint } from './reading.ts';
import type { RankedNamespacesState } from './state.ts';
import type { namespaceMeasurements, rankedNamespaces } from './tables.ts';

/** Returns a row for each namespace, in the order of the response: the first has rank 1. */
export function rankedNamespaceRows(
  project: ProjectId,
  target: Target<RankedNamespacesState>,
  hour: number,
  ranked: readonly (string | null)[],
  collectedAt: number,
): RowOf<typeof rankedNamespaces>[] {
  return ranked.flatMap((namespace, index) => {
    if (namespace === null) return [];
    return {
      ...processValues(project, target),
      ts: hour,
      window_end: hour + HOUR,
      rank: index + 1,
      ...namespaceValues(namespace),
      collected_at: collectedAt,
    };
  });
}

export function namespaceMeasurementRows(
  project: ProjectId,
  target: Target<RankedNamespacesState>,
  points: readonly NamespacePoint[],
  collectedAt: number,
): RowOf<typeof namespaceMeasurements>[] {
  const process = processValues(project, target);
  return points.map((point) => {
    const common = { ...process, ...namespaceValues(point.namespace) };
    return pointRow(common, point, point.granularity, collectedAt);
  });
}

function namespaceValues(namespace: string) {
  const { database, collection } = splitNamespace(namespace);
  return { namespace, database_name: database, collection_name: collection };
}
