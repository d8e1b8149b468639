import { datasets } from '../../../../functions/datasets.ts';
import type { CommittedRow } from './lake.ts';
import { OF_CLUSTERS } from './selection.ts';
import type { SimulatedHistory } from './simulated-history.ts';

/** Returns a row's values with the cluster's name. Rows lack the name while the list of clusters fails. */
export function withClusterName(
  { values }: CommittedRow,
  { clusterName }: { clusterName: string },
): Record<string, unknown> {
  return { ...values, cluster_name: values['cluster_name'] ?? clusterName };
}

/**
 * Checks that each row about a process or host has the name of its cluster, or none if no run could know it. A name that
 * an earlier row of the dataset had is not forgotten, even if the list of clusters fails or lacks the cluster.
 */
export function checkClusterNames({ history, organisation, lake }: SimulatedHistory): string[] {
  const names = new Map(
    organisation.projects.flatMap(({ processes }) =>
      processes.flatMap(({ id, hostname, clusterName }) => [
        [id, clusterName] as const,
        [hostname, clusterName] as const,
      ]),
    ),
  );
  const tables = datasets.filter(({ name }) => OF_CLUSTERS.includes(name)).flatMap((its) => its.tables);
  return tables.flatMap(({ name: table }) => {
    const bySource = Map.groupBy(lake.rows(table), (row) => `${sourceOf(row)} ${row.dataset}`);
    return [...bySource.values()].flatMap((rows) => {
      const [first] = rows;
      const expected = first && names.get(sourceOf(first));
      if (!first || expected === undefined || !('cluster_name' in first.values)) return [];
      const ordered = rows.toSorted((a, b) => a.sequence - b.sequence);
      const known = ordered.find(({ values }) => values['cluster_name'] !== null);
      // A restored table may have lost the name.
      const since = history.restore
        ? Number.POSITIVE_INFINITY
        : (known?.sequence ?? Number.POSITIVE_INFINITY);
      const isWrong = ({ values, sequence }: CommittedRow) =>
        values['cluster_name'] !== expected && (values['cluster_name'] !== null || sequence > since);
      const wrong = ordered.find(isWrong);
      return wrong
        ? [`${table}: not the cluster ${expected}, which was known: ${JSON.stringify(wrong.values)}`]
        : [];
    });
  });
}

function sourceOf({ values }: CommittedRow): string {
  return String(values['process_id'] ?? values['hostname']);
}
