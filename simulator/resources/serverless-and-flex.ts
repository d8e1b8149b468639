import { hexName } from '../hash.ts';
import { DAY, HOUR, isoSeconds } from '../time.ts';
import type { Thing } from './drift.ts';
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
    document: (thing, context) => ({
      ...instance(thing, context, 'serverless'),
      connectionStrings: {
        standardSrv: `mongodb+srv://serverless-${hexName(thing.key, 4)}.q1w2e3.mongodb.net`,
      },
      providerSettings: {
        backingProviderName: 'AWS',
        effectiveDiskSizeGBLimit: 1024,
        providerName: 'SERVERLESS',
        regionName: 'EU_WEST_1',
      },
      serverlessBackupOptions: { serverlessContinuousBackupEnabled: thing.revision % 2 === 1 },
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
    document: (thing, { place, project }) => ({
      cancelled: false,
      deliveryType: 'download',
      deliveryUrl: [`https://restore.example.com/${hexName(thing.key, 12)}.tgz`],
      expired: thing.revision > 1,
      expiresAt: isoSeconds(thing.since + DAY),
      failed: false,
      ...(thing.revision > 0 && { finishedAt: isoSeconds(thing.since + HOUR) }),
      id: hexName(`job/${thing.key}`, 24),
      snapshotId: hexName(`snapshot/${thing.key}`, 24),
      targetClusterName: place['clusterName'],
      targetGroupId: project?.id,
      timestamp: isoSeconds(thing.since),
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
    document: (thing) => ({
      _id: hexName(`endpoint/${thing.key}`, 24),
      cloudProviderEndpointId: `vpce-${hexName(thing.key, 17)}`,
      comment: 'made by hand',
      endpointServiceName: `com.example.vpce-svc-${hexName(thing.key, 17)}`,
      providerName: 'AWS',
      status: thing.revision === 0 ? 'RESERVATION_REQUESTED' : 'AVAILABLE',
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
    document: (thing, context) => ({
      ...instance(thing, context, 'flex'),
      backupSettings: { enabled: true },
      clusterType: 'REPLICASET',
      connectionStrings: { standardSrv: `mongodb+srv://flex-${hexName(thing.key, 4)}.q1w2e3.mongodb.net` },
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
    document: (thing, { place, project }) => ({
      deliveryType: thing.slot === 0 ? 'DOWNLOAD' : 'RESTORE',
      expirationDate: isoSeconds(thing.since + 4 * HOUR),
      id: hexName(`job/${thing.key}`, 24),
      instanceName: place['name'],
      projectId: project?.id,
      restoreScheduledDate: isoSeconds(thing.since),
      snapshotFinishedDate: isoSeconds(thing.since - DAY),
      snapshotId: hexName(`snapshot/${thing.key}`, 24),
      ...(thing.slot === 0 && { snapshotUrl: `https://restore.example.com/${hexName(thing.key, 12)}.tgz` }),
      status: ['PENDING', 'RUNNING', 'COMPLETED'][Math.min(thing.revision, 2)],
      targetDeploymentItemName: place['name'],
      targetProjectId: project?.id,
    }),
  },
];

function instance(thing: Thing, { project }: DocumentContext, kind: string) {
  return {
    createDate: isoSeconds(thing.since),
    groupId: project?.id,
    id: hexName(`${kind}/${thing.key}`, 24),
    mongoDBVersion: '8.0.29',
    name: `${kind}-${hexName(thing.key, 4)}`,
    stateName: 'IDLE',
    tags: thing.revision === 0 ? [] : [{ key: 'revision', value: String(thing.revision) }],
    terminationProtectionEnabled: thing.revision % 3 === 1,
  };
}

function namesOf(resources: Reader, kind: string, placeholder: string) {
  return resources(kind, {}).map(({ name }) => ({ [placeholder]: String(name) }));
}
