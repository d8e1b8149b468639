import type { OrganisationId } from '../../ids.ts';
import type { CostQuery, CostUsage } from '../api.ts';
import { ListRemarks } from '../items.ts';
import { invoicesBucket } from '../rate-limit/sets.ts';
import { COSTS_VERSION, type Requester } from '../requester.ts';
import * as schemas from '../schemas/costs.ts';

/**
 * Reads the costs of an organisation, project or cluster by service and month: creates a query and waits for its
 * result.
 */
export async function costUsage(
  atlas: Requester,
  organisation: OrganisationId,
  query: CostQuery,
): Promise<CostUsage> {
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
  const lines = await atlas.get(read, schemas.usageDetails);
  return schemas.readUsage(lines, new ListRemarks(read.operation, ['usageDetails'], atlas.remarks));
}

function day(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}
