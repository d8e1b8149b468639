import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';
import type { AnyRow } from '../../../shared/lake/table.ts';
import { createWrittenLake, type WrittenLake } from '../../support/written-lake.ts';
import { day, eventRow, events, inventory, inventoryRow, PROJECT } from '../../support/written-rows.ts';

const START = Date.parse('2026-03-02T00:00:00Z');
const ORGANISATION = '5f2a1c3dc0eb9e7a17713000';

let lake: WrittenLake;
beforeEach(async () => {
  lake = await createWrittenLake();
});
afterEach(() => lake.remove());

const write = (rows: readonly AnyRow[], happened: readonly AnyRow[]) =>
  lake.write({ table: inventory, rows }, { table: events, rows: happened });

test('audit_trail shows what people did, each event once', async () => {
  await write(
    [],
    [
      eventRow({ event_id: 'a', ts: START }),
      eventRow({ event_id: 'b', ts: START + HOUR, actor_type: 'atlas', actor: null }),
      eventRow({
        event_id: 'c',
        ts: START + HOUR,
        actor_type: 'atlas',
        actor: null,
        is_mongodb_employee: true,
      }),
      // Atlas lists it for the organisation, too.
      eventRow({ event_id: 'a', ts: START, org_id: ORGANISATION }),
      eventRow({ event_id: 'd', ts: START, org_id: ORGANISATION, project_id: null }),
      eventRow({ event_id: 'e', ts: START, actor_type: 'atlas', is_mongodb_employee: null }),
    ],
  );
  expect(await lake.ask('SELECT event_id, org_id, actor FROM audit_trail ORDER BY event_id')).toEqual([
    { event_id: 'a', org_id: null, actor: 'ann@example.com' },
    { event_id: 'c', org_id: null, actor: null },
    { event_id: 'd', org_id: ORGANISATION, actor: 'ann@example.com' },
  ]);
});

