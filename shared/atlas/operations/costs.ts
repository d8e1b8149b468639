import type { OrganisationId } from '../../ids.ts';
import type { CostQuery, UsageDetail } from '../api.ts';
import { invoicesBucket } from '../rate-limit/sets.ts';
import { COSTS_VERSION, type Requester } from '../requester.ts';
import * as schemas from '../schemas/costs.ts';

/** What an organisation, project or cluster cost, by service and month: a query is created, and its answer waited for. */
export async function costUsage(
  atlas: Requester,
  organisation: OrganisationId,
  query: CostQuery,
): Promise<UsageDetail[]> {
  const { from, to, of } = query;
  const token = await atlas.queryCosts(
    organisation,
    {
      startDate: day(from),
      endDate: day(to),
      organizations: [organisation],
      ...(of.project !== undefined && { projects: [of.project] }),
      ...(of.cluster !== undefined && { clusters: [of.cluster] }),
      groupBy: 'services',
    },
    schemas.costQueryToken,
  );
  const read = {
    operation: 'costUsage',
    bucket: invoicesBucket(organisation),
    segments: ['orgs', organisation, 'billing', 'costExplorer', 'usage', token],
    query: [],
    version: COSTS_VERSION,
  };
  return atlas.get(read, schemas.usageDetails);
}

function day(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}
