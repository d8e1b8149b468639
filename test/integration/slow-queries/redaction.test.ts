import { afterEach, expect, test } from 'vitest';
import { MINUTE } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { LITERAL } from '../../../simulator/slow-queries.ts';
import { lakeObjects, tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';

let scenario: Scenario;
afterEach(() => scenario.close());

const organisation = createOrganisation({
  projects: [{ name: 'p', clusters: [{ name: 'c', nodes: 1, slowQueries: { perHour: 400 } }] }],
});

async function collect(redact: boolean | undefined): Promise<string> {
  const config = {
    datasets: { slow_queries: { backfill: 'PT1H', ...(redact !== undefined && { redact }) } },
  };
  scenario = await startScenario({ organisation, start: T, config });
  for (const tick of [T, T + 20 * MINUTE]) await scenario.tick(tick, ['slow_queries']);
  expect((await tableRows(scenario.bucket, 'slow_queries')).length).toBeGreaterThan(100);
  return JSON.stringify(await lakeObjects(scenario.bucket));
}

test('literal values of slow queries reach no row, no note and no commit record of the lake by default', async () => {
  const everything = await collect(undefined);
  expect(everything).not.toContain(LITERAL);
  expect(everything).not.toContain('@example.com');
  // The numbers and ids in the lines.
  expect(everything).not.toMatch(/40{5}\d{9}|5e5e5e5e/);
});

test('literal values of slow queries are in the lake if the configuration keeps them', async () => {
  expect(await collect(false)).toContain(LITERAL);
});
