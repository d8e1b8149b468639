import { hexName } from '../hash.ts';
import type { ResourceList } from './resource-list.ts';

/** Resources of the organisation, except service accounts. */
export const ORGANISATION_LISTS: readonly ResourceList[] = [
  {
    kind: 'organization',
    scope: 'organisation',
    path: '/orgs/{orgId}',
    format: 'document',
    version: '2023-01-01',
    set: 'organisationResources',
    slots: 1,
    document: (resource, { organisation }) => ({
      id: organisation.id,
      isDeleted: false,
      name: 'Example',
      skipDefaultAlertsSettings: resource.revision % 5 === 4,
    }),
  },
  {
    kind: 'organization_team',
    scope: 'organisation',
    path: '/orgs/{orgId}/teams',
    format: 'pages',
    version: '2023-01-01',
    set: 'organisationResources',
    slots: 3,
    document: (resource, { organisation }) => ({
      id: hexName(`team/${resource.key}`, 24),
      name: `team ${resource.revision}`,
      organizationId: organisation.id,
    }),
  },
  {
    kind: 'federation_settings',
    scope: 'organisation',
    path: '/orgs/{orgId}/federationSettings',
    format: 'document',
    version: '2023-01-01',
    set: 'organisationResources',
    slots: 1,
    document: (resource, { organisation }) => ({
      federatedDomains: ['example.com', 'example.org'].slice(0, 1 + (resource.revision % 2)),
      hasRoleMappings: true,
      id: hexName(`federation/${organisation.id}`, 24),
      identityProviderId: hexName(`provider/${organisation.id}`, 20),
      identityProviderStatus: resource.revision % 4 === 3 ? 'INACTIVE' : 'ACTIVE',
    }),
  },
  {
    kind: 'federation_role_mapping',
    scope: 'organisation',
    path: '/federationSettings/{federationSettingsId}/connectedOrgConfigs/{orgId}/roleMappings',
    format: 'pages',
    version: '2023-01-01',
    set: 'organisationResources',
    slots: 4,
    within: ({ organisation }) => [{ federationSettingsId: hexName(`federation/${organisation.id}`, 24) }],
    document: (resource, { organisation }) => ({
      externalGroupName: `group-${hexName(resource.key, 4)}`,
      id: hexName(`mapping/${resource.key}`, 24),
      roleAssignments: [
        { orgId: organisation.id, role: 'ORG_MEMBER' },
        ...organisation.projects.slice(0, 1 + (resource.revision % 2)).map(({ id }) => ({
          groupId: id,
          role: resource.revision % 3 === 2 ? 'GROUP_OWNER' : 'GROUP_READ_ONLY',
        })),
      ],
    }),
  },
];
