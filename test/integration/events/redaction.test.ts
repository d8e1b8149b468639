import { afterEach, expect, test } from 'vitest';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { lakeObjects, tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';

let scenario: Scenario;
afterEach(() => scenario.close());

const organisation = createOrganisation({
  projects: [{ name: 'p', clusters: [{ name: 'c', nodes: 1 }], events: { perHour: 60 } }],
  events: { perHour: 60 },
});

const PERSONAL = ['ann@example.com', 'chris@example.org', '192.0.2.17', 'nmtxqlkl', 'app-1'];

test('withheld actors, targets, addresses and documents of events reach no file of the lake', async () => {
  const redact = {
    events: { actor: 'hash', actor_id: 'drop', target: 'hash', remote_address: 'drop', document: 'drop' },
  };
  const config = { datasets: { events: { backfill: 'PT6H' } }, redact };
  scenario = await startScenario({ organisation, start: T, config, redactionKey: 'a key' });
  await scenario.tick(T, ['events']);
  const rows = await tableRows(scenario.bucket, 'events');
  expect(rows.length).toBeGreaterThan(300);
  expect(new Set(rows.map(({ actor }) => actor)).size).toBeGreaterThan(4);
  const everything = JSON.stringify(await lakeObjects(scenario.bucket));
  for (const personal of PERSONAL) expect(everything).not.toContain(personal);
});
