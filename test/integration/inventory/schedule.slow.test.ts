import { afterEach, beforeEach, expect, test } from 'vitest';
import { CATALOGUE } from '../../../functions/inventory/catalogue/catalogue.ts';
import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';

/** The types of database users, access, keys, backups, search, archives, protection and invoices. */
const ADDED = [
  ...['database_user', 'access_list_entry', 'project_api_key', 'organization_api_key', 'organization_user'],
  ...['backup_schedule', 'backup_snapshot', 'sharded_backup_snapshot', 'search_index', 'online_archive'],
  ...['maintenance_window', 'auditing', 'encryption_at_rest', 'invoice'],
];

/** The reference project has three processes and at most three clusters. */
const organisation = createOrganisation({
  projects: [
    {
      name: 'one',
      clusters: [
        { name: 'orders', nodes: 1 },
        { name: 'stock', nodes: 1 },
        { name: 'sharded', type: 'SHARDED', nodes: 1, shards: 1, configNodes: 0 },
      ],
    },
  ],
});

let scenario: Scenario;
beforeEach(async () => {
  scenario = await startScenario({ organisation, start: T });
});
afterEach(() => scenario.close());

const run = async (at: number) => {
  const runs = await scenario.tick(at, ['inventory']);
  for (const { outcome, failures } of runs)
    expect({ outcome, failures }).toEqual({ outcome: 'complete', failures: [] });
  return runs;
};

/** Returns how often each operation was requested, and forgets it. */
function requested(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { operation } of scenario.simulator.requests.list)
    counts.set(operation ?? '', (counts.get(operation ?? '') ?? 0) + 1);
  scenario.simulator.requests.reset();
  return counts;
}

test('the ticks of a day read daily lists once and the others each time, within 20 requests an hour', async () => {
  await run(T);
  requested();
  const ticks = [1, 2, 3, 22, 23, 24];
  for (const hours of ticks) {
    for (const { lagSeconds } of await run(T + hours * HOUR)) expect(lagSeconds).toBeLessThan(5 * 60);
  }
  const counts = requested();
  const clusters = new Map(
    Object.entries({ backup_schedule: 3, backup_snapshot: 2, search_index: 3, online_archive: 3 }),
  );
  for (const name of ADDED) {
    const { read } = CATALOGUE.find((type) => type.name === name) ?? {};
    expect([name, counts.get(name)]).toEqual([
      name,
      (read === 'daily' ? 1 : ticks.length) * (clusters.get(name) ?? 1),
    ]);
  }
  const perHour = ADDED.map((name) => {
    const { read } = CATALOGUE.find((type) => type.name === name) ?? {};
    return (counts.get(name) ?? 0) / (read === 'daily' ? 24 : ticks.length);
  });
  expect(perHour.reduce((sum, count) => sum + count, 0)).toBeLessThan(20);
  // The list of another kind of clusters is never requested, so nothing was refused.
  expect((await tableRows(scenario.bucket, 'collection_runs')).map(({ notes }) => notes)).not.toContainEqual(
    expect.stringContaining('snapshot'),
  );
});

test('a resource that a daily list lacks is removed after the next tick', async () => {
  await run(T);
  const removed = async () =>
    (await tableRows(scenario.bucket, 'inventory')).filter(
      (row) => row['resource_type'] === 'online_archive' && row['change'] === 'removed',
    );
  const end = scenario.simulator.faults.add({
    kind: 'wrong-shape',
    operation: 'online_archive',
    body: { results: [] },
  });
  await run(T + DAY);
  expect(await removed()).toEqual([]);
  await run(T + DAY + HOUR);
  const rows = await removed();
  expect(rows.length).toBeGreaterThan(0);
  end();
  requested();
  await run(T + DAY + 2 * HOUR);
  expect(requested().get('online_archive')).toBeUndefined();
});

test('a daily list that fails is read again at the next tick', async () => {
  const end = scenario.simulator.faults.add({ kind: 'status', operation: 'auditing', status: 500 });
  const runs = await scenario.tick(T, ['inventory']);
  expect(runs.find(({ project }) => project === organisation.projects[0]?.id)).toMatchObject({
    outcome: 'partial',
    failedTargets: 1,
  });
  end();
  requested();
  await scenario.restart();
  await run(T + HOUR);
  expect(requested().get('auditing')).toBe(1);
  await run(T + 2 * HOUR);
  expect(requested().get('auditing')).toBeUndefined();
});

test('a project without a maintenance window has none, with or without links', async () => {
  for (const [index, body] of [{}, { links: [] }].entries()) {
    const end = scenario.simulator.faults.add({ kind: 'wrong-shape', operation: 'maintenance_window', body });
    await run(T + index * DAY);
    end();
  }
  const rows = await tableRows(scenario.bucket, 'inventory');
  expect(rows.filter((row) => row['resource_type'] === 'maintenance_window')).toEqual([]);
});

test('a cluster without backups has no schedule, and one of a small tier refuses, which is noted', async () => {
  await scenario.close();
  const clusters = [
    { name: 'unsaved', nodes: 1, backups: false },
    { name: 'free', nodes: 1, instanceSize: 'M0' },
  ];
  scenario = await startScenario({
    organisation: createOrganisation({ projects: [{ name: 'one', clusters }] }),
    start: T,
  });
  await run(T);
  await run(T + 30 * MINUTE);
  const types = (await tableRows(scenario.bucket, 'inventory')).map((row) => row['resource_type']);
  expect(types.filter((type) => String(type).includes('backup_s'))).toEqual([]);
  expect(types).toContain('search_index');
  const notes = (await tableRows(scenario.bucket, 'collection_runs'))
    .map((row) => String(row['notes']))
    .join();
  for (const type of ['backup_schedule', 'backup_snapshot', 'online_archive'])
    expect(notes).toContain(`${type} cannot be read: Atlas answered 400 CLUSTER_TIER_NOT_SUPPORTED`);
});
