import { afterEach, expect, test } from 'vitest';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { lakeFaults } from '../../support/lake-check.ts';
import { tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';

const T = Date.parse('2026-03-02T12:00:00Z');
let scenario: Scenario;
afterEach(() => scenario.close());

test.each([
  'database_measurements',
  'disk_measurements',
  'ranked_namespaces',
  'access_logs',
  'alerts',
  'inventory',
  'cost_usage',
])('%s', async (dataset) => {
  scenario = await startScenario({ organisation: createOrganisation(), start: T });
  const runs = await scenario.tick(T, [dataset]);
  expect(runs.map(({ outcome }) => outcome)).toContain('complete');
  expect(await lakeFaults(scenario.bucket)).toEqual([]);
  expect((await tableRows(scenario.bucket, dataset)).length).toBeGreaterThan(0);
});
