import { afterEach, beforeEach, expect, test } from 'vitest';
import { DAY, HOUR } from '../../../shared/durations.ts';
import { lakeTime } from '../../support/times.ts';
import { createWrittenLake, type WrittenLake } from '../../support/written-lake.ts';
import { collectionRuns, day, inventory, inventoryRow, PROJECT, runRow } from '../../support/written-rows.ts';

const START = Date.parse('2026-03-02T00:00:00Z');

let lake: WrittenLake;
beforeEach(async () => {
  lake = await createWrittenLake();
});
afterEach(() => lake.remove());

const iso = (instant: number) => new Date(instant).toISOString().replace('.000', '');

function added(resource_type: string, resource_id: string, document: unknown, more: object = {}) {
  const row = { resource_type, resource_id, change: 'added', ts: START };
  return inventoryRow({ ...row, document: JSON.stringify(document), ...more });
}

test('users_by_role shows where the roles of API keys and database users apply', async () => {
  const rows = [
    added(
      'organization_user',
      'ann',
      {
        roles: {
          orgRoles: ['ORG_OWNER'],
          groupRoleAssignments: [{ groupId: PROJECT, groupRoles: ['GROUP_OWNER'] }],
        },
      },
      { name: 'ann@example.com', project_id: null },
    ),
    added(
      'project_api_key',
      'key',
      {
        roles: [
          { groupId: PROJECT, roleName: 'GROUP_READ_ONLY' },
          { groupId: 'f'.repeat(24), roleName: 'GROUP_OWNER' },
          { orgId: 'o', roleName: 'ORG_MEMBER' },
        ],
      },
      { name: 'robot' },
    ),
    added(
      'organization_api_key',
      'key',
      {
        roles: [
          { groupId: PROJECT, roleName: 'GROUP_READ_ONLY' },
          { orgId: 'o', roleName: 'ORG_MEMBER' },
        ],
      },
      { name: 'robot', project_id: null },
    ),
    // The configuration withholds the names of database users.
    added('database_user', 'admin/app', {
      roles: [
        { databaseName: 'shop', collectionName: 'carts', roleName: 'read' },
        { databaseName: 'admin', roleName: 'atlasAdmin' },
      ],
    }),
    added('cluster', 'c', { roles: ['none'] }),
    added('database_user', 'admin/odd', { roles: 'none' }),
  ];
  await lake.write({ table: inventory, rows });
  const found = await lake.ask(
    'SELECT resource_type, name, project_id, role, database_name, collection_name FROM users_by_role ORDER BY ALL',
  );
  const none = { database_name: null, collection_name: null };
  expect(found).toEqual([
    {
      resource_type: 'database_user',
      name: null,
      project_id: PROJECT,
      role: 'atlasAdmin',
      database_name: 'admin',
      collection_name: null,
    },
    {
      resource_type: 'database_user',
      name: null,
      project_id: PROJECT,
      role: 'read',
      database_name: 'shop',
      collection_name: 'carts',
    },
    { resource_type: 'organization_api_key', name: 'robot', project_id: null, role: 'ORG_MEMBER', ...none },
    {
      resource_type: 'organization_user',
      name: 'ann@example.com',
      project_id: null,
      role: 'ORG_OWNER',
      ...none,
    },
    {
      resource_type: 'project_api_key',
      name: 'robot',
      project_id: PROJECT,
      role: 'GROUP_READ_ONLY',
      ...none,
    },
  ]);
});

test('network_access shows what may connect, and which entries admit everyone', async () => {
  const rows = [
    added('access_list_entry', '0.0.0.0/0', {
      cidrBlock: '0.0.0.0/0',
      comment: 'a test',
      deleteAfterDate: iso(START + DAY),
    }),
    added('access_list_entry', '203.0.113.7/32', {
      cidrBlock: '203.0.113.7/32',
      ipAddress: '203.0.113.7',
      comment: null,
    }),
    added('access_list_entry', 'sg-1', { awsSecurityGroup: 'sg-1' }),
    added('access_list_entry', '::/0', { cidrBlock: '::/0' }),
    inventoryRow({
      resource_type: 'access_list_entry',
      resource_id: '::/0',
      change: 'removed',
      ts: START + HOUR,
    }),
    added('network_peering', 'p', { vpcId: 'vpc-1', statusName: 'AVAILABLE' }, { parent: 'AWS' }),
    added('private_endpoint', 'e', { interfaceEndpointId: 'vpce-1', connectionStatus: 'PENDING' }),
    added('database_user', 'admin/app', { cidrBlock: '0.0.0.0/0' }),
  ];
  for (const row of rows) await lake.write({ table: inventory, rows: [row] });
  const columns = 'resource_type, peer, admits_everyone, comment, connection_status, expires_at';
  const none = { comment: null, connection_status: null, expires_at: null };
  expect(await lake.ask(`SELECT ${columns} FROM network_access ORDER BY resource_type, peer`)).toEqual([
    {
      ...none,
      resource_type: 'access_list_entry',
      peer: '0.0.0.0/0',
      admits_everyone: true,
      comment: 'a test',
      expires_at: lakeTime(START + DAY),
    },
    { ...none, resource_type: 'access_list_entry', peer: '203.0.113.7/32', admits_everyone: false },
    { ...none, resource_type: 'access_list_entry', peer: 'sg-1', admits_everyone: false },
    {
      ...none,
      resource_type: 'network_peering',
      peer: 'vpc-1',
      admits_everyone: false,
      connection_status: 'AVAILABLE',
    },
    {
      ...none,
      resource_type: 'private_endpoint',
      peer: 'vpce-1',
      admits_everyone: false,
      connection_status: 'PENDING',
    },
  ]);
});

