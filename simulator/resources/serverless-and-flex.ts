import { hexName } from '../hash.ts';
import { DAY, HOUR, isoSeconds } from '../time.ts';
import type { DriftingResource } from './drifting-resources.ts';
import type { DocumentContext, Reader, ResourceList } from './resource-list.ts';

/** Serverless instances, flex clusters, and their resources. */
export const SERVERLESS_AND_FLEX_LISTS: readonly ResourceList[] = [
  {
    kind: 'serverless_instance',
    scope: 'project',
    path: '/groups/{groupId}/serverless',
    format: 'pages',
    version: '2023-01-01',
    set: 'projectResources',
    slots: 2,
    document: (resource, context) => ({
      ...instance(resource, context, 'serverless'),
      connectionStrings: {
        standardSrv: `mongodb+srv://serverless-${hexName(resource.key, 4)}.q1w2e3.mongodb.net`,
      },
      providerSettings: {
        backingProviderName: 'AWS',
        effectiveDiskSizeGBLimit: 1024,
        providerName: 'SERVERLESS',
        regionName: 'EU_WEST_1',
      },
      serverlessBackupOptions: { serverlessContinuousBackupEnabled: resource.revision % 2 === 1 },
    }),
  },
  {
    kind: 'serverless_restore_job',
    scope: 'project',
    path: '/groups/{groupId}/serverless/{clusterName}/backup/restoreJobs',
    format: 'pages',
    version: '2023-01-01',
    set: 'projectResources',
    slots: 2,
    within: (_unit, _now, resources) => namesOf(resources, 'serverless_instance', 'clusterName'),
    document: (resource, { parameters, project }) => ({
      cancelled: false,
      deliveryType: 'download',
      deliveryUrl: [`https://restore.example.com/${hexName(resource.key, 12)}.tgz`],
      expired: resource.revision > 1,
      expiresAt: isoSeconds(resource.since + DAY),
      failed: false,
      ...(resource.revision > 0 && { finishedAt: isoSeconds(resource.since + HOUR) }),
      id: hexName(`job/${resource.key}`, 24),
      snapshotId: hexName(`snapshot/${resource.key}`, 24),
      targetClusterName: parameters['clusterName'],
      targetGroupId: project?.id,
      timestamp: isoSeconds(resource.since),
    }),
  },
  {
    kind: 'serverless_private_endpoint',
    scope: 'project',
    path: '/groups/{groupId}/privateEndpoint/serverless/instance/{instanceName}/endpoint',
    format: 'array',
    version: '2023-01-01',
    set: 'projectResources',
    slots: 2,
    within: (_unit, _now, resources) => namesOf(resources, 'serverless_instance', 'instanceName'),
    document: (resource) => ({
      _id: hexName(`endpoint/${resource.key}`, 24),
      cloudProviderEndpointId: `vpce-${hexName(resource.key, 17)}`,
      comment: 'made by hand',
      endpointServiceName: `com.example.vpce-svc-${hexName(resource.key, 17)}`,
      providerName: 'AWS',
      status: resource.revision === 0 ? 'RESERVATION_REQUESTED' : 'AVAILABLE',
    }),
  },
  {
    kind: 'flex_cluster',
    scope: 'project',
    path: '/groups/{groupId}/flexClusters',
    format: 'pages',
    version: '2024-11-13',
    set: 'projectResources',
    slots: 2,
    document: (resource, context) => ({
      ...instance(resource, context, 'flex'),
      backupSettings: { enabled: true },
      clusterType: 'REPLICASET',
      connectionStrings: { standardSrv: `mongodb+srv://flex-${hexName(resource.key, 4)}.q1w2e3.mongodb.net` },
      providerSettings: {
        backingProviderName: 'AWS',
        diskSizeGB: 5,
        providerName: 'FLEX',
        regionName: 'US_EAST_1',
      },
      versionReleaseSystem: 'LTS',
    }),
  },
  {
    kind: 'flex_restore_job',
    scope: 'project',
    path: '/groups/{groupId}/flexClusters/{name}/backup/restoreJobs',
    format: 'pages',
    version: '2024-11-13',
    set: 'projectResources',
    slots: 3,
    within: (_unit, _now, resources) => namesOf(resources, 'flex_cluster', 'name'),
    document: (resource, { parameters, project }) => ({
      deliveryType: resource.slot === 0 ? 'DOWNLOAD' : 'RESTORE',
      expirationDate: isoSeconds(resource.since + 4 * HOUR),
      id: hexName(`job/${resource.key}`, 24),
      instanceName: parameters['name'],
      projectId: project?.id,
      restoreScheduledDate: isoSeconds(resource.since),
      snapshotFinishedDate: isoSeconds(resource.since - DAY),
      snapshotId: hexName(`snapshot/${resource.key}`, 24),
      ...(resource.slot === 0 && {
        snapshotUrl: `https://restore.example.com/${hexName(resource.key, 12)}.tgz`,
      }),
      status: ['PENDING', 'RUNNING', 'COMPLETED'][Math.min(resource.revision, 2)],
      targetDeploymentItemName: parameters['name'],
      targetProjectId: project?.id,
    }),
  },
];

function instance(resource: DriftingResource, { project }: DocumentContext, kind: string) {
  return {
    createDate: isoSeconds(resource.since),
    groupId: project?.id,
    id: hexName(`${kind}/${resource.key}`, 24),
    mongoDBVersion: '8.0.29',
    name: `${kind}-${hexName(resource.key, 4)}`,
    stateName: 'IDLE',
    tags: resource.revision === 0 ? [] : [{ key: 'revision', value: String(resource.revision) }],
    terminationProtectionEnabled: resource.revision % 3 === 1,
  };
}

function namesOf(resources: Reader, kind: string, placeholder: string) {
  return resources(kind, {}).map(({ name }) => ({ [placeholder]: String(name) }));
}
