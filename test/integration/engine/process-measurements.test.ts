import { afterEach, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import {
  compare,
  exactly,
  expectedRows,
  PROCESSES,
  settledAt,
  targetsOf,
} from '../../support/expected-rows.ts';
import { lakeViolations } from '../../support/lake-check.ts';
import { tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';

const TICK = 20 * MINUTE;

/** Two projects: only the second has a cluster that is large enough for ten seconds. */
const organisation = createOrganisation({
  projects: [
    { name: 'small', clusters: [{ name: 's', type: 'SHARDED', shards: 1, nodes: 1, configNodes: 1 }] },
    { name: 'large', clusters: [{ name: 'l', nodes: 1, instanceSize: 'M40' }] },
  ],
});
const large = organisation.projects[1]?.id;

let scenario: Scenario;
afterEach(() => scenario.close());

async function start(settings: object): Promise<void> {
  const config = { datasets: { process_measurements: { backfill: 'PT1H', ...settings } } };
  scenario = await startScenario({ organisation, start: T, config });
}

async function run(tick: number): Promise<void> {
  const runs = await scenario.tick(tick, [PROCESSES.table]);
  expect(new Set(runs.map(({ outcome }) => outcome))).toEqual(new Set(['complete']));
}

/** Returns the rows of all processes from an hour before the first tick to the settled time of the last one. */
function expected(
  last: number,
  granularityOf: (projectId: string) => 'PT10S' | 'PT1M' = () => 'PT1M',
): string[] {
  return targetsOf(organisation, PROCESSES).flatMap((target) =>
    expectedRows(organisation, target, {
      granularity: granularityOf(target.projectId),
      from: T - HOUR,
      to: settledAt(PROCESSES, last),
      readAt: last,
    }),
  );
}

async function expectRows(rows: readonly string[]): Promise<void> {
  expect(compare(await tableRows(scenario.bucket, PROCESSES.table), rows)).toEqual(exactly(rows));
  expect(await lakeViolations(scenario.bucket)).toEqual([]);
}

test('every series of each mongod and mongos is written once, with one request for each process and tick', async () => {
  await start({});
  await run(T);
  const before = scenario.simulator.requests.list.length;
  await run(T + TICK);
  await expectRows(expected(T + TICK));
  const reads = scenario.simulator.requests.list
    .slice(before)
    .filter(({ operation }) => operation === 'processMeasurements');
  expect(reads).toHaveLength(targetsOf(organisation, PROCESSES).length);
});

test('only selected series are written', async () => {
  await start({ measurements: ['CONNECTIONS', '*_CPU_USER'] });
  await run(T);
  const rows = expected(T).filter((row) => /"measurement":"(CONNECTIONS|\w+_CPU_USER)"/.test(row));
  await expectRows(rows);
});

test('ten seconds are read where the project has them, and minutes elsewhere', async () => {
  await start({ granularity: 'PT10S', measurements: ['CONNECTIONS', 'OPCOUNTER_*'] });
  await run(T);
  await run(T + TICK);
  const rows = expected(T + TICK, (id) => (id === large ? 'PT10S' : 'PT1M'));
  await expectRows(rows.filter((row) => /"measurement":"(CONNECTIONS|OPCOUNTER_\w+)"/.test(row)));
  expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
});
