import { afterEach, expect, test } from 'vitest';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { DAY } from '../../support/expected-rows.ts';
import { tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';

const START = Date.parse('2026-03-02T12:00:00Z');
const PROJECTS = 900;

let scenario: Scenario;
afterEach(() => scenario.close());

/** Each look at the clock takes 50 ms here: listing the clusters of all projects takes longer than a run has. */
test('an organisation of 900 projects gets all of its costs, once', { timeout: 300_000 }, async () => {
  scenario = await startScenario({
    organisation: createOrganisation({
      projects: Array.from({ length: PROJECTS }, (_, number) => ({
        name: `p${number}`,
        clusters: [{ name: 'c', nodes: [{}], databases: [], disks: [] }],
      })),
    }),
    start: START,
    config: { datasets: { cost_usage: { backfill: 'P1D' } } },
    step: 50,
  });
  const [first] = await scenario.tick(START, ['cost_usage']);
  expect(first?.rows).toBeGreaterThan(0);
  const [last] = await scenario.tick(START + DAY / 4, ['cost_usage']);
  expect(last?.outcome).toBe('complete');
  const rows = await tableRows(scenario.bucket, 'cost_usage');
  const clusters = rows.filter((row) => row['level'] === 'cluster');
  expect(new Set(clusters.map((row) => row['project_id'])).size).toBe(PROJECTS);
  const first_amounts = new Set(
    rows.map((row) =>
      JSON.stringify([row['project_id'], row['cluster_id'], row['service'], row['ts'], row['amount']]),
    ),
  );
  expect(first_amounts.size).toBe(rows.length);
});
