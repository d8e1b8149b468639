import { afterEach, describe, expect, test } from 'vitest';
import { HOUR } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';

const START = Date.parse('2026-03-02T12:00:00Z');

let scenario: Scenario;
afterEach(() => scenario.close());

const start = async () => {
  scenario = await startScenario({
    organisation: createOrganisation({
      projects: [
        {
          name: 'p',
          clusters: [
            {
              name: 'c',
              nodes: 1,
              databases: [{ name: 'orders', collections: ['items'] }],
              accessLogs: { perHour: 60 },
            },
          ],
        },
      ],
    }),
    start: START,
  });
};

describe.each([
  ['disk_measurements', 'cluster_name'],
  ['database_measurements', 'cluster_name'],
  ['ranked_namespaces', 'cluster_name'],
  ['access_logs', 'cluster_name'],
])('%s while the list of clusters fails', (dataset, column) => {
  test('continues with the last known name and reports the failure', async () => {
    await start();
    await scenario.tick(START, [dataset]);
    scenario.simulator.faults.add({ kind: 'status', status: 500, operation: 'listClusters' });
    const before = (await tableRows(scenario.bucket, dataset)).length;
    for (const hours of [3, 6]) {
      const [run] = await scenario.tick(START + hours * HOUR, [dataset]);
      expect(run).toMatchObject({ outcome: 'complete', failedTargets: 0 });
    }
    const rows = await tableRows(scenario.bucket, dataset);
    expect(rows.length).toBeGreaterThan(before);
    expect(new Set(rows.map((row) => row[column]))).toEqual(new Set(['c']));
    const notes = (await tableRows(scenario.bucket, 'collection_runs')).map((row) => String(row['notes']));
    expect(notes).toContainEqual(expect.stringContaining('the list of clusters cannot be read'));
  });

  test('starts without a name, and has it when the list is back', async () => {
    await start();
    const end = scenario.simulator.faults.add({ kind: 'wrong-shape', operation: 'listClusters' });
    const [run] = await scenario.tick(START, [dataset]);
    expect(run?.outcome).toBe('complete');
    const nameless = await tableRows(scenario.bucket, dataset);
    expect(nameless.length).toBeGreaterThan(0);
    expect(new Set(nameless.map((row) => row[column]))).toEqual(new Set([null]));
    end();
    await scenario.tick(START + 2 * HOUR, [dataset]);
    const rows = await tableRows(scenario.bucket, dataset);
    expect(new Set(rows.slice(nameless.length).map((row) => row[column]))).toContain('c');
  });
});

test('costs of an organisation continue while the clusters of a project cannot be listed', async () => {
  await start();
  await scenario.tick(START, ['cost_usage']);
  scenario.simulator.faults.add({ kind: 'status', status: 500, operation: 'listClusters' });
  const [run] = await scenario.tick(START + 48 * HOUR, ['cost_usage']);
  expect(run).toMatchObject({ outcome: 'partial', failedTargets: 1 });
  const rows = await tableRows(scenario.bucket, 'cost_usage');
  expect(new Set(rows.map((row) => row['level']))).toEqual(new Set(['organisation', 'project', 'cluster']));
});
