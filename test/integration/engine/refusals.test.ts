import { afterEach, expect, test } from 'vitest';
import { DAY, HOUR } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';

let scenario: Scenario;
afterEach(() => scenario.close());

const organisation = createOrganisation({
  projects: [
    {
      name: 'p',
      clusters: [
        {
          name: 'c',
          nodes: 2,
          databases: [{ name: 'd', collections: ['x'] }],
          disks: ['data'],
          accessLogs: { perHour: 30 },
        },
      ],
    },
  ],
});
const process = organisation.projects[0]?.processes[0]?.id ?? '';

const notes = async (): Promise<string> =>
  (await tableRows(scenario.bucket, 'collection_runs')).map((row) => row['notes'] ?? '').join('\n');

test.each([
  [401, 'access_logs', 'accessHistory', /access logs cannot be read: Atlas answered 401 USER_UNAUTHORIZED/],
  [403, 'access_logs', 'accessHistory', /the least role for them is Project Monitoring Admin/],
  [401, 'ranked_namespaces', 'rankedNamespaces', /gives no ranked namespaces.*401 USER_UNAUTHORIZED/],
  [401, 'disk_measurements', 'diskMeasurements', /the role of the credential does not suffice.*401/],
])('an insufficient role, reported with %d, is a note of %s', async (status, dataset, operation, note) => {
  scenario = await startScenario({ organisation, start: T });
  const grant = scenario.simulator.faults.add({
    kind: 'status',
    operation,
    status,
    errorCode: 'USER_UNAUTHORIZED',
  });
  const runs = await scenario.tick(T, [dataset]);
  expect(runs).toMatchObject([{ outcome: 'complete', failedTargets: 0 }]);
  expect(await notes()).toMatch(note);
  grant();
  await scenario.tick(T + DAY, [dataset]);
  const rows = await tableRows(scenario.bucket, dataset);
  // What Atlas kept all the time is not lost with the days without a role.
  expect(rows.some((row) => Date.parse(`${String(row['ts'])}Z`) < T)).toBe(true);
});

test('a process whose measurements Atlas always rejects is noted, and the others continue', async () => {
  scenario = await startScenario({ organisation, start: T });
  scenario.simulator.faults.add({
    kind: 'status',
    processId: process,
    pattern: /measurements$/,
    status: 400,
    errorCode: 'NO_MEASUREMENTS_OF_THIS_TYPE',
  });
  for (const at of [T, T + HOUR]) {
    const runs = await scenario.tick(at, ['disk_measurements']);
    expect(runs).toMatchObject([{ outcome: 'complete', failedTargets: 0 }]);
    expect(runs[0]?.lagSeconds).toBeLessThan(3_600);
  }
  expect(await notes()).toContain('diskMeasurements: a target has nothing of this kind: Atlas answered 400');
  const rows = await tableRows(scenario.bucket, 'disk_measurements');
  expect(new Set(rows.map((row) => row['process_id'])).size).toBe(1);
});

test('a 401 of a gateway for one process fails it alone, until the gateway is gone', async () => {
  scenario = await startScenario({ organisation, start: T });
  const fault = { kind: 'status', status: 401, html: true } as const;
  const end = scenario.simulator.faults.add({ ...fault, processId: process, pattern: /measurements$/ });
  const processes = async () =>
    new Set((await tableRows(scenario.bucket, 'disk_measurements')).map((row) => row['process_id']));
  const [first] = await scenario.tick(T, ['disk_measurements']);
  expect(first).toMatchObject({ outcome: 'partial', failedTargets: 1 });
  expect((await processes()).size).toBe(1);
  end();
  const [second] = await scenario.tick(T + HOUR, ['disk_measurements']);
  expect(second).toMatchObject({ outcome: 'complete' });
  expect((await processes()).size).toBe(2);
});

test('a 401 of a gateway for labels stops nothing', async () => {
  scenario = await startScenario({ organisation, start: T });
  scenario.simulator.faults.add({ kind: 'status', operation: 'listClusters', status: 401, html: true });
  const runs = await scenario.tick(T, ['disk_measurements']);
  expect(runs).toMatchObject([{ outcome: 'complete', failedTargets: 0 }]);
  const rows = await tableRows(scenario.bucket, 'disk_measurements');
  expect(new Set(rows.map((row) => row['process_id'])).size).toBe(2);
  expect(new Set(rows.map((row) => row['cluster_name']))).toEqual(new Set([null]));
});

test.each([
  { status: 400, errorCode: 'INVALID_GRANULARITY' },
  { status: 403, html: true },
  { status: 404, html: true },
  { status: 401, html: true },
  { status: 401, errorCode: 'UNEXPECTED_ERROR' },
])('another refusal of access logs is a failure: %o', async (fault) => {
  scenario = await startScenario({ organisation, start: T });
  scenario.simulator.faults.add({ kind: 'status', operation: 'accessHistory', ...fault });
  const [run] = await scenario.tick(T, ['access_logs']);
  expect(run?.failedTargets).toBeGreaterThan(0);
});
