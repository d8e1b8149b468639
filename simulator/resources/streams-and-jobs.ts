import { hexName } from '../hash.ts';
import { HOUR, isoSeconds } from '../time.ts';
import type { ResourceList, Unit } from './resource-list.ts';

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
    document: (thing, { project }) => ({
      _id: hexName(`stream/${thing.key}`, 24),
      dataProcessRegion: { cloudProvider: 'AWS', region: 'DUBLIN_IRL' },
      groupId: project?.id,
      hostnames: [`atlas-stream-${hexName(thing.key, 12)}.q1w2e3.a.query.mongodb.net`],
      name: `stream-${hexName(thing.key, 4)}`,
      streamConfig: { tier: thing.revision % 2 === 0 ? 'SP10' : 'SP30' },
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
    document: (thing) =>
      thing.slot === 0
        ? {
            clusterName: 'orders',
            dbRoleToExecute: {
              role: thing.revision % 2 === 0 ? 'read' : 'readWriteAnyDatabase',
              type: 'BUILT_IN',
            },
            name: `cluster-${hexName(thing.key, 4)}`,
            type: 'Cluster',
          }
        : {
            authentication: { mechanism: 'SCRAM-512', username: `user-${thing.revision}` },
            bootstrapServers: 'kafka.example.com:9092',
            name: `kafka-${hexName(thing.key, 4)}`,
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
    within: (unit) => [{ validationId: jobId(unit, 'validation') }],
    document: (thing, { project, place }) => ({
      _id: place['validationId'],
      errorMessage: null,
      groupId: project?.id,
      sourceGroupId: hexName(`source/${thing.key}`, 24),
      status: thing.revision % 4 === 0 ? 'PENDING' : 'SUCCESS',
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
    within: (unit) => [{ sampleDatasetId: jobId(unit, 'load') }],
    document: (thing, { place, project }) => ({
      _id: place['sampleDatasetId'],
      clusterName: project?.clusters[0]?.name,
      completeDate: isoSeconds(thing.changedAt + HOUR),
      createDate: isoSeconds(thing.changedAt),
      errorMessage: null,
      state: 'COMPLETED',
    }),
  },
];

/** Returns the id of a project's job, which no list contains. */
export function jobId({ project }: Unit, job: 'validation' | 'load'): string {
  return hexName(`${job}/${project?.id}`, 24);
}
