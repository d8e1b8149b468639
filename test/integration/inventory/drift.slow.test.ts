import { afterEach, expect, test } from 'vitest';
import { DAY, HOUR } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { jobId } from '../../../simulator/resources/streams-and-jobs.ts';
import {
  comparableRow,
  expectedInventory,
  type Snapshot,
  snapshotOf,
} from '../../support/expected-inventory.ts';
import { compare, exactly } from '../../support/expected-rows.ts';
import { tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';

let scenario: Scenario;
afterEach(() => scenario.close());

const projects = [
  {
    name: 'one',
    clusters: [
      { name: 'orders', nodes: 2 },
      { name: 'stock', nodes: 1 },
    ],
  },
  { name: 'two', clusters: [{ name: 'orders', nodes: 1 }] },
  {
    name: 'three',
    clusters: [
      { name: 'events', type: 'SHARDED' as const, nodes: 1, shards: 1, configNodes: 1 },
      { name: 'free', nodes: 1, instanceSize: 'M0' },
    ],
  },
];

/** Returns the ids of resources that no endpoint lists, as the configuration names them. */
function configFor(organisation: ReturnType<typeof createOrganisation>) {
  const ids = (job: 'validation' | 'load') =>
    Object.fromEntries(
      organisation.projects.map((project) => [project.id, [jobId({ organisation, project }, job)]]),
    );
  const resources = { migration_validation: ids('validation'), sample_dataset_load: ids('load') };
  return { datasets: { inventory: { resources } } };
}

async function start(drift: boolean): Promise<Scenario> {
  const organisation = createOrganisation({ projects, drift });
  return startScenario({ organisation, start: T, config: configFor(organisation) });
}

test('each change of each resource is one row over eight days of changes', async () => {
  scenario = await start(true);
  const ticks: { at: number; snapshot: Snapshot }[] = [];
  for (let at = T; at <= T + 8 * DAY; at += 8 * HOUR) {
    ticks.push({ at, snapshot: await snapshotOf(scenario.simulator, at) });
    const runs = await scenario.tick(at, ['inventory']);
    expect(runs.map(({ outcome }) => outcome)).toEqual(['complete', 'complete', 'complete', 'complete']);
  }
  const expected = expectedInventory(scenario.simulator.organisation.id, ticks);
  const rows = await tableRows(scenario.bucket, 'inventory');
  expect(compare(rows.map(comparableRow), expected)).toEqual(exactly(expected));

  const changes = new Set(rows.map((row) => row['change']));
  expect(changes).toEqual(new Set(['added', 'changed', 'removed', 'snapshot']));
  const types = new Set(rows.map((row) => row['resource_type']));
  expect(types).toEqual(
    new Set(ticks.flatMap(({ snapshot }) => [...snapshot.values()].map(({ kind }) => kind))),
  );
});

test('two runs over an unchanged organisation write no row', async () => {
  scenario = await start(false);
  await scenario.tick(T, ['inventory']);
  const first = await tableRows(scenario.bucket, 'inventory');
  expect(first.length).toBeGreaterThan(50);
  for (const hours of [1, 2, 3]) {
    const runs = await scenario.tick(T + hours * HOUR, ['inventory']);
    expect(runs.map(({ outcome, rows }) => [outcome, rows])).toEqual([
      ['complete', 0],
      ['complete', 0],
      ['complete', 0],
      ['complete', 0],
    ]);
  }
  await scenario.restart();
  await scenario.tick(T + 4 * HOUR, ['inventory']);
  expect(await tableRows(scenario.bucket, 'inventory')).toEqual(first);
});
