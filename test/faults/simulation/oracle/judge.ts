import { datasets } from '../../../../functions/datasets.ts';
import { collectionGaps, collectionRuns } from '../../../../shared/engine/tables.ts';
import { plain } from '../cursor-changes.ts';
import type { World } from '../world.ts';
import { checkAccessLogs } from './access-logs.ts';
import { checkAlerts } from './alerts.ts';
import { checkCosts } from './costs.ts';
import { checkEvents } from './events.ts';
import { readLake } from './lake.ts';
import type { Lived } from './lived.ts';
import { checkMeasurements } from './measurements.ts';
import { checkRankings } from './rankings.ts';
import { checkReports } from './reports.ts';
import { checkResources } from './resources.ts';

/** Returns one line for each broken promise. Its arithmetic asks neither the server nor the collector. */
export function judge(about: Omit<Lived, 'lake'>): {
  violations: string[];
  rows: number;
} {
  const { world } = about;
  const tables = [...datasets.flatMap((dataset) => dataset.tables), collectionGaps];
  const { lake, violations } = readLake(world.aws.s3.objects, world.witness, [...tables, collectionRuns]);
  const names = tables.map(({ name }) => name);
  const withLake = { ...about, lake };
  return {
    violations: [
      ...world.witness.violations,
      ...violations,
      ...headersAtRest(world),
      ...mistakes(world),
      ...checkReports(world, lake, names),
      ...checkMeasurements('database_measurements', withLake),
      ...checkMeasurements('disk_measurements', withLake),
      ...checkAccessLogs(withLake),
      ...checkAlerts(withLake),
      ...checkEvents(withLake),
      ...checkRankings(withLake),
      ...checkResources(withLake),
      ...checkCosts(withLake),
    ],
    rows: names.reduce((sum, name) => sum + lake.rows(name).length, 0),
  };
}

/** Checks that no batch is announced and no run holds a lease. */
function headersAtRest({ aws }: World): string[] {
  return aws.dynamodb.items
    .filter(({ sk }) => sk?.['S'] === 'header')
    .map(plain)
    .filter(({ pending, lease }) => lease !== null || pending !== null)
    .map(({ pk, pending, lease }) => `${String(pk)} ends with ${JSON.stringify({ pending, lease })}`);
}

/** The errors that may end a run: those of other runs and of AWS. Any other error is a bug in the collector. */
const EXPECTED =
  /^(LeaseLostError|ObjectExistsError|Error: the connection was lost)|^[A-Za-z]*(Exception|Error|Throttled|SlowDown|Failure|Conflict)\b/;

function mistakes({ crashes }: World): string[] {
  return crashes
    .filter(
      (error) => error instanceof TypeError || error instanceof RangeError || !EXPECTED.test(String(error)),
    )
    .map((error) => `a run ended with ${error instanceof Error ? error.stack : String(error)}`);
}
