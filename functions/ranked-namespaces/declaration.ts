import * as z from 'zod';
import { HOUR, MINUTE } from '../../shared/durations.ts';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { backfill, settle } from '../../shared/engine/settings.ts';
import { namespaceMeasurements, rankedNamespaces } from './tables.ts';

/**
 * How far back the first run goes. Each hour of each mongod costs one request, and one for each measured namespace. The
 * rate limit is a bucket of 300 that refills by 100 a minute: six hours of a replica set of three cost about 200.
 */
const BACKFILL = 6 * HOUR;

/** Each costs one request per process and hour, and Atlas allows a project about 100 a minute. */
const MAX_MEASURED_NAMESPACES = 100;

const MEASURED_NAMESPACES = `expected a whole number from 0 to ${MAX_MEASURED_NAMESPACES}`;

const settings = z.strictObject({
  settle: settle.default(20 * MINUTE),
  backfill: backfill.default(BACKFILL),
  /** How many of the first namespaces of each hour are measured; 0 measures none. */
  namespaces: z
    .int(MEASURED_NAMESPACES)
    .min(0, MEASURED_NAMESPACES)
    .max(MAX_MEASURED_NAMESPACES, MEASURED_NAMESPACES)
    .default(10),
});

export type RankedNamespacesSettings = z.infer<typeof settings>;

/** The namespaces of each mongod by execution time, hour by hour, and the measurements of the first ones. */
export const rankedNamespacesDeclaration: DatasetDeclaration<RankedNamespacesSettings> = {
  name: 'ranked_namespaces',
  description: rankedNamespaces.description,
  tables: [rankedNamespaces, namespaceMeasurements],
  notRepeatable: 'Atlas ranks the namespaces of an hour when it is asked, and a later ranking is another one',
  everyMinutes: 60,
  // The hour before has just settled. At the full hour, it would be read almost forty minutes later.
  offsetMinutes: 21,
  settings,
  defaults: settings.parse({}),
};