test('backup_compliance compares the last scheduled snapshot with the most frequent policy', async () => {
  const end = START + 10 * DAY + 12 * HOUR;
  const cluster = (name: string, more: object = {}) =>
    added(
      'cluster',
      `id of ${name}`,
      { backupEnabled: true, createDate: iso(START), ...more },
      { name, ts: START + 6 * DAY },
    );
  const schedule = (parent: string, ...policyItems: object[]) =>
    added(
      'backup_schedule',
      `schedule of ${parent}`,
      { policies: [{ policyItems }], restoreWindowDays: 7 },
      { parent, ts: START + 5 * DAY },
    );
  const daily = { frequencyType: 'daily', frequencyInterval: 1 };
  const hourly = { frequencyType: 'hourly', frequencyInterval: 6 };
  const snapshot = (parent: string, createdAt: number, more: object = {}, type = 'backup_snapshot') =>
    added(
      type,
      `${parent}/${createdAt}/${JSON.stringify(more)}`,
      { createdAt: iso(createdAt), status: 'completed', snapshotType: 'scheduled', ...more },
      { parent, ts: end - HOUR },
    );
  const rows = [
    ...[
      cluster('fresh'),
      schedule('fresh', daily, hourly),
      snapshot('fresh', end - 8 * HOUR),
      snapshot('fresh', end - 2 * DAY),
    ],
    ...[
      cluster('late'),
      schedule('late', daily, hourly),
      snapshot('late', end - 8 * HOUR - 1000),
      snapshot('late', end - HOUR, { status: 'failed' }),
      snapshot('late', end - HOUR, { snapshotType: 'onDemand' }),
      snapshot('late', end - HOUR, { status: 'inProgress' }),
    ],
    ...[
      cluster('sharded'),
      schedule('sharded', { frequencyType: 'weekly', frequencyInterval: 6 }),
      snapshot('sharded', end - 5 * DAY, {}, 'sharded_backup_snapshot'),
    ],
    ...[cluster('young', { createDate: iso(end - HOUR) }), schedule('young', daily)],
    ...[cluster('forgotten'), schedule('forgotten', daily)],
    cluster('hidden'),
    cluster('off', { backupEnabled: false }),
    cluster('gone'),
    inventoryRow({
      resource_type: 'cluster',
      resource_id: 'id of gone',
      name: 'gone',
      change: 'removed',
      ts: end,
    }),
  ];
  await lake.write({ table: inventory, rows });
  const runs = [end - HOUR, end, end + HOUR].map((finished_at, index) =>
    runRow({
      dataset: 'inventory',
      ts: finished_at - 1000,
      finished_at,
      outcome: index === 2 ? 'failed' : 'complete',
    }),
  );
  await lake.write({
    table: collectionRuns,
    rows: [
      ...runs,
      runRow({ dataset: 'alerts', ts: end + HOUR, finished_at: end + HOUR, outcome: 'complete' }),
    ],
  });
  const found = await lake.ask(
    'SELECT cluster_name, state, hours_between_snapshots AS hours, snapshots, failed_snapshots AS failed, last_snapshot_at, due_at, hours_late, checked_at, dt FROM backup_compliance ORDER BY cluster_name',
  );
  const of = (cluster_name: string, state: string, more: object) => ({
    cluster_name,
    state,
    hours: null,
    snapshots: 0,
    failed: 0,
    last_snapshot_at: null,
    due_at: null,
    hours_late: null,
    checked_at: lakeTime(end),
    dt: day(START + 6 * DAY),
    ...more,
  });
  const numbers = found.map(({ snapshots, failed, ...rest }) => ({
    ...rest,
    snapshots: Number(snapshots),
    failed: Number(failed),
  }));
  expect(numbers).toEqual([
    of('forgotten', 'late', { hours: 24, due_at: lakeTime(START + 26 * HOUR), hours_late: 9 * 24 + 10 }),
    of('fresh', 'on_time', {
      hours: 6,
      snapshots: 2,
      last_snapshot_at: lakeTime(end - 8 * HOUR),
      due_at: lakeTime(end),
    }),
    of('hidden', 'unknown', {}),
    of('late', 'late', {
      hours: 6,
      snapshots: 2,
      failed: 1,
      last_snapshot_at: lakeTime(end - 8 * HOUR - 1000),
      due_at: lakeTime(end - 1000),
      hours_late: expect.closeTo(1 / 3600, 9),
    }),
    of('off', 'not_backed_up', {}),
    of('sharded', 'on_time', {
      hours: 168,
      snapshots: 1,
      last_snapshot_at: lakeTime(end - 5 * DAY),
      due_at: lakeTime(end + 2 * DAY + 2 * HOUR),
    }),
    of('young', 'on_time', { hours: 24, due_at: lakeTime(end + 25 * HOUR) }),
  ]);
});
