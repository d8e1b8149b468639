import { ApiError, unexpectedError } from '../http/api-error.ts';
import type { ApiRequest, ApiRoute } from '../http/api-route.ts';
import { databaseNameOf, diskOf, processOf } from '../http/lookups.ts';
import { measurementsOf, windowOf } from '../http/measurement-parameters.ts';
import { GRANULARITIES } from '../series/granularity.ts';
import { findSource, type SeriesTarget } from '../series/targets.ts';
import { type ShownSeries, showWindow } from '../series/window.ts';
import { isoSeconds } from '../time.ts';

const PROCESS = '/api/atlas/v2/groups/{groupId}/processes/{processId}';

/** The measurements of databases and disks. */
export const MEASUREMENT_ROUTES: readonly ApiRoute[] = [
  {
    operation: 'databaseMeasurements',
    path: `${PROCESS}/databases/{databaseName}/measurements`,
    versions: ['2023-01-01'],
    set: 'monitoring',
    list: false,
    handle(request) {
      const { project, process } = processOf(request);
      const databaseName = databaseNameOf(request, process);
      return measurements(request, { projectId: project.id, processId: process.id, databaseName });
    },
  },
  {
    operation: 'diskMeasurements',
    path: `${PROCESS}/disks/{partitionName}/measurements`,
    versions: ['2023-01-01'],
    set: 'monitoring',
    list: false,
    handle(request) {
      const { project, process } = processOf(request);
      const { partitionName } = diskOf(request, process);
      return measurements(request, { projectId: project.id, processId: process.id, partitionName });
    },
  },
];

function measurements(request: ApiRequest, target: SeriesTarget): object {
  const source = findSource(request.organisation, target);
  if (source === undefined) throw unexpectedError();
  const window = windowOf(request.query, request.now);
  const { retention } = GRANULARITIES[window.granularity];
  if (window.start < request.endpointFaults.oldestStart(target.projectId, target.processId, retention))
    throw new ApiError(400, 'INVALID_START_DATE', 'The start date is too long ago.', ['start']);
  const wanted = measurementsOf(request.query, source.measurements);
  const hidden = request.endpointFaults.hidesValues(target.projectId, target.processId, window.granularity);
  const shown = hidden ? [] : showWindow(request.organisation, source, wanted, window, request.now);
  const { projectId, processId, ...part } = target;
  const host = `${request.origin}/api/atlas/v2/groups/${projectId}/processes/${processId}`;
  return {
    ...part,
    end: isoSeconds(dataEnd(shown) ?? window.end),
    granularity: window.granularity,
    groupId: projectId,
    hostId: processId,
    links: [
      { href: `${request.origin}${request.path}?${request.query}`, rel: 'self' },
      { href: host, rel: 'https://cloud.mongodb.com/host' },
    ],
    measurements: shown.map(({ measurement, points }) => ({
      dataPoints: points.map(({ timestamp, value }) => ({ timestamp: isoSeconds(timestamp), value })),
      name: measurement.name,
      units: measurement.units,
    })),
    processId,
    start: isoSeconds(dataStart(shown) ?? window.start),
  };
}

/** Returns the earliest stamp of all points, in milliseconds since 1970. */
function dataStart(shown: readonly ShownSeries[]): number | undefined {
  const firsts = shown.flatMap(({ points }) => points.slice(0, 1));
  return firsts.length === 0 ? undefined : Math.min(...firsts.map(({ timestamp }) => timestamp));
}

function dataEnd(shown: readonly ShownSeries[]): number | undefined {
  const lasts = shown.flatMap(({ points }) => points.slice(-1));
  return lasts.length === 0 ? undefined : Math.max(...lasts.map(({ timestamp }) => timestamp));
}
