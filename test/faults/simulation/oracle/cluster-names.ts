import type { CommittedRow } from './lake.ts';

/** Returns a row's values with the cluster's name. Rows lack the name while the list of clusters fails. */
export function withClusterName(
  { values }: CommittedRow,
  { clusterName }: { clusterName: string },
): Record<string, unknown> {
  return { ...values, cluster_name: values['cluster_name'] ?? clusterName };
}
