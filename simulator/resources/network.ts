import { hexName } from '../hash.ts';
import { type Place, PROVIDERS, type ResourceList } from './resource-list.ts';

const STATES = ['INITIATING', 'WAITING_FOR_USER', 'AVAILABLE', 'AVAILABLE', 'AVAILABLE'];

/** The field with the endpoints of a service. Each provider has its own name for it. */
const ENDPOINTS: Record<string, string> = {
  AWS: 'interfaceEndpoints',
  AZURE: 'privateEndpoints',
  GCP: 'endpointGroupNames',
};

const eachProvider = (): Place[] => PROVIDERS.map((cloudProvider) => ({ cloudProvider }));

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
    document: (thing, { place }) => ({
      accountId: hexName(`account/${thing.key}`, 12).replaceAll(/[a-f]/g, '1'),
      containerId: hexName(`container/${thing.key}`, 24),
      id: hexName(`peer/${thing.key}`, 24),
      providerName: place['cloudProvider'],
      routeTableCidrBlock: `10.${thing.slot}.${thing.revision % 200}.0/24`,
      statusName: thing.revision === 0 ? 'PENDING_ACCEPTANCE' : 'AVAILABLE',
      vpcId: `vpc-${hexName(thing.key, 17)}`,
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
    document: (thing, { place: { cloudProvider = '' } }) => ({
      cloudProvider,
      endpointServiceName: `com.example.vpce-svc-${hexName(thing.key, 17)}`,
      errorMessage: null,
      id: hexName(`service/${thing.key}`, 24),
      [ENDPOINTS[cloudProvider] ?? '']: Array.from(
        { length: 1 + (thing.revision % 2) },
        // Azure's ids are paths.
        (_, index) =>
          `${cloudProvider === 'AZURE' ? '/subscriptions/' : 'vpce-'}${hexName(`${thing.key}/${index}`, 17)}`,
      ),
      regionName: 'EU_WEST_1',
      status: STATES[Math.min(thing.revision, STATES.length - 1)],
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
    document: (thing, { place }) => ({
      cloudProvider: place['cloudProvider'],
      connectionStatus: STATES[thing.revision % STATES.length],
      deleteRequested: false,
      errorMessage: null,
      interfaceEndpointId: place['endpointId'],
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
    document: (thing) => ({
      comment: `For the team ${thing.revision}`,
      endpointId: `vpce-${hexName(thing.key, 17)}`,
      provider: 'AWS',
      region: 'US_EAST_1',
      status: thing.revision === 0 ? 'PENDING' : 'OK',
      type: 'DATA_LAKE',
    }),
  },
];
