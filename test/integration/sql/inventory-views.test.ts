import { afterEach, beforeEach, expect, test } from 'vitest';
import { DAY, HOUR } from '../../../shared/durations.ts';
import type { AnyRow, Table } from '../../../shared/lake/table.ts';
import { lakeTime } from '../../support/times.ts';
import { createWrittenLake, type WrittenLake } from '../../support/written-lake.ts';
import { costRow, costUsage, day, inventory, inventoryRow, PROJECT } from '../../support/written-rows.ts';

const START = Date.parse('2026-03-02T00:00:00Z');

let lake: WrittenLake;
beforeEach(async () => {
  lake = await createWrittenLake();
});
afterEach(() => lake.remove());

/** Writes each row in a separate batch, in reverse order. */
async function writeApart(table: Table, rows: readonly AnyRow[]): Promise<void> {
  for (const row of [...rows].reverse()) await lake.write({ table, rows: [row] });
}

test('current_inventory shows existing resources, and inventory_drift_daily counts changes by day', async () => {
  const row = (resource_id: string, change: string, ts: number, parent: string | null = null) =>
    inventoryRow({
      resource_type: 'disk',
      parent,
      resource_id,
      change,
      document: change === 'removed' ? null : JSON.stringify({ ts }),
      ts,
    });
  await writeApart(inventory, [
    // The organisation was not known yet.
    { ...row('a', 'added', START), org_id: null },
    row('b', 'added', START),
    row('a', 'added', START, 'elsewhere'),
    row('a', 'changed', START + DAY),
    row('a', 'changed', START + DAY + HOUR),
    row('b', 'removed', START + DAY),
    row('a', 'snapshot', START + 7 * DAY),
    row('b', 'added', START + 2 * DAY),
    row('b', 'removed', START + 3 * DAY),
  ]);
  expect(
    await lake.ask(
      'SELECT resource_id, parent, document, dt FROM current_inventory ORDER BY parent NULLS FIRST',
    ),
  ).toEqual([
    {
      resource_id: 'a',
      parent: null,
      document: JSON.stringify({ ts: START + 7 * DAY }),
      dt: day(START + 7 * DAY),
    },
    { resource_id: 'a', parent: 'elsewhere', document: JSON.stringify({ ts: START }), dt: day(START) },
  ]);
  const drift = await lake.ask(
    'SELECT dt, CAST(sum(added) AS integer) AS added, CAST(sum(changed) AS integer) AS changed, CAST(sum(removed) AS integer) AS removed FROM inventory_drift_daily GROUP BY dt ORDER BY dt',
  );
  expect(drift).toEqual([
    { dt: day(START), added: 3, changed: 0, removed: 0 },
    { dt: day(START + DAY), added: 0, changed: 2, removed: 1 },
    { dt: day(START + 2 * DAY), added: 1, changed: 0, removed: 0 },
    { dt: day(START + 3 * DAY), added: 0, changed: 0, removed: 1 },
  ]);
});

test('costs_monthly adds up the changes of a month and compares months on the same level', async () => {
  const row = (level: string, month: string, change: number, amount: number, read: number) =>
    costRow({
      level,
      ts: Date.parse(`${month}-01T00:00:00Z`),
      amount,
      amount_change: change,
      collected_at: START + read,
    });
  await writeApart(costUsage, [
    row('organisation', '2026-01', 100, 100, 0),
    row('organisation', '2026-01', 2.5, 102.5, 1),
    row('organisation', '2026-02', 40, 40, 0),
    row('project', '2026-01', 60, 60, 0),
    row('project', '2026-02', 90, 90, 0),
    row('project', '2026-02', -20, 70, 1),
  ]);
  expect(
    await lake.ask(
      'SELECT dt, level, amount, previous_amount, amount_growth FROM costs_monthly ORDER BY level, dt',
    ),
  ).toEqual([
    { dt: '2026-01-01', level: 'organisation', amount: 102.5, previous_amount: null, amount_growth: null },
    { dt: '2026-02-01', level: 'organisation', amount: 40, previous_amount: 102.5, amount_growth: -62.5 },
    { dt: '2026-01-01', level: 'project', amount: 60, previous_amount: null, amount_growth: null },
    { dt: '2026-02-01', level: 'project', amount: 70, previous_amount: 60, amount_growth: 10 },
  ]);
});

