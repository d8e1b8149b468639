import type { OrganisationId } from '../../shared/ids.ts';
import type { RowOf } from '../../shared/lake/table.ts';
import type { AmountChange } from './months.ts';
import type { costUsage } from './tables.ts';

/** What an amount pays for: the organisation, a project, or a project with a cluster's id and name. */
export interface Paid {
  project?: string;
  cluster?: string;
  clusterName?: string;
}

export function costUsageRow(
  organisation: OrganisationId,
  { project, cluster, clusterName }: Paid,
  { month, service, amount, change }: AmountChange,
  { collectedAt, revision }: { collectedAt: number; revision: number },
): RowOf<typeof costUsage> {
  return {
    org_id: organisation,
    level: cluster ? 'cluster' : project ? 'project' : 'organisation',
    project_id: project ?? null,
    cluster_id: cluster ?? null,
    cluster_name: clusterName ?? null,
    service,
    ts: month,
    amount,
    amount_change: change,
    collected_at: collectedAt,
    revision,
  };
}
