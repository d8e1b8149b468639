import { hashText } from '../hash.ts';
import type { Lifetime, Organisation, Process } from '../organisation/types.ts';
import { DATABASE_MEASUREMENTS, DISK_MEASUREMENTS, type Measurement } from './measurements.ts';
import { processMeasurements } from './process-measurements.ts';
import { DATABASE_REPORTING, HOST_REPORTING, type Reporting, reportingOf } from './reporting.ts';
import { SEARCH_MEASUREMENTS } from './search-measurements.ts';

/** What measurements belong to: a process, or a database, a disk or Atlas Search beside it. */
export interface SeriesTarget {
  projectId: string;
  processId: string;
  databaseName?: string;
  partitionName?: string;
  search?: true;
}

/** A target with everything that its series depend on. Times in milliseconds since 1970-01-01T00:00:00Z. */
export interface SeriesSource {
  target: SeriesTarget;
  measurements: readonly Measurement[];
  /** Seeds all random values of the target. */
  key: number;
  /** How far into each interval its points are stamped, in milliseconds. */
  offset: number;
  /** Whether stamps drift around that, by up to half a minute. */
  drifts: boolean;
  /** Points are stamped in [dataFrom, dataTo). */
  dataFrom: number;
  dataTo: number;
  /** The API responds for the target in [readableFrom, readableTo). */
  readableFrom: number;
  readableTo: number;
  reporting: Reporting;
  /** Milliseconds between samples; an interval without a sample has no value. Null: a sample in every interval. */
  sampling: number | null;
}

/** Returns the source of a target's series, or undefined if the organisation has no such target. */
export function findSource(organisation: Organisation, target: SeriesTarget): SeriesSource | undefined {
  const process = organisation.projects
    .find(({ id }) => id === target.projectId)
    ?.processes.find(({ id }) => id === target.processId);
  if (process === undefined) return undefined;
  const part = partOf(organisation, process, target);
  if (part === undefined) return undefined;
  const { name, lifetime, reporting, ...rest } = part;
  const key = hashText(`${organisation.seed}/${target.projectId}/${target.processId}/${name}`);
  return {
    target,
    key,
    offset: process.offset,
    drifts: process.stampsDrift ?? false,
    reporting: reportingOf(reporting, key, organisation.stalls),
    ...rest,
    ...readableSpan(process, lifetime),
  };
}

/** What is measured at a process, and how. */
interface Part extends Pick<SeriesSource, 'measurements' | 'sampling' | 'dataFrom' | 'dataTo'> {
  /** Unique at the process. */
  name: string;
  lifetime: Lifetime;
  reporting: Pick<Reporting, 'period' | 'delay'>;
}

function partOf(
  organisation: Organisation,
  process: Process,
  { databaseName, partitionName, search }: SeriesTarget,
): Part | undefined {
  if (databaseName !== undefined) {
    const lifetime = process.databases.find(({ name }) => name === databaseName);
    return (
      lifetime && {
        name: `database/${databaseName}`,
        lifetime,
        measurements: DATABASE_MEASUREMENTS,
        reporting: DATABASE_REPORTING,
        sampling: organisation.databaseSampling,
        ...dataSpan(process, lifetime),
      }
    );
  }
  if (partitionName !== undefined) {
    const lifetime = process.disks.find((disk) => disk.partitionName === partitionName);
    const span = lifetime && dataSpan(process, lifetime);
    return (
      lifetime &&
      span && {
        name: `disk/${partitionName}`,
        lifetime,
        measurements: DISK_MEASUREMENTS,
        reporting: HOST_REPORTING,
        sampling: null,
        ...span,
        // A mongos lists its host's disks, but their points belong to the mongod on the same host.
        dataTo: process.typeName === 'SHARD_MONGOS' ? span.dataFrom : span.dataTo,
      }
    );
  }
  const { processSeries } = organisation;
  if (search) {
    return {
      name: 'search',
      lifetime: {},
      measurements: SEARCH_MEASUREMENTS,
      reporting: HOST_REPORTING,
      sampling: null,
      ...searchSpan(process),
    };
  }
  return {
    name: 'process',
    lifetime: {},
    measurements: processMeasurements(process.typeName).filter(
      ({ name }) => processSeries === null || processSeries.includes(name),
    ),
    reporting: HOST_REPORTING,
    sampling: null,
    ...dataSpan(process, {}),
  };
}

function dataSpan(process: Process, part: Lifetime) {
  const dataFrom = Math.max(process.created, part.listedFrom ?? -Infinity);
  const dataTo = Math.min(process.listedUntil ?? Infinity, part.listedUntil ?? Infinity);
  return { dataFrom, dataTo };
}

/** A host without Atlas Search has the series, without points. */
function searchSpan(process: Process) {
  const { dataFrom, dataTo } = dataSpan(process, {});
  if (process.search === undefined) return { dataFrom, dataTo: dataFrom };
  const { from = -Infinity, until = Infinity } = process.search;
  return { dataFrom: Math.max(dataFrom, from), dataTo: Math.min(dataTo, until) };
}

function readableSpan(...lifetimes: Lifetime[]) {
  return {
    readableFrom: Math.max(...lifetimes.map(({ listedFrom }) => listedFrom ?? -Infinity)),
    readableTo: Math.min(...lifetimes.map(endOfReading)),
  };
}

function endOfReading({ listedUntil, afterUnlisted }: Lifetime): number {
  return afterUnlisted === 'readable' ? Infinity : (listedUntil ?? Infinity);
}
