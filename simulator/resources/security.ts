import { hashText, hexName } from '../hash.ts';
import { HOUR, isoSeconds } from '../time.ts';
import type { DriftingResource } from './drifting-resources.ts';
import type { ResourceList } from './resource-list.ts';

const USER_ROLES = ['read', 'readWrite', 'dbAdmin', 'atlasAdmin'];
const KEY_ROLES = ['GROUP_READ_ONLY', 'GROUP_CLUSTER_MANAGER', 'GROUP_OWNER'];
const ORGANISATION_KEY_ROLES = ['ORG_READ_ONLY', 'ORG_MEMBER', 'ORG_OWNER'];

/** Who may connect to a project's clusters, and how they are audited, encrypted and maintained. */
export const SECURITY_LISTS: readonly ResourceList[] = [
  {
    kind: 'database_user',
    scope: 'project',
    path: '/groups/{groupId}/databaseUsers',
    format: 'pages',
    version: '2023-01-01',
    set: 'projectResources',
    slots: 5,
    document: (resource, { project }) => ({
      ...login(resource, project?.id ?? ''),
      groupId: project?.id,
      labels: resource.revision % 4 === 3 ? [{ key: 'team', value: 'shop' }] : [],
      roles: [
        {
          databaseName: resource.slot === 0 ? 'admin' : 'shop',
          roleName: USER_ROLES[resource.revision % USER_ROLES.length],
        },
      ],
      scopes: [],
    }),
  },
  {
    kind: 'access_list_entry',
    scope: 'project',
    path: '/groups/{groupId}/accessList',
    format: 'pages',
    version: '2023-01-01',
    set: 'projectResources',
    slots: 5,
    document: (resource, { project }) => ({
      ...address(resource),
      comment: `For the team ${resource.revision}`,
      groupId: project?.id,
    }),
  },
  {
    kind: 'project_api_key',
    scope: 'project',
    path: '/groups/{groupId}/apiKeys',
    format: 'pages',
    version: '2023-01-01',
    set: 'projectResources',
    slots: 3,
    document: (resource, { project, organisation }) => ({
      ...apiKey(resource),
      roles: [
        { groupId: project?.id, roleName: KEY_ROLES[resource.revision % KEY_ROLES.length] },
        { orgId: organisation.id, roleName: 'ORG_MEMBER' },
      ],
    }),
  },
  {
    kind: 'organization_api_key',
    scope: 'organisation',
    path: '/orgs/{orgId}/apiKeys',
    format: 'pages',
    version: '2023-01-01',
    set: 'organisationResources',
    slots: 3,
    document: (resource, { organisation }) => ({
      ...apiKey(resource),
      roles: [
        {
          orgId: organisation.id,
          roleName: ORGANISATION_KEY_ROLES[resource.revision % ORGANISATION_KEY_ROLES.length],
        },
      ],
    }),
  },
  {
    kind: 'auditing',
    scope: 'project',
    path: '/groups/{groupId}/auditLog',
    format: 'document',
    version: '2023-01-01',
    set: 'projectResources',
    slots: 1,
    document: ({ revision }) => ({
      auditAuthorizationSuccess: false,
      auditFilter: JSON.stringify({ atype: revision % 2 === 0 ? 'authenticate' : 'createUser' }),
      configurationType: 'FILTER_JSON',
      enabled: revision % 3 !== 2,
    }),
  },
  {
    kind: 'encryption_at_rest',
    scope: 'project',
    path: '/groups/{groupId}/encryptionAtRest',
    format: 'document',
    version: '2023-01-01',
    set: 'projectResources',
    slots: 1,
    document: ({ key, revision }) => ({
      awsKms: {
        accessKeyID: `AKIA${hexName(key, 16).toUpperCase()}`,
        customerMasterKeyID: `arn:aws:kms:us-east-1:111111111111:key/${hexName(`${key}/${revision}`, 32)}`,
        enabled: revision % 2 === 1,
        region: 'US_EAST_1',
        requirePrivateNetworking: false,
        valid: revision % 4 !== 3,
      },
      azureKeyVault: {
        azureEnvironment: 'AZURE',
        clientID: hexName(`client/${key}`, 32),
        enabled: false,
        subscriptionID: hexName(`subscription/${key}`, 32),
        tenantID: hexName(`tenant/${key}`, 32),
        valid: false,
      },
      enabledForSearchNodes: false,
      googleCloudKms: { enabled: false, valid: false },
    }),
  },
  {
    kind: 'maintenance_window',
    scope: 'project',
    path: '/groups/{groupId}/maintenanceWindow',
    format: 'document',
    version: '2023-01-01',
    set: 'projectResources',
    slots: 1,
    document: ({ revision }) => ({
      autoDeferOnceEnabled: false,
      dayOfWeek: 1 + (revision % 7),
      hourOfDay: 3,
      numberOfDeferrals: 0,
      protectedHours: { endHourOfDay: 17, startHourOfDay: 9 },
      startASAP: false,
      timeZoneId: 'Etc/UTC',
    }),
  },
];

/** Returns how a user logs in, by slot. Two users of a project have the same name in different databases. */
function login({ slot, key, since }: DriftingResource, project: string) {
  const none = { awsIAMType: 'NONE', ldapAuthType: 'NONE', oidcAuthType: 'NONE', x509Type: 'NONE' };
  const shared = `app-${hexName(`shared/${project}`, 4)}`;
  switch (slot) {
    case 0:
      return { ...none, databaseName: 'admin', username: shared };
    case 1:
      return { ...none, databaseName: '$external', ldapAuthType: 'USER', username: shared };
    case 2: {
      const username = `arn:aws:iam::111111111111:role/${hexName(key, 6)}`;
      return { ...none, awsIAMType: 'ROLE', databaseName: '$external', username };
    }
    case 3: {
      const username = `CN=${hexName(key, 6)},OU=ünits,O=Example`;
      return { ...none, databaseName: '$external', username, x509Type: 'CUSTOMER' };
    }
    default: {
      const deleteAfterDate = isoSeconds(since + 96 * HOUR);
      return { ...none, databaseName: 'admin', deleteAfterDate, username: `guest-${hexName(key, 6)}` };
    }
  }
}

/** Returns what an entry of the access list admits, by slot. The last one admits everyone for some time. */
function address({ slot, key, since }: DriftingResource) {
  const [high = 0, low = 0] = [hashText(`${key}/high`) % 250, hashText(`${key}/low`) % 250];
  switch (slot) {
    case 0:
      return { cidrBlock: `10.${high}.${low}.0/24` };
    case 1:
    case 2:
      return { cidrBlock: `203.${slot}.${high}.${low}/32`, ipAddress: `203.${slot}.${high}.${low}` };
    case 3:
      return { awsSecurityGroup: `sg-${hexName(key, 17)}` };
    default:
      return { cidrBlock: '0.0.0.0/0', deleteAfterDate: isoSeconds(since + 96 * HOUR) };
  }
}

/** Returns an API key without its roles. Atlas shows only the end of the private key. */
function apiKey({ key, revision }: DriftingResource) {
  return {
    desc: `robot ${revision}`,
    id: hexName(`key/${key}`, 24),
    privateKey: `********-****-****-${hexName(`private/${key}`, 12)}`,
    publicKey: hexName(`public/${key}`, 8).replaceAll(/\d/g, 'q'),
  };
}
