import { z } from 'zod';
import { isProjectId, type ProcessId, type ProjectId } from '../ids.ts';
import type { Cluster, DataPoint, MeasurementSeries, Process, Project } from './api.ts';

/** What the answers look like, as far as the collector reads them. Fields that it does not read may be anything. */

/** Absent, null or text: absent and null mean the same to us. */
const optionalText = z
  .string()
  .nullish()
  .transform((text) => text ?? null);

const name = z.string().min(1, 'expected a name, got an empty string');

const projectId = z.custom<ProjectId>(
  (value) => typeof value === 'string' && isProjectId(value),
  'expected 24 hexadecimal digits',
);

const processId = z.custom<ProcessId>(
  (value) => typeof value === 'string' && /^.+:\d{1,5}$/.test(value),
  'expected host:port',
);

export const project: z.ZodType<Project> = z.object({ id: projectId, name: z.string() });

export const cluster: z.ZodType<Cluster> = z
  .object({
    name,
    connectionStrings: z.object({ standard: z.string().nullish() }).nullish(),
  })
  .transform((document) => ({
    name: document.name,
    hosts: hostsOf(document.connectionStrings?.standard ?? ''),
  }));

/** A cluster that is being made, or is paused, has no connection string, and so no hosts. */
function hostsOf(connectionString: string): string[] {
  const authority = /^mongodb:\/\/(?:[^@/]*@)?([^/?]+)/.exec(connectionString)?.[1] ?? '';
  const hosts = authority.split(',').map((host) => host.replace(/:\d+$/, ''));
  return [...new Set(hosts)].filter((host) => host !== '');
}

/** Entries of type NO_DATA have no replica set. */
export const process: z.ZodType<Process> = z.object({
  id: processId,
  hostname: name,
  userAlias: optionalText,
  typeName: z.string(),
  replicaSetName: optionalText,
});

export const databaseName: z.ZodType<string> = z
  .object({ databaseName: name })
  .transform((document) => document.databaseName);

export const partitionName: z.ZodType<string> = z
  .object({ partitionName: name })
  .transform((document) => document.partitionName);

const ISO_8601 = /^\d{4}-\d{2}-(\d{2})T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** ISO 8601 with a zone, in milliseconds; undefined for anything else. */
export function parseInstant(text: unknown): number | undefined {
  const match = typeof text === 'string' ? ISO_8601.exec(text) : null;
  if (match === null) return undefined;
  const time = Date.parse(match[0]);
  if (Number.isNaN(time)) return undefined;
  // Date.parse takes February 30 for March 2.
  const day = Number(match[1]);
  if (day > 28 && new Date(`${match[0].slice(0, 10)}T00:00:00Z`).getUTCDate() !== day) return undefined;
  return time;
}

/**
 * Checked by hand: a disk's answer has thousands of points, and an object schema for each would take several times as
 * long as parsing the JSON.
 */
const dataPoints = z.array(z.unknown()).transform((points, context): DataPoint[] => {
  const checked: DataPoint[] = [];
  const refuse = (index: number, field: string, expected: string) => {
    context.addIssue({ code: 'custom', path: [index, field], message: `expected ${expected}` });
    return z.NEVER;
  };
  for (const [index, point] of points.entries()) {
    const { timestamp, value = null }: { timestamp?: unknown; value?: unknown } = Object(point);
    const time = parseInstant(timestamp);
    if (time === undefined) return refuse(index, 'timestamp', 'an ISO 8601 time');
    if (value !== null && (typeof value !== 'number' || !Number.isFinite(value))) {
      return refuse(index, 'value', 'number or null');
    }
    checked.push({ timestamp: time, value });
  }
  return checked;
});

const series: z.ZodType<MeasurementSeries> = z.object({
  name,
  units: optionalText,
  dataPoints: dataPoints.nullish().transform((points) => points ?? []),
});

/** The answer of each of the measurement endpoints. */
export const measurements: z.ZodType<MeasurementSeries[]> = z
  .object({ measurements: z.array(series).nullish() })
  .transform((document) => document.measurements ?? []);
