import { ApiError, unexpectedError } from '../http/api-error.ts';
import type { ApiRequest, ApiRoute } from '../http/api-route.ts';
import { databaseNameOf, diskOf, processOf } from '../http/lookups.ts';
import { measurementsOf, named, windowOf } from '../http/measurement-parameters.ts';
import { GRANULARITIES } from '../series/granularity.ts';
import type { Measurement } from '../series/measurements.ts';
import { SEARCH_STATUS } from '../series/search-measurements.ts';
import { findSource, type SeriesTarget } from '../series/targets.ts';
import { type ShownSeries, showWindow, type Window } from '../series/window.ts';
import { isoSeconds } from '../time.ts';

const PROCESS = '/api/atlas/v2/groups/{groupId}/processes/{processId}';

/** The measurements of processes, databases, disks and Atlas Search. */
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
  {
    operation: 'processMeasurements',
    path: `${PROCESS}/measurements`,
    versions: ['2023-01-01'],
    set: 'monitoring',
    list: false,
    handle(request) {
      const { project, process } = processOf(request);
      return measurements(request, { projectId: project.id, processId: process.id });
    },
  },
  {
    operation: 'searchMeasurements',
    path: '/api/atlas/v2/groups/{groupId}/hosts/{processId}/fts/metrics/measurements',
    versions: ['2023-01-01'],
    set: 'monitoring',
    list: false,
    handle(request) {
      const { project, process } = processOf(request);
      const { from = request.now } = process.search ?? { from: Infinity };
      if (request.organisation.withoutSearch === 'refused' && request.now < from) throw noSearch(process.id);
      return searchMeasurements(request, { projectId: project.id, processId: process.id, search: true });
    },
  },
];

/** Atlas documents no error. This is the one that it gives for a cluster without search nodes. */
function noSearch(processId: string): ApiError {
  const detail = `Atlas Search does not run on host ${processId}.`;
  return new ApiError(400, 'ATLAS_SEARCH_DEPLOYMENT_DOES_NOT_EXIST', detail, [processId]);
}

function measurements(request: ApiRequest, target: SeriesTarget): object {
  const { window, shown } = readSeries(request, target, (all) => measurementsOf(request.query, all));
  const { projectId, processId, ...part } = target;
  return {
    ...part,
    ...frameOf(request, target, window, shown),
    hostId: processId,
    measurements: shown.map(documentOf),
  };
}

function searchMeasurements(request: ApiRequest, target: SeriesTarget): object {
  const { window, shown } = readSeries(request, target, (all) => named(request.query.getAll('metrics'), all));
  const isStatus = ({ measurement }: ShownSeries) => SEARCH_STATUS.includes(measurement);
  return {
    ...frameOf(request, target, window, shown),
    hardwareMeasurements: shown.filter((one) => !isStatus(one)).map(documentOf),
    statusMeasurements: shown.filter(isStatus).map(documentOf),
  };
}

/** Returns the window of a request and what Atlas shows in it. @throws ApiError */
function readSeries(
  request: ApiRequest,
  target: SeriesTarget,
  wantedOf: (all: readonly Measurement[]) => readonly Measurement[],
): { window: Window; shown: ShownSeries[] } {
  const source = findSource(request.organisation, target);
  if (source === undefined) throw unexpectedError();
  const window = windowOf(request.query, request.now);
  if (window.granularity === 'PT10S' && !offersTenSeconds(request, target)) throw unexpectedError();
  const { retention } = GRANULARITIES[window.granularity];
  if (window.start < request.endpointFaults.oldestStart(target.projectId, target.processId, retention))
    throw new ApiError(400, 'INVALID_START_DATE', 'The start date is too long ago.', ['start']);
  const wanted = wantedOf(source.measurements);
  const hidden = request.endpointFaults.hidesValues(target.projectId, target.processId, window.granularity);
  const shown = hidden ? [] : showWindow(request.organisation, source, wanted, window, request.now);
  return { window, shown };
}

/** Returns the fields that all responses have. */
function frameOf(
  request: ApiRequest,
  { projectId, processId }: SeriesTarget,
  window: Window,
  shown: readonly ShownSeries[],
): object {
  const host = `${request.origin}/api/atlas/v2/groups/${projectId}/processes/${processId}`;
  return {
    end: isoSeconds(dataEnd(shown) ?? window.end),
    granularity: window.granularity,
    groupId: projectId,
    links: [
      { href: `${request.origin}${request.path}?${request.query}`, rel: 'self' },
      { href: host, rel: 'https://cloud.mongodb.com/host' },
    ],
    processId,
    start: isoSeconds(dataStart(shown) ?? window.start),
  };
}

function documentOf({ measurement, points }: ShownSeries): object {
  return {
    dataPoints: points.map(({ timestamp, value }) => ({ timestamp: isoSeconds(timestamp), value })),
    name: measurement.name,
    units: measurement.units,
  };
}

/** Only projects with an M40 or larger cluster have PT10S. Elsewhere it was observed to fail. */
function offersTenSeconds(
  { organisation, endpointFaults }: ApiRequest,
  { projectId }: SeriesTarget,
): boolean {
  const clusters = organisation.projects.find(({ id }) => id === projectId)?.clusters ?? [];
  const isLarge = clusters.some(({ instanceSize }) => Number(/^[MR](\d+)/.exec(instanceSize)?.[1]) >= 40);
  return isLarge && !endpointFaults.tooSmall(projectId);
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
