import { afterEach, expect, test } from 'vitest';
import { MINUTE } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { MEASUREMENTS, type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';

const TICK = 20 * MINUTE;
const [P, D, K] = [3, 5, 2];

let scenario: Scenario;
afterEach(() => scenario.close());

const organisation = createOrganisation({
  projects: [
    {
      name: 'reference',
      clusters: [
        {
          name: 'c',
          nodes: P,
          databases: Array.from({ length: D }, (_, number) => `db${number}`),
          disks: Array.from({ length: K }, (_, number) => `disk${number}`),
        },
        // A mongos costs no request. A process without data costs one, once.
        { name: 'asleep', nodes: [{ typeName: 'NO_DATA' }, { typeName: 'SHARD_MONGOS' }] },
      ],
    },
  ],
});

test('a tick without backlog sends at most 3 + P·D requests for databases and 3 + P·K for disks', async () => {
  scenario = await startScenario({ organisation, start: T });
  await scenario.tick(T, MEASUREMENTS);
  // Final checks of the oldest hours that the first tick read: Atlas is about to drop them.
  await scenario.tick(T + TICK, MEASUREMENTS);
  for (const [dataset, most] of [
    ['database_measurements', 3 + P * D],
    ['disk_measurements', 3 + P * K],
  ] as const) {
    scenario.simulator.requests.reset();
    const [run] = await scenario.tick(T + 2 * TICK, [dataset]);
    const { list } = scenario.simulator.requests;
    expect(list.length).toBeLessThanOrEqual(most);
    expect(list.filter(({ status }) => status !== 200)).toEqual([]);
    expect(run?.outcome).toBe('complete');
    // The run counts what was sent. The dispatch requests the list of projects.
    expect(run?.requests).toBe(list.length - 1);
  }
});

test('databases, disks and clusters are listed once an hour, processes in each run', async () => {
  scenario = await startScenario({ organisation, start: T });
  for (let at = T; at < T + 2 * 60 * MINUTE; at += TICK) await scenario.tick(at, MEASUREMENTS);
  const counts = scenario.simulator.requests.counts();
  expect(counts).toMatchObject({
    listProcesses: 12,
    // A process without data may have had some, so it is read once.
    listDatabases: 2 * P + 1,
    listDisks: 2 * P + 1,
    listClusters: 4,
  });
});

test('no request spans more than six hours, and two intervals more to see later points', async () => {
  scenario = await startScenario({ organisation, start: T });
  await scenario.tick(T, MEASUREMENTS);
  const windows = scenario.simulator.requests.list.filter(({ query }) => query.includes('granularity='));
  expect(windows.length).toBeGreaterThan(100);
  for (const { query } of windows) {
    const parameters = new URLSearchParams(query);
    const span = Date.parse(parameters.get('end') ?? '') - Date.parse(parameters.get('start') ?? '');
    expect(span).toBeLessThanOrEqual(6 * 60 * MINUTE + 12 * MINUTE);
    expect(span).toBeGreaterThan(0);
  }
});
