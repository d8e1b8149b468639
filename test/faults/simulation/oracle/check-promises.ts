import { datasets } from '../../../../functions/datasets.ts';
import { collectionGaps, collectionRuns, filledGaps } from '../../../../shared/engine/tables.ts';
import { plain } from '../cursor-changes.ts';
import type { World } from '../world.ts';
import { checkAccessLogs } from './access-logs.ts';
import { checkAlerts } from './alerts.ts';
import { checkBackfills } from './backfill-commits.ts';
import { checkClusterNames } from './cluster-names.ts';
import { checkCollectionRuns } from './collection-runs.ts';
import { checkCosts } from './costs.ts';
import { checkEvents } from './events.ts';
import { checkIndexSuggestions } from './index-suggestions.ts';
import { readLake } from './lake.ts';
import { checkLogs } from './logs.ts';
import { checkMeasurements } from './measurements.ts';
import { checkQueryShapes } from './query-shapes.ts';
import { checkRankedNamespaces } from './ranked-namespaces.ts';
import { checkReplacements } from './replacements.ts';
import { checkResources } from './resources.ts';
import { checkSelection } from './selection.ts';
import type { SimulatedHistory } from './simulated-history.ts';
import { checkSlowQueries } from './slow-queries.ts';

/** Returns one line for each broken promise. Its arithmetic asks neither the server nor the collector. */
export function checkPromises(simulated: Omit<SimulatedHistory, 'lake'>): {
  violations: string[];
  rows: number;
} {
  const { world } = simulated;
  const tables = [...datasets.flatMap((dataset) => dataset.tables), collectionGaps, filledGaps];
  const { lake, violations } = readLake(world.aws.s3.objects, world.observer, [...tables, collectionRuns]);
  const names = tables.map(({ name }) => name);
  const withLake = { ...simulated, lake };
  return {
    violations: [
      ...world.observer.violations,
      ...violations,
      ...checkHeaders(world),
      ...checkCrashes(world),
      ...checkCollectionRuns(world, lake, names),
      ...checkMeasurements('database_measurements', withLake),
      ...checkMeasurements('disk_measurements', withLake),
      ...checkMeasurements('process_measurements', withLake),
      ...checkMeasurements('search_measurements', withLake),
      ...checkAccessLogs(withLake),
      ...checkAlerts(withLake),
      ...checkEvents(withLake),
      ...checkSlowQueries(withLake),
      ...checkIndexSuggestions(withLake),
      ...checkQueryShapes(withLake),
      ...checkLogs('host_logs', 'messages', withLake),
      ...checkLogs('audit_logs', 'audit', withLake),
      ...checkRankedNamespaces(withLake),
      ...checkResources(withLake),
      ...checkCosts(withLake),
      ...checkBackfills(withLake),
      ...checkReplacements(world),
      ...checkSelection(withLake),
      ...checkClusterNames(withLake),
    ],
    rows: names.reduce((sum, name) => sum + lake.rows(name).length, 0),
  };
}

/** Checks that no batch is announced and no run holds a lease. */
function checkHeaders({ aws }: World): string[] {
  return aws.dynamodb.items
    .filter(({ sk }) => sk?.['S'] === 'header')
    .map(plain)
    .filter(({ pending, lease }) => lease !== null || pending !== null)
    .map(({ pk, pending, lease }) => `${String(pk)} ends with ${JSON.stringify({ pending, lease })}`);
}

/** The errors that may end a run: those of other runs and of AWS. Any other error is a bug in the collector. */
const EXPECTED_CRASHES =
  /^(LeaseLostError|ObjectExistsError|Error: the connection was lost)|^[A-Za-z]*(Exception|Error|Throttled|SlowDown|Failure|Conflict)\b/;

function checkCrashes({ crashes }: World): string[] {
  return crashes
    .filter(
      (error) =>
        error instanceof TypeError || error instanceof RangeError || !EXPECTED_CRASHES.test(String(error)),
    )
    .map((error) => `a run ended with ${error instanceof Error ? error.stack : String(error)}`);
}
