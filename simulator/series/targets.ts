import { hashText } from '../hash.ts';
import type { Lifetime, Organisation, Process } from '../organisation/types.ts';
import { DATABASE_MEASUREMENTS, DISK_MEASUREMENTS, type Measurement } from './measurements.ts';
import { DATABASE_REPORTING, DISK_REPORTING, type Reporting, reportingOf } from './reporting.ts';

/** What measurements belong to: a database or a disk of a process. */
export type SeriesTarget =
  | { projectId: string; processId: string; databaseName: string }
  | { projectId: string; processId: string; partitionName: string };

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
  const isDatabase = 'databaseName' in target;
  const part = isDatabase
    ? process.databases.find(({ name }) => name === target.databaseName)
    : process.disks.find(({ partitionName }) => partitionName === target.partitionName);
  if (part === undefined) return undefined;
  const name = isDatabase ? `database/${target.databaseName}` : `disk/${target.partitionName}`;
  const key = hashText(`${organisation.seed}/${target.projectId}/${target.processId}/${name}`);
  return {
    target,
    measurements: isDatabase ? DATABASE_MEASUREMENTS : DISK_MEASUREMENTS,
    key,
    offset: process.offset,
    drifts: process.stampsDrift ?? false,
    reporting: reportingOf(isDatabase ? DATABASE_REPORTING : DISK_REPORTING, key),
    sampling: isDatabase ? organisation.databaseSampling : null,
    ...dataSpan(process, part),
    ...readableSpan(process, part),
  };
}

function dataSpan(process: Process, part: Lifetime) {
  const dataFrom = Math.max(process.created, part.listedFrom ?? -Infinity);
  const dataTo = Math.min(process.listedUntil ?? Infinity, part.listedUntil ?? Infinity);
  // A mongos lists its host's disks, but their points belong to the mongod on the same host.
  return { dataFrom, dataTo: process.typeName === 'SHARD_MONGOS' ? dataFrom : dataTo };
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
