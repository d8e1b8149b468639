import { afterEach, expect, test } from 'vitest';
import { DAY } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { lakeViolations } from '../../support/lake-check.ts';
import { tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';

/** More days than it takes for an unlisted target to become dormant. */
const AWAY = 95;

let scenario: Scenario;
afterEach(() => scenario.close());

const shape = (name: string, nodes: object[]) => ({
  name,
  clusters: [{ name: `${name}c`, nodes, databases: ['orders'], disks: ['data'] }],
});

test('a disk that comes back after 95 days does not have its past written a second time', async () => {
  const organisation = createOrganisation({ projects: [shape('p', [{}, {}])] });
  const config = { datasets: { disk_measurements: { backfill: 'P100D', granularity: 'PT1H' } } };
  scenario = await startScenario({ organisation, start: T, config });
  const only = ['disk_measurements'];
  await scenario.tick(T, only);
  await scenario.tick(T + DAY, only);
  const processes = organisation.projects[0]?.processes ?? [];
  const paused = processes.splice(1, 1);
  for (let day = 2; day <= AWAY; day += 1) await scenario.tick(T + day * DAY, only);
  const before = await tableRows(scenario.bucket, 'disk_measurements');
  processes.push(...paused);
  await scenario.tick(T + (AWAY + 1) * DAY, only);
  const rows = (await tableRows(scenario.bucket, 'disk_measurements')).filter(
    (row) => row['process_id'] === paused[0]?.id,
  );
  const identities = rows.map((row) => `${row['measurement']} ${row['granularity']} ${row['ts']}`);
  expect(identities.length).toBe(new Set(identities).size);
  // It continues where it was read to, and is collected again.
  const pausedBefore = before.filter((row) => row['process_id'] === paused[0]?.id);
  expect(rows.length).toBeGreaterThan(pausedBefore.length);
  expect(await lakeViolations(scenario.bucket)).toEqual([]);
}, 240_000);

test('a project that comes back after 95 days has changes of amounts that add up to its amounts', async () => {
  const organisation = createOrganisation({ projects: [shape('stays', [{}]), shape('away', [{}])] });
  scenario = await startScenario({ organisation, start: T });
  const only = ['cost_usage'];
  await scenario.tick(T, only);
  await scenario.tick(T + DAY, only);
  const [away] = organisation.projects.splice(1, 1);
  if (!away) throw new Error('no second project');
  for (let day = 2; day < AWAY; day += 1) await scenario.tick(T + day * DAY, only);
  organisation.projects.push(away);
  await scenario.tick(T + AWAY * DAY, only);
  const rows = (await tableRows(scenario.bucket, 'cost_usage')).filter(
    (row) => row['project_id'] === away.id && row['level'] === 'project',
  );
  const months = Map.groupBy(rows, (row) => `${row['ts']} ${row['service']}`);
  expect(months.size).toBeGreaterThan(10);
  for (const [month, changes] of months) {
    const sum = changes.reduce((total, row) => total + Number(row['amount_change']), 0);
    const last = changes.toSorted((a, b) => Number(a['revision']) - Number(b['revision'])).at(-1);
    expect([month, sum.toFixed(4)]).toEqual([month, Number(last?.['amount']).toFixed(4)]);
  }
}, 240_000);
