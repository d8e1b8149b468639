import { createOrganisation, type OrganisationOptions } from '../../../simulator/organisation.ts';
import type { Granularity, SeriesTarget, SettledPoint } from '../../../simulator/series.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../simulator/time.ts';

/** One cluster of two hosts. The second host stamps its points 32 seconds into each interval. */
export const shape = {
  projects: [
    {
      name: 'p',
      clusters: [{ name: 'c', nodes: [{}, { offset: 32 * SECOND }], databases: ['a', 'b'], disks: ['data'] }],
    },
  ],
} satisfies OrganisationOptions;

export const organisation = createOrganisation(shape);
const project = organisation.projects[0];
export const aligned = project?.processes[0]?.id ?? '';
export const unaligned = project?.processes[1]?.id ?? '';
export const database = (processId = aligned, databaseName = 'a') => ({
  projectId: project?.id ?? '',
  processId,
  databaseName,
});
export const disk = (processId = aligned) => ({
  projectId: project?.id ?? '',
  processId,
  partitionName: 'data',
});

export const TARGETS: [string, SeriesTarget][] = [
  ['a database', database()],
  ['a disk', disk()],
];
export const INTERVALS: [Granularity, number][] = [
  ['PT1M', MINUTE],
  ['PT5M', 5 * MINUTE],
  ['PT1H', HOUR],
  ['P1D', DAY],
];

export function only(measurement: string, points: readonly SettledPoint[]) {
  return points.filter((point) => point.measurement === measurement);
}
