import type { CommittedRow } from './lake.ts';

/** A row's values with the cluster's name: rows lack it while the list of clusters fails, and never have another one. */
export function labelled(
  { values }: CommittedRow,
  { clusterName }: { clusterName: string },
): Record<string, unknown> {
  return { ...values, cluster_name: values['cluster_name'] ?? clusterName };
}
