import { hashText, hexName } from '../hash.ts';
import { DAY, HOUR, isoSeconds } from '../time.ts';
import type { DriftingResource } from './drifting-resources.ts';
import type { ResourceList } from './resource-list.ts';

const FIRST_NAMES = ['Ada', 'Grace', 'Edsger', 'Barbara', 'Tony', 'Radia'];
const PROJECT_ROLES = [
  'GROUP_READ_ONLY',
  'GROUP_DATA_ACCESS_READ_ONLY',
  'GROUP_DATA_ACCESS_ADMIN',
  'GROUP_CLUSTER_MANAGER',
  'GROUP_OWNER',
];
const ORGANISATION_ROLES = ['ORG_MEMBER', 'ORG_READ_ONLY', 'ORG_BILLING_ADMIN', 'ORG_OWNER'];
const ACTIONS = ['FIND', 'INSERT', 'UPDATE', 'REMOVE', 'CREATE_INDEX'];

/** Access control: users, service accounts and roles. */
export const ACCESS_LISTS: readonly ResourceList[] = [
  {
    kind: 'project_user',
    scope: 'project',
    path: '/groups/{groupId}/users',
    format: 'pages',
    version: '2025-02-19',
    set: 'projectResources',
    slots: 5,
    document: (resource, { now }) => ({ ...person(resource, now), roles: roles(resource, PROJECT_ROLES) }),
  },
  {
    kind: 'project_service_account',
    scope: 'project',
    path: '/groups/{groupId}/serviceAccounts',
    format: 'pages',
    version: '2024-08-05',
    set: 'projectResources',
    slots: 3,
    document: (resource, { now }) => serviceAccount(resource, now, PROJECT_ROLES),
  },
  {
    kind: 'custom_db_role',
    scope: 'project',
    path: '/groups/{groupId}/customDBRoles/roles',
    format: 'array',
    version: '2023-01-01',
    set: 'projectResources',
    slots: 4,
    document: (resource) => ({
      actions: ACTIONS.slice(0, 1 + (resource.revision % ACTIONS.length)).map((action) => ({
        action,
        resources: [{ collection: '', db: `shop${resource.slot}` }],
      })),
      inheritedRoles: resource.revision % 3 === 2 ? [{ db: 'admin', role: 'read' }] : [],
      roleName: `role-${hexName(resource.key, 6)}`,
    }),
  },
  {
    kind: 'organization_user',
    scope: 'organisation',
    path: '/orgs/{orgId}/users',
    format: 'pages',
    version: '2025-02-19',
    set: 'organisationResources',
    slots: 5,
    document: (resource, { organisation, now }) => ({
      ...person(resource, now),
      roles: {
        groupRoleAssignments: organisation.projects.slice(0, 1 + (resource.revision % 2)).map(({ id }) => ({
          groupId: id,
          groupRoles: roles(resource, PROJECT_ROLES),
        })),
        orgRoles: roles(resource, ORGANISATION_ROLES),
      },
      teamIds: [],
    }),
  },
  {
    kind: 'organization_service_account',
    scope: 'organisation',
    path: '/orgs/{orgId}/serviceAccounts',
    format: 'pages',
    version: '2024-08-05',
    set: 'organisationResources',
    slots: 3,
    document: (resource, { now }) => serviceAccount(resource, now, ORGANISATION_ROLES),
  },
];

function person(resource: DriftingResource, now: number) {
  const firstName = FIRST_NAMES[hashText(resource.key) % FIRST_NAMES.length] ?? '';
  return {
    country: 'US',
    createdAt: isoSeconds(resource.since),
    firstName,
    id: hexName(`user/${resource.key}`, 24),
    // Changes even if the user is not edited.
    lastAuth: isoSeconds(Math.floor(now / HOUR) * HOUR),
    lastName: 'Example',
    mobileNumber: '+15550100',
    orgMembershipStatus: 'ACTIVE',
    username: `${firstName.toLowerCase()}.${hexName(resource.key, 6)}@example.com`,
  };
}

function roles({ slot, revision }: DriftingResource, all: readonly string[]): string[] {
  const first = all[(slot + revision) % all.length] ?? '';
  return revision % 2 === 0 ? [first] : [first, all[0] ?? ''].sort();
}

/** Returns a service account. Each change renews its secret, and the previous one stays until it expires. */
function serviceAccount(resource: DriftingResource, now: number, all: readonly string[]) {
  const renewals = resource.revision === 0 ? [0] : [resource.revision - 1, resource.revision];
  return {
    clientId: `mdb_sa_id_${hexName(`client/${resource.key}`, 24)}`,
    createdAt: isoSeconds(resource.since),
    description: 'Reads what it needs.',
    name: `robot-${hexName(resource.key, 4)}`,
    roles: roles(resource, all),
    secrets: renewals.map((renewal) => ({
      createdAt: isoSeconds(resource.since + renewal * HOUR),
      expiresAt: isoSeconds(resource.since + (20 + 10 * resource.slot) * DAY + renewal * HOUR),
      id: hexName(`secret/${resource.key}/${renewal}`, 24),
      lastUsedAt: isoSeconds(Math.floor(now / HOUR) * HOUR),
      maskedSecretValue: `mdb_sa_sk_...${hexName(resource.key, 4)}`,
    })),
  };
}
