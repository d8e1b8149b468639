import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { datasets } from '../../../functions/datasets.ts';
import { DAY, HOUR } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import type { Fault } from '../../../simulator/server.ts';
import { type LakeRow, tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';

const organisation = createOrganisation({
  projects: [
    {
      name: 'one',
      clusters: [
        { name: 'orders', nodes: 1 },
        { name: 'stock', nodes: 1 },
      ],
    },
  ],
});
const project = organisation.projects[0]?.id ?? '';

let scenario: Scenario;
beforeEach(async () => {
  scenario = await startScenario({ organisation, start: T });
});
afterEach(() => scenario.close());

const rowsOf = async (type?: string): Promise<LakeRow[]> =>
  (await tableRows(scenario.bucket, 'inventory')).filter(
    (row) => type === undefined || row['resource_type'] === type,
  );
const notesOf = async (): Promise<unknown[]> =>
  (await tableRows(scenario.bucket, 'collection_runs'))
    .map((row) => row['notes'])
    .filter((notes) => notes !== null);
const run = (at: number) => scenario.tick(at, ['inventory']);

describe('a refusal of Atlas is noted once a day, and is no failure', () => {
  test.each([
    [
      'of an endpoint that no longer exists',
      { operation: 'serverless_instance', status: 410, errorCode: 'FEATURE_GONE' },
    ],
    [
      'of an endpoint that answers 404',
      { operation: 'serverless_instance', status: 404, errorCode: 'RESOURCE_NOT_FOUND' },
    ],
    [
      'of an insufficient role',
      { operation: 'serverless_instance', status: 403, errorCode: 'USER_UNAUTHORIZED' },
    ],
    [
      'of an insufficient role, reported with 401',
      { operation: 'serverless_instance', status: 401, errorCode: 'USER_UNAUTHORIZED' },
    ],
  ])('%s', async (_name, { status, errorCode, operation }) => {
    await run(T);
    const before = await rowsOf();
    expect(before.some((row) => row['resource_type'] === 'serverless_restore_job')).toBe(true);
    scenario.simulator.faults.add({ kind: 'status', operation, status, errorCode });
    scenario.simulator.requests.reset();
    for (let hours = 1; hours <= 30; hours += 1) {
      for (const { outcome } of await run(T + hours * HOUR)) expect(outcome).toBe('complete');
    }
    const note = `serverless_instance cannot be read: Atlas answered ${status} ${errorCode}; the least role for it is Project Read Only`;
    // 29 of the runs are on March 2 and 3.
    expect(await notesOf()).toEqual([JSON.stringify([note]), JSON.stringify([note])]);
    // No known resource was removed, because no run could see the list.
    expect(await rowsOf()).toEqual(before);
  });

  test('and is requested again on the next day', async () => {
    const endFault = scenario.simulator.faults.add({
      kind: 'status',
      operation: 'custom_db_role',
      status: 403,
      errorCode: 'USER_UNAUTHORIZED',
    });
    await run(T);
    expect(await rowsOf('custom_db_role')).toEqual([]);
    endFault();
    await run(T + HOUR);
    expect(await rowsOf('custom_db_role')).toEqual([]);
    await run(T + DAY);
    expect((await rowsOf('custom_db_role')).map((row) => row['change'])).toEqual([
      'added',
      'added',
      'added',
      'added',
    ]);
  });

  test('of one parent only does not affect the others', async () => {
    scenario.simulator.faults.add({
      kind: 'status',
      pattern: /orders\/backupCheckpoints/,
      status: 400,
      errorCode: 'CANNOT_USE_ON_FLEX_CLUSTER',
    });
    await run(T);
    const parents = (await rowsOf('backup_checkpoint')).map((row) => row['parent']);
    expect(new Set(parents)).toEqual(new Set(['stock']));
    expect(await notesOf()).toHaveLength(1);
  });

  test.each([404, 405, 501])(
    'of everything, by an Atlas that knows none of these endpoints: %i',
    async (status) => {
      scenario.simulator.faults.add({
        kind: 'status',
        pattern: /\/(groups|orgs)\/\w/,
        status,
      });
      for (const dataset of ['inventory', 'cost_usage']) {
        const runs = await scenario.tick(T, [dataset]);
        expect(runs.length).toBeGreaterThan(0);
        for (const { outcome, failures } of runs)
          expect({ outcome, failures }).toEqual({ outcome: 'complete', failures: [] });
      }
      expect(await rowsOf()).toEqual([]);
      const notes = (await notesOf()).join();
      for (const type of ['project', 'project_user', 'process', 'organization'])
        expect(notes).toContain(`${type} cannot be read: Atlas answered ${status}`);
    },
  );

  test('of wrong credentials still ends the run', async () => {
    scenario.simulator.faults.add({ kind: 'status', operation: 'custom_db_role', status: 401 });
    const runs = await run(T);
    expect(runs.find((summary) => summary.project === project)).toMatchObject({ outcome: 'failed' });
  });
});

describe('a response that is not from Atlas is a failure, and the next tick tries again', () => {
  test.each<[string, Omit<Fault, 'operation' | 'kind'>]>([
    ['HTML with 401', { status: 401, html: true }],
    ['HTML with 403', { status: 403, html: true }],
    ['HTML with 404', { status: 404, html: true }],
    ['HTML with 410', { status: 410, html: true }],
    ['403 without an error code', { status: 403, codeless: true }],
    ['404 without an error code', { status: 404, codeless: true }],
    ['VERSION_GONE, which is from Atlas and about this program', { status: 410, errorCode: 'VERSION_GONE' }],
  ])('%s', async (_name, fault) => {
    await run(T);
    const before = await rowsOf();
    const end = scenario.simulator.faults.add({
      kind: 'status',
      pattern: /\/(clusters|processes|roles)$/,
      ...fault,
    });
    const [mine] = (await run(T + HOUR)).filter((summary) => summary.project === project);
    expect(mine).toMatchObject({ outcome: 'partial' });
    expect(mine?.failures.map(({ target }) => target)).toEqual(
      expect.arrayContaining(['cluster', 'process', 'custom_db_role']),
    );
    expect(await rowsOf()).toEqual(before);
    end();
    scenario.simulator.requests.reset();
    for (const { outcome } of await run(T + 2 * HOUR)) expect(outcome).toBe('complete');
    const asked = scenario.simulator.requests.list.map(({ path }) => path.split('/').at(-1));
    expect(asked).toEqual(expect.arrayContaining(['clusters', 'processes', 'roles']));
    expect(await rowsOf()).toEqual(before);
  });
});

describe('a list that could not be read completely removes nothing', () => {
  test.each<[string, Omit<Fault, 'operation'>]>([
    ['500', { kind: 'status', status: 500 }],
    ['a truncated body', { kind: 'cut-body' }],
    ['another shape', { kind: 'wrong-shape', body: { results: 3 } }],
    ['resources without an id', { kind: 'wrong-shape', body: { results: [{ username: 'x' }] } }],
  ])('%s', async (_name, fault) => {
    await run(T);
    const before = await rowsOf();
    const endFault = scenario.simulator.faults.add({ ...fault, operation: 'project_user' });
    for (const hours of [1, 2, 3]) {
      const [mine] = (await run(T + hours * HOUR)).filter((summary) => summary.project === project);
      expect(mine).toMatchObject({ outcome: 'partial', failedTargets: 1 });
    }
    endFault();
    await run(T + 4 * HOUR);
    expect(await rowsOf()).toEqual(before);
  });

  test("a project's own document that fails stops no other list", async () => {
    scenario.simulator.faults.add({ kind: 'status', pattern: `/groups/${project}$`, status: 500 });
    const [mine] = (await run(T)).filter((summary) => summary.project === project);
    expect(mine).toMatchObject({ outcome: 'partial', failedTargets: 1 });
    expect(new Set((await rowsOf('project_user')).map((row) => row['org_id']))).toEqual(new Set([null]));
  });

  test('a parent list that fails stops no other list', async () => {
    await run(T);
    const before = await rowsOf();
    scenario.simulator.faults.add({ kind: 'status', status: 500, operation: 'stream_instance' });
    for (const hours of [1, 2, 3]) await run(T + hours * HOUR);
    expect(await rowsOf()).toEqual(before);
  });
});

describe('a resource that a list lacks', () => {
  const without = (id: unknown) => ({
    results: [{ id: 'f00000000000000000000001', username: 'new@example.com' }, { id }].filter(
      (user) => user.id !== null,
    ),
  });

  test('is removed when two lists in a row lack it, not before', async () => {
    await run(T);
    const users = (await rowsOf('project_user')).map((row) => row['resource_id']);
    const endFault = scenario.simulator.faults.add({
      kind: 'wrong-shape',
      operation: 'project_user',
      body: without(null),
    });
    await run(T + HOUR);
    const changes = async () =>
      (await rowsOf('project_user'))
        .filter((row) => row['change'] === 'removed')
        .map((row) => row['resource_id']);
    expect(await changes()).toEqual([]);
    // The same tick again is no second list.
    await run(T + HOUR);
    expect(await changes()).toEqual([]);
    await run(T + 2 * HOUR);
    expect((await changes()).sort()).toEqual(users.sort());
    endFault();
    await run(T + 3 * HOUR);
    const last = (await rowsOf('project_user')).filter((row) => String(row['ts']).includes(' 15:'));
    expect(last.map((row) => row['change'])).toEqual(users.map(() => 'added'));
  });

  test('is not removed when it is missing once, as when pages shift', async () => {
    await run(T);
    const before = await rowsOf('project_user');
    scenario.simulator.faults.add({
      kind: 'wrong-shape',
      operation: 'project_user',
      body: { results: [] },
      count: 1,
    });
    for (const hours of [1, 2, 3]) await run(T + hours * HOUR);
    expect(await rowsOf('project_user')).toEqual(before);
  });
});

test('two collectors at once write each row once', async () => {
  const rival = await scenario.rival();
  const dataset = datasets.find(({ name }) => name === 'inventory');
  if (dataset === undefined) throw new Error('there is no inventory');
  await rival.dispatch(dataset, T);
  // A run that lost its lease ends with an error, and its message is delivered again.
  await Promise.allSettled([run(T), rival.work([dataset])]);
  await scenario.restart();
  await run(T + HOUR);
  const rows = (await rowsOf()).map(({ ts: _, collected_at: __, revision: ___, ...row }) =>
    JSON.stringify(row),
  );
  expect(rows.length).toBeGreaterThan(50);
  expect(new Set(rows).size).toBe(rows.length);
});

test('a client that may only read its projects finds no organisation, which is noted', async () => {
  await scenario.close();
  const client = { clientId: 'mdb_sa_id_one', clientSecret: 'mdb_sa_sk_one', projects: [project] };
  scenario = await startScenario({
    organisation,
    start: T,
    simulator: { clients: { serviceAccounts: [client] } },
  });
  for (const { outcome } of await run(T)) expect(outcome).toBe('complete');
  const rows = await rowsOf();
  expect(new Set(rows.map((row) => row['project_id']))).toEqual(new Set([project]));
  expect(new Set(rows.map((row) => row['org_id']))).toEqual(new Set([organisation.id]));
  const [notes] = await notesOf();
  expect(JSON.parse(String(notes))).toEqual(
    expect.arrayContaining([
      'organization cannot be read: Atlas answered 401 USER_UNAUTHORIZED; the least role for it is Organization Member',
    ]),
  );
});
