import { inventory } from '../../functions/inventory/tables.ts';
import { columnsOf, dayColumn, type View } from '../view.ts';
import { currentInventory } from './inventory.ts';
import { instantOf } from './json.ts';

/** The resource types that let something connect to a project. */
const TYPES = [
  'access_list_entry',
  'network_peering',
  'private_endpoint',
  'private_endpoint_service',
  'data_federation_private_endpoint',
  'serverless_private_endpoint',
];

/** The fields that say what may connect, the most telling first. A resource has one or two of them. */
const PEERS = [
  'cidrBlock',
  'awsSecurityGroup',
  'ipAddress',
  'vpcId',
  'vnetName',
  'networkName',
  'interfaceEndpointId',
  'privateEndpointResourceId',
  'endpointGroupName',
  'endpointId',
  'cloudProviderEndpointId',
  'endpointServiceName',
  'privateLinkServiceName',
];

export const networkAccess: View = {
  name: 'network_access',
  description:
    'What may connect to each project now: entries of the access list, peerings and private endpoints, with entries that admit every address.',
  columns: [
    dayColumn,
    ...columnsOf(inventory, 'project_id', 'org_id', 'resource_type', 'parent', 'resource_id'),
    {
      name: 'peer',
      type: 'string',
      nullable: true,
      description: 'The addresses, security group, network or endpoint that may connect.',
      example: '203.0.113.7/32',
    },
    {
      name: 'admits_everyone',
      type: 'boolean',
      description: 'Whether it admits every address of the internet.',
    },
    {
      name: 'comment',
      type: 'string',
      nullable: true,
      description: 'The comment of the people who added it.',
      example: 'Office Dublin',
      personal: 'mention',
    },
    {
      name: 'connection_status',
      type: 'string',
      nullable: true,
      description: 'The state of a peering or endpoint, in the words of Atlas.',
      example: 'AVAILABLE',
    },
    {
      name: 'expires_at',
      type: 'timestamp',
      nullable: true,
      description: 'When Atlas deletes the entry; null if it stays.',
    },
    { name: 'last_written', type: 'timestamp', description: 'The time of the row that shows this state.' },
  ],
  reads: 'that day and all later days',
  query: (engine) => `
SELECT
  dt, project_id, org_id, resource_type, parent, resource_id,
  coalesce(${PEERS.map(field).join(', ')}) AS peer,
  coalesce(${field('cidrBlock')} IN ('0.0.0.0/0', '::/0'), false) AS admits_everyone,
  ${field('comment')} AS comment,
  coalesce(${['connectionStatus', 'statusName', 'status'].map(field).join(', ')}) AS connection_status,
  ${instantOf(field('deleteAfterDate'))} AS expires_at,
  last_written
FROM (
${currentInventory.query(engine)}
)
WHERE resource_type IN (${TYPES.map((type) => `'${type}'`).join(', ')})`,
};

function field(name: string): string {
  return `json_extract_scalar(document, '$.${name}')`;
}
