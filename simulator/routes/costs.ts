import { hexName } from '../hash.ts';
import { ApiError } from '../http/api-error.ts';
import type { ApiRequest, ApiRoute } from '../http/api-route.ts';
import { organisationOf } from '../http/lookups.ts';
import { type CostScope, costsAt } from '../resources/costs.ts';
import { SECOND } from '../time.ts';

const USAGE = '/api/atlas/v2/orgs/{orgId}/billing/costExplorer/usage';

/** Cost Explorer: a client creates a query, and its result is ready some time later. */
export const COST_ROUTES: readonly ApiRoute[] = [
  {
    operation: 'createCostQuery',
    path: USAGE,
    method: 'POST',
    versions: ['2023-01-01'],
    set: 'invoices',
    list: false,
    status: () => 202,
    handle(request) {
      organisationOf(request);
      return { token: tokenOf(request, parseQuery(request)) };
    },
  },
  {
    operation: 'costUsage',
    path: `${USAGE}/{token}`,
    versions: ['2023-01-01'],
    set: 'invoices',
    list: false,
    status: (document) => ('usageDetails' in document ? 200 : 202),
    handle(request) {
      const organisation = organisationOf(request);
      const { from, to, scope } = readToken(request);
      // The first request always comes too early.
      if (request.earlierRequests() === 0) return { status: 'PROCESSING' };
      const costs = costsAt(organisation, scope, from, to, request.now);
      return {
        usageDetails: costs.map(({ service, month, amount }) => ({
          invoiceId: hexName(`invoice/${month}`, 24),
          organizationId: organisation.id,
          organizationName: 'Example',
          service,
          usageAmount: amount,
          usageDate: new Date(month).toISOString().slice(0, 10),
        })),
      };
    },
  },
];

interface Query {
  from: number;
  to: number;
  scope: CostScope;
}

function parseQuery({ body }: ApiRequest): Query {
  const { startDate, endDate, projects, clusters, groupBy } = Object(JSON.parse(body));
  const [from, to] = [startDate, endDate].map((text) => Date.parse(`${text}T00:00:00Z`));
  const starts = [startDate, endDate].every((text) => /^\d{4}-\d{2}-01$/.test(String(text)));
  if (!starts || from === undefined || to === undefined || from >= to || groupBy !== 'services') {
    throw new ApiError(400, 'VALIDATION_ERROR', 'Dates must be the start of a month.');
  }
  const [project] = [projects ?? []].flat();
  const [cluster] = [clusters ?? []].flat();
  return { from, to, scope: { ...(project && { project }), ...(cluster && { cluster }) } };
}

/** Returns 64 characters that encode the whole query, so that the simulator need not store it. */
function tokenOf({ organisation, earlierRequests }: ApiRequest, { from, to, scope }: Query): string {
  const project = organisation.projects.findIndex(({ id }) => id === scope.project);
  const clusters = organisation.projects.flatMap((candidate) => candidate.clusters);
  const cluster = clusters.findIndex(({ id }) => id === scope.cluster);
  const numbers = [
    from / SECOND,
    to / SECOND,
    project + 1,
    cluster + 1,
    // Gives equal queries different tokens.
    earlierRequests(),
  ];
  return numbers
    .map((number) => number.toString(16).padStart(9, '0'))
    .join('')
    .padEnd(64, 'f');
}

function readToken(request: ApiRequest): Query {
  const token = request.parameter('token');
  if (!/^[0-9a-f]{64}$/.test(token)) throw new ApiError(404, 'RESOURCE_NOT_FOUND', 'No such query.');
  const [from = 0, to = 0, project = 0, cluster = 0] = (token.slice(0, 36).match(/.{9}/g) ?? []).map(
    (digits) => Number.parseInt(digits, 16),
  );
  const { projects } = request.organisation;
  const [projectId, clusterId] = [
    projects[project - 1]?.id,
    projects.flatMap(({ clusters }) => clusters)[cluster - 1]?.id,
  ];
  const scope = { ...(projectId && { project: projectId }), ...(clusterId && { cluster: clusterId }) };
  return { from: from * SECOND, to: to * SECOND, scope };
}
