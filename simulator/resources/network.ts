import { hexName } from '../hash.ts';
import { type ListParameters, PROVIDERS, type ResourceList } from './resource-list.ts';

const STATES = ['INITIATING', 'WAITING_FOR_USER', 'AVAILABLE', 'AVAILABLE', 'AVAILABLE'];

/** The field with the endpoints of a service. Each provider has its own name for it. */
const ENDPOINTS: Record<string, string> = {
  AWS: 'interfaceEndpoints',
  AZURE: 'privateEndpoints',
  GCP: 'endpointGroupNames',
};

const eachProvider = (): ListParameters[] => PROVIDERS.map((cloudProvider) => ({ cloudProvider }));

/** How a project's networks connect to others. */
export const NETWORK_LISTS: readonly ResourceList[] = [
  {
    kind: 'network_peering',
    scope: 'project',
    path: '/groups/{groupId}/peers',
    query: { parameter: 'providerName', placeholder: 'cloudProvider', fallback: 'AWS' },
    format: 'pages',
    version: '2023-01-01',
    set: 'projectResources',
    slots: 2,
    within: eachProvider,
    document: (resource, { parameters }) => ({
      accountId: hexName(`account/${resource.key}`, 12).replaceAll(/[a-f]/g, '1'),
      containerId: hexName(`container/${resource.key}`, 24),
      id: hexName(`peer/${resource.key}`, 24),
      providerName: parameters['cloudProvider'],
      routeTableCidrBlock: `10.${resource.slot}.${resource.revision % 200}.0/24`,
      statusName: resource.revision === 0 ? 'PENDING_ACCEPTANCE' : 'AVAILABLE',
      vpcId: `vpc-${hexName(resource.key, 17)}`,
    }),
  },
  {
    kind: 'private_endpoint_service',
    scope: 'project',
    path: '/groups/{groupId}/privateEndpoint/{cloudProvider}/endpointService',
    format: 'array',
    version: '2023-01-01',
    set: 'projectResources',
    slots: 2,
    within: eachProvider,
    document: (resource, { parameters: { cloudProvider = '' } }) => ({
      cloudProvider,
      endpointServiceName: `com.example.vpce-svc-${hexName(resource.key, 17)}`,
      errorMessage: null,
      id: hexName(`service/${resource.key}`, 24),
      [ENDPOINTS[cloudProvider] ?? '']: Array.from(
        { length: 1 + (resource.revision % 2) },
        // Azure's ids are paths.
        (_, index) =>
          `${cloudProvider === 'AZURE' ? '/subscriptions/' : 'vpce-'}${hexName(`${resource.key}/${index}`, 17)}`,
      ),
      regionName: 'EU_WEST_1',
      status: STATES[Math.min(resource.revision, STATES.length - 1)],
    }),
  },
  {
    kind: 'private_endpoint',
    scope: 'project',
    path: '/groups/{groupId}/privateEndpoint/{cloudProvider}/endpointService/{endpointServiceId}/endpoint/{endpointId}',
    format: 'document',
    version: '2023-01-01',
    set: 'projectResources',
    slots: 1,
    within: (_unit, _now, resources) =>
      eachProvider().flatMap((above) =>
        resources('private_endpoint_service', above).flatMap((service) =>
          [service[ENDPOINTS[above['cloudProvider'] ?? ''] ?? '']].flat().map((endpointId) => ({
            ...above,
            endpointServiceId: String(service['id']),
            endpointId: String(endpointId),
          })),
        ),
      ),
    document: (resource, { parameters }) => ({
      cloudProvider: parameters['cloudProvider'],
      connectionStatus: STATES[resource.revision % STATES.length],
      deleteRequested: false,
      errorMessage: null,
      interfaceEndpointId: parameters['endpointId'],
    }),
  },
  {
    kind: 'data_federation_private_endpoint',
    scope: 'project',
    path: '/groups/{groupId}/privateNetworkSettings/endpointIds',
    format: 'pages',
    version: '2023-01-01',
    set: 'projectResources',
    slots: 3,
    document: (resource) => ({
      comment: `For the team ${resource.revision}`,
      endpointId: `vpce-${hexName(resource.key, 17)}`,
      provider: 'AWS',
      region: 'US_EAST_1',
      status: resource.revision === 0 ? 'PENDING' : 'OK',
      type: 'DATA_LAKE',
    }),
  },
];
