import { afterEach, expect, test } from 'vitest';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { compare, DATABASES, exactly, expectedOf } from '../../support/expected-rows.ts';
import { lakeObjects, tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';

let scenario: Scenario;
afterEach(() => scenario.close());

const organisation = createOrganisation({
  projects: [
    {
      name: 'many',
      clusters: [
        { name: 'c', nodes: 3, databases: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], disks: ['data'] },
      ],
    },
  ],
});

test('a run without time left commits what it has, and continuations do the rest', async () => {
  // Each request reads the clock about ten times, so the five minutes of a function end long before everything is read.
  scenario = await startScenario({ organisation, start: T, step: 250 });
  const runs = await scenario.tick(T, ['database_measurements']);
  expect(runs).toMatchObject([{ outcome: 'complete', remaining: 0 }]);
  const expected = expectedOf(organisation, DATABASES, { first: T, last: T });
  expect(compare(await tableRows(scenario.bucket, DATABASES.table), expected)).toEqual(exactly(expected));
  const reported = await tableRows(scenario.bucket, 'collection_runs');
  expect(reported.length).toBeGreaterThan(1);
  expect(reported.map(({ outcome }) => outcome)).toEqual([
    ...reported.slice(1).map(() => 'continued'),
    'complete',
  ]);
  // Each row counts its own run and what that run wrote, so that sums over rows are right.
  expect(reported.reduce((sum, { rows }) => sum + Number(rows), 0)).toBe(expected.length);
});

test('two collectors that both consider the other dead write nothing twice and lose nothing', async () => {
  scenario = await startScenario({ organisation, start: T });
  const rival = await scenario.rival();
  const [dataset] = (await import('../../../functions/datasets.ts')).datasets;
  if (!dataset) throw new Error('no dataset');
  await rival.dispatch(dataset, T);
  // One of the two loses its lease, in any step; that ends its run with an error.
  const outcomes = await Promise.allSettled([scenario.tick(T, [dataset.name]), rival.work([dataset])]);
  const lost = outcomes.filter(({ status }) => status === 'rejected').length + rival.crashes.length;
  expect(lost).toBeGreaterThanOrEqual(1);
  await scenario.restart();
  await scenario.tick(T, [dataset.name]);
  const expected = expectedOf(organisation, DATABASES, { first: T, last: T });
  expect(compare(await tableRows(scenario.bucket, DATABASES.table), expected)).toEqual(exactly(expected));
  const objects = await lakeObjects(scenario.bucket);
  expect(new Set(objects.map(({ key }) => key)).size).toBe(objects.length);
});
