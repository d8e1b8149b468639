import { hexName } from '../hash.ts';
import { DAY, HOUR, isoSeconds } from '../time.ts';
import { costsAt, monthAfter } from './costs.ts';
import type { DocumentContext, ResourceList } from './resource-list.ts';

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
    kind: 'invoice',
    scope: 'organisation',
    path: '/orgs/{orgId}/invoices',
    format: 'pages',
    version: '2023-01-01',
    set: 'invoices',
    documents: invoices,
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

/** How long after a month's end its invoice is paid. */
const PAID_AFTER = 5 * DAY;

/** Returns the invoices of all months since the organisation was created, newest first. The first one is open. */
function invoices({ organisation, now }: DocumentContext): Record<string, unknown>[] {
  const created = new Date(organisation.projects[0]?.created ?? now);
  const documents = [];
  let month = Date.UTC(created.getUTCFullYear(), created.getUTCMonth());
  for (; month <= now; month = monthAfter(month)) {
    const end = monthAfter(month);
    const costs = costsAt(organisation, {}, month, end, now);
    const cents = Math.round(100 * costs.reduce((sum, { amount }) => sum + amount, 0));
    const isPaid = now >= end + PAID_AFTER;
    documents.push({
      amountBilledCents: cents,
      amountPaidCents: isPaid ? cents : 0,
      created: isoSeconds(month),
      creditsCents: 0,
      endDate: isoSeconds(end),
      id: hexName(`invoice/${month}`, 24),
      linkedInvoices: [],
      orgId: organisation.id,
      salesTaxCents: 0,
      startDate: isoSeconds(month),
      startingBalanceCents: 0,
      statusName: now < end ? 'PENDING' : isPaid ? 'PAID' : 'CLOSED',
      subtotalCents: cents,
      updated: isoSeconds(Math.floor(now / HOUR) * HOUR),
    });
  }
  return documents.reverse();
}
