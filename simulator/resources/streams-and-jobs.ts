import { hexName } from '../hash.ts';
import { HOUR, isoSeconds } from '../time.ts';
import type { ListOwner, ResourceList } from './resource-list.ts';

/** Stream processing, and jobs that can only be read by id. */
export const STREAM_AND_JOB_LISTS: readonly ResourceList[] = [
  {
    kind: 'stream_instance',
    scope: 'project',
    path: '/groups/{groupId}/streams',
    format: 'pages',
    version: '2023-02-01',
    set: 'projectResources',
    slots: 2,
    document: (resource, { project }) => ({
      _id: hexName(`stream/${resource.key}`, 24),
      dataProcessRegion: { cloudProvider: 'AWS', region: 'DUBLIN_IRL' },
      groupId: project?.id,
      hostnames: [`atlas-stream-${hexName(resource.key, 12)}.q1w2e3.a.query.mongodb.net`],
      name: `stream-${hexName(resource.key, 4)}`,
      streamConfig: { tier: resource.revision % 2 === 0 ? 'SP10' : 'SP30' },
    }),
  },
  {
    kind: 'stream_connection',
    scope: 'project',
    path: '/groups/{groupId}/streams/{tenantName}/connections',
    format: 'pages',
    version: '2023-02-01',
    set: 'projectResources',
    slots: 3,
    within: (_unit, _now, resources) =>
      resources('stream_instance', {}).map(({ name }) => ({ tenantName: String(name) })),
    document: (resource) =>
      resource.slot === 0
        ? {
            clusterName: 'orders',
            dbRoleToExecute: {
              role: resource.revision % 2 === 0 ? 'read' : 'readWriteAnyDatabase',
              type: 'BUILT_IN',
            },
            name: `cluster-${hexName(resource.key, 4)}`,
            type: 'Cluster',
          }
        : {
            authentication: { mechanism: 'SCRAM-512', username: `user-${resource.revision}` },
            bootstrapServers: 'kafka.example.com:9092',
            name: `kafka-${hexName(resource.key, 4)}`,
            security: { protocol: 'SASL_SSL' },
            type: 'Kafka',
          },
  },
  {
    kind: 'migration_validation',
    scope: 'project',
    path: '/groups/{groupId}/liveMigrations/validate/{validationId}',
    format: 'document',
    version: '2023-01-01',
    set: 'projectResources',
    slots: 1,
    within: (owner) => [{ validationId: jobId(owner, 'validation') }],
    document: (resource, { project, parameters }) => ({
      _id: parameters['validationId'],
      errorMessage: null,
      groupId: project?.id,
      sourceGroupId: hexName(`source/${resource.key}`, 24),
      status: resource.revision % 4 === 0 ? 'PENDING' : 'SUCCESS',
    }),
  },
  {
    kind: 'sample_dataset_load',
    scope: 'project',
    path: '/groups/{groupId}/sampleDatasetLoad/{sampleDatasetId}',
    format: 'document',
    version: '2023-01-01',
    set: 'clusters',
    slots: 1,
    within: (owner) => [{ sampleDatasetId: jobId(owner, 'load') }],
    document: (resource, { parameters, project }) => ({
      _id: parameters['sampleDatasetId'],
      clusterName: project?.clusters[0]?.name,
      completeDate: isoSeconds(resource.changedAt + HOUR),
      createDate: isoSeconds(resource.changedAt),
      errorMessage: null,
      state: 'COMPLETED',
    }),
  },
];

/** Returns the id of a project's job, which no list contains. */
export function jobId({ project }: ListOwner, job: 'validation' | 'load'): string {
  return hexName(`${job}/${project?.id}`, 24);
}
