import { resourceTypes } from './resource-type.ts';

const eachProvider = {
  kind: 'values',
  placeholder: 'cloudProvider',
  values: ['AWS', 'AZURE', 'GCP'],
} as const;

/** Connections between a project's networks and others. */
export const networkTypes = resourceTypes([
  {
    name: 'network_peering',
    scope: 'project',
    path: '/groups/{groupId}/peers',
    // Without it, Atlas lists only the peerings of AWS.
    query: { providerName: '{cloudProvider}' },
    response: 'pages',
    version: '2023-01-01',
    id: 'id',
    parents: eachProvider,
    set: 'Network Peering',
    role: 'Project Read Only',
    covers: ['PATCH /groups/{groupId}/peers/{peerId}'],
  },
  {
    name: 'private_endpoint_service',
    scope: 'project',
    path: '/groups/{groupId}/privateEndpoint/{cloudProvider}/endpointService',
    response: 'array',
    version: '2023-01-01',
    id: 'id',
    parents: eachProvider,
    set: 'Private Endpoint Services',
    role: 'Project Read Only',
    covers: ['GET /groups/{groupId}/privateEndpoint/{cloudProvider}/endpointService'],
  },
  {
    name: 'private_endpoint',
    scope: 'project',
    path: '/groups/{groupId}/privateEndpoint/{cloudProvider}/endpointService/{endpointServiceId}/endpoint/{endpointId}',
    response: 'document',
    version: '2023-01-01',
    id: '{endpointId}',
    known: [
      'cloudProvider',
      'connectionStatus',
      'deleteRequested',
      'status',
      'interfaceEndpointId',
      'privateEndpointResourceId',
      'endpointGroupName',
    ],
    parents: {
      kind: 'resources',
      type: 'private_endpoint_service',
      placeholders: {
        endpointServiceId: ['id'],
        // Each provider uses a different field.
        endpointId: ['interfaceEndpoints', 'privateEndpoints', 'endpointGroupNames'],
      },
    },
    set: 'Private Endpoint Services',
    role: 'Project Read Only',
    covers: [
      'DELETE /groups/{groupId}/privateEndpoint/{cloudProvider}/endpointService/{endpointServiceId}/endpoint/{endpointId}',
    ],
  },
  {
    name: 'data_federation_private_endpoint',
    scope: 'project',
    path: '/groups/{groupId}/privateNetworkSettings/endpointIds',
    response: 'pages',
    version: '2023-01-01',
    id: 'endpointId',
    set: 'Data Federation',
    role: 'Project Read Only',
    covers: ['GET /groups/{groupId}/privateNetworkSettings/endpointIds'],
  },
]);