test('users_by_role returns one row for each current role of a user or service account', async () => {
  const users = (roles: unknown) => JSON.stringify({ roles });
  const ann = { resource_type: 'project_user', resource_id: 'ann', name: 'ann@example.com' };
  const robot = { resource_type: 'project_service_account', resource_id: 'robot', name: 'robot' };
  const team = { resource_type: 'organization_team', resource_id: 'team' };
  await writeApart(inventory, [
    inventoryRow({ ...ann, change: 'added', ts: START, document: users(['GROUP_OWNER']) }),
    inventoryRow({
      ...ann,
      change: 'changed',
      ts: START + DAY,
      document: users(['GROUP_READ_ONLY', '"odd"']),
    }),
    inventoryRow({
      ...ann,
      resource_id: 'bob',
      change: 'added',
      ts: START,
      document: users(['GROUP_OWNER']),
    }),
    inventoryRow({ ...ann, resource_id: 'bob', change: 'removed', ts: START + DAY }),
    inventoryRow({ ...ann, resource_id: 'none', change: 'added', ts: START, document: users([]) }),
    inventoryRow({ ...ann, resource_id: 'list', change: 'added', ts: START, document: users('GROUP_OWNER') }),
    inventoryRow({ ...robot, change: 'added', ts: START, document: users(['GROUP_OWNER']) }),
    inventoryRow({ ...team, change: 'added', ts: START, document: users(['GROUP_OWNER']) }),
  ]);
  const columns = 'dt, role, project_id, resource_type, resource_id, name';
  expect(await lake.ask(`SELECT ${columns} FROM users_by_role ORDER BY resource_id, role`)).toEqual([
    { dt: day(START + DAY), role: '"odd"', project_id: PROJECT, ...ann },
    { dt: day(START + DAY), role: 'GROUP_READ_ONLY', project_id: PROJECT, ...ann },
    { dt: day(START), role: 'GROUP_OWNER', project_id: PROJECT, ...robot },
  ]);
});

test('expiring_secrets returns only secrets that expire within 30 days of the newest day', async () => {
  const secret = (id: string, expires: number) => ({
    id,
    createdAt: new Date(START - 300 * DAY).toISOString().replace('.000', ''),
    expiresAt: new Date(expires).toISOString(),
  });
  const account = (resource_id: string, secrets: unknown) =>
    inventoryRow({
      resource_type: 'organization_service_account',
      project_id: null,
      resource_id,
      name: `name of ${resource_id}`,
      change: 'added',
      ts: START,
      document: JSON.stringify({ secrets }),
    });
  await writeApart(inventory, [
    account('one', [
      secret('over', START - 1),
      secret('today', START + 6 * HOUR),
      secret('last', START + 30 * DAY - 1),
      secret('later', START + 30 * DAY),
    ]),
    account('two', [
      secret('two', START + 12 * DAY + 12 * HOUR),
      { id: 'for ever' },
      { id: 'odd', expiresAt: 'never' },
    ]),
    account('bare', undefined),
    inventoryRow({
      resource_type: 'cluster',
      resource_id: 'c',
      change: 'added',
      ts: START,
      document: JSON.stringify({ secrets: [secret('no account', START + DAY)] }),
    }),
  ]);
  expect(
    await lake.ask(
      'SELECT resource_id, name, secret_id, created_at, expires_at, days_left FROM expiring_secrets ORDER BY expires_at',
    ),
  ).toEqual(
    [
      ['one', 'today', START + 6 * HOUR, 0.25],
      ['two', 'two', START + 12 * DAY + 12 * HOUR, 12.5],
      // The view truncates fractional seconds.
      ['one', 'last', START + 30 * DAY - 1000, 30 - 1 / 86_400],
    ].map(([id, secret_id, expires, days_left]) => ({
      resource_id: id,
      name: `name of ${id}`,
      secret_id,
      created_at: lakeTime(START - 300 * DAY),
      expires_at: lakeTime(Number(expires)),
      days_left,
    })),
  );
});

test('subject_names returns the last known name of each project and organisation, also after it is gone', async () => {
  const project = { resource_type: 'project', resource_id: PROJECT };
  await writeApart(inventory, [
    inventoryRow({ ...project, name: 'shop', change: 'added', ts: START }),
    inventoryRow({ ...project, name: 'shop-production', change: 'changed', ts: START + HOUR }),
    inventoryRow({ ...project, change: 'removed', ts: START + DAY }),
    inventoryRow({ ...project, resource_id: 'unnamed', change: 'added', ts: START }),
    inventoryRow({ resource_type: 'cluster', resource_id: 'c', name: 'orders', change: 'added', ts: START }),
    inventoryRow({
      ...{ resource_type: 'organization', resource_id: 'o', project_id: null, name: 'Example' },
      change: 'added',
      ts: START,
    }),
  ]);
  expect(await lake.ask('SELECT * FROM subject_names ORDER BY subject_id')).toEqual([
    {
      dt: day(START),
      subject_id: PROJECT,
      resource_type: 'project',
      name: 'shop-production',
      org_id: 'o',
    },
    { dt: day(START), subject_id: 'o', resource_type: 'organization', name: 'Example', org_id: 'o' },
  ]);
});