describe('configuration_changes', () => {
  const CLUSTER = '64f0a1b2c0eb9e7a17713c01';
  const at = (hours: number) => START + hours * HOUR;
  const row = (change: string, hours: number, document: object | null, more: Partial<AnyRow> = {}) =>
    inventoryRow({
      resource_type: 'cluster',
      resource_id: CLUSTER,
      name: 'orders',
      change,
      changed_fields: null,
      document: document && JSON.stringify(document),
      ts: at(hours),
      revision: 1 + hours,
      ...more,
    });
  const said = (fields: object) => JSON.stringify({ groupId: PROJECT, ...fields });
  const changes = (columns: string) =>
    lake.ask(`SELECT ${columns} FROM configuration_changes ORDER BY ts, resource_id, field`);

  test('shows who changed which field from what to what', async () => {
    const before = { name: 'orders', size: 'M30', tags: [{ key: 'a' }] };
    await write(
      [
        row('added', 0, before),
        row(
          'changed',
          5,
          { name: 'orders', size: 'M40', paused: true },
          {
            changed_fields: '["paused","size","tags"]',
          },
        ),
      ],
      [
        eventRow({
          event_id: 'other',
          ts: at(5) - 2 * MINUTE,
          document: said({ clusterName: 'stock' }),
        }),
        eventRow({
          event_id: 'submitted',
          ts: at(5) - 20 * MINUTE,
          document: said({ clusterName: 'orders' }),
        }),
        eventRow({
          event_id: 'started',
          ts: at(5) - 10 * MINUTE,
          document: said({ clusterName: 'orders' }),
          actor_type: 'atlas',
          actor: null,
        }),
      ],
    );
    const who = { actor: 'ann@example.com', event_id: 'submitted', explained_by: 'resource' };
    expect(await changes('field, old_value, new_value, actor, event_id, explained_by')).toEqual([
      { field: 'paused', old_value: null, new_value: 'true', ...who },
      { field: 'size', old_value: '"M30"', new_value: '"M40"', ...who },
      { field: 'tags', old_value: '[{"key":"a"}]', new_value: null, ...who },
    ]);
  });

  test('compares with the last row before the change, which may be a snapshot', async () => {
    await write(
      [
        row('added', 0, { size: 'M10' }),
        row('changed', 1, { size: 'M30' }, { changed_fields: '["size"]' }),
        row('snapshot', 2, { size: 'M30', volatile: 1 }),
        row('changed', 3, { size: 'M40', volatile: 2 }, { changed_fields: '["size"]' }),
        row('removed', 4, null),
      ],
      [],
    );
    expect(await changes('change, field, old_value, new_value, explained_by')).toEqual([
      { change: 'changed', field: 'size', old_value: '"M10"', new_value: '"M30"', explained_by: null },
      { change: 'changed', field: 'size', old_value: '"M30"', new_value: '"M40"', explained_by: null },
      {
        change: 'removed',
        field: null,
        old_value: '{"size":"M40","volatile":2}',
        new_value: null,
        explained_by: null,
      },
    ]);
  });

  test('takes an event that names the resource before one that only has a type that fits', async () => {
    const role = { resource_type: 'custom_db_role', name: null };
    await write(
      [
        row('added', 5, { roleName: 'r1' }, { ...role, resource_id: 'r1' }),
        row('added', 5, { roleName: 'r2' }, { ...role, resource_id: 'r2' }),
        row('added', 9, { roleName: 'r3' }, { ...role, resource_id: 'r3' }),
      ],
      [
        eventRow({
          event_id: 'named',
          ts: at(0),
          event_type_name: 'MONGODB_ROLE_ADDED',
          document: said({ roleName: 'r1' }),
        }),
        eventRow({ event_id: 'typed', ts: at(4), event_type_name: 'MONGODB_ROLE_ADDED' }),
      ],
    );
    expect(await changes('resource_id, event_id, explained_by')).toEqual([
      { resource_id: 'r1', event_id: 'named', explained_by: 'resource' },
      { resource_id: 'r2', event_id: 'typed', explained_by: 'type' },
      { resource_id: 'r3', event_id: null, explained_by: null },
    ]);
  });

  test('leaves out what the first listing found, unless an event explains it', async () => {
    await write(
      [
        // Rows from before 0.1.0 have no revision.
        row('added', 5, { a: 1 }, { revision: null }),
        row('added', 5, { a: 1 }, { revision: null, resource_id: 'new', name: 'new' }),
      ],
      [eventRow({ event_id: 'made', ts: at(4), document: said({ clusterName: 'new' }) })],
    );
    expect(await changes('resource_id, field, old_value, new_value, dt')).toEqual([
      { resource_id: 'new', field: null, old_value: null, new_value: '{"a":1}', dt: day(at(5)) },
    ]);
  });

  test("takes an organisation's events for resources of its projects and for its own", async () => {
    const own = { project_id: null, org_id: ORGANISATION, resource_type: 'organization_team' };
    await write(
      [
        row('changed', 5, { b: 2 }, { ...own, resource_id: 'team', name: null, changed_fields: '["b"]' }),
        row('removed', 5, null, { resource_id: CLUSTER }),
        row('removed', 6, null, { resource_id: 'z', project_id: 'another project', name: null }),
      ],
      [
        eventRow({
          event_id: 'renamed',
          ts: at(4),
          project_id: null,
          org_id: ORGANISATION,
          document: said({ teamId: 'team' }),
        }),
        eventRow({
          event_id: 'deleted',
          ts: at(4) + 1,
          org_id: ORGANISATION,
          document: said({ clusterName: 'orders' }),
        }),
      ],
    );
    expect(await changes('resource_id, event_id')).toEqual([
      { resource_id: CLUSTER, event_id: 'deleted' },
      { resource_id: 'team', event_id: 'renamed' },
      { resource_id: 'z', event_id: null },
    ]);
  });

  test('does not take an event because it names the project, or one about a host or an alert', async () => {
    await write(
      [
        row(
          'changed',
          5,
          { b: 2 },
          {
            resource_type: 'project',
            resource_id: PROJECT,
            name: null,
            changed_fields: '["b"]',
          },
        ),
        row('changed', 5 + 1 / 60, { b: 2 }, { changed_fields: '["b"]' }),
      ],
      [
        eventRow({ event_id: 'any', ts: at(4) }),
        eventRow({
          event_id: 'down',
          ts: at(4),
          event_type_name: 'HOST_DOWN',
          document: said({ clusterName: 'orders' }),
        }),
        eventRow({ event_id: 'later', ts: at(5) + 2 * DAY, document: said({ clusterName: 'orders' }) }),
      ],
    );
    expect(await changes('event_id')).toEqual([{ event_id: null }, { event_id: null }]);
  });
});
