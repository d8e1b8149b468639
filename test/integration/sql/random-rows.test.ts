import { afterEach, beforeEach, expect, test } from 'vitest';
import { DAY, HOUR } from '../../../shared/durations.ts';
import type { AnyRow } from '../../../shared/lake/table.ts';
import { athena } from '../../../sql/athena.ts';
import { duckdb } from '../../../sql/duckdb.ts';
import { lakeTime } from '../../support/times.ts';
import { createWrittenLake, type WrittenLake } from '../../support/written-lake.ts';
import {
  alertRow,
  alerts,
  costRow,
  costUsage,
  day,
  inventory,
  inventoryRow,
  PROJECT,
} from '../../support/written-rows.ts';

const START = Date.parse('2026-01-20T00:00:00Z');

let lake: WrittenLake;
beforeEach(async () => {
  lake = await createWrittenLake();
});
afterEach(() => lake.remove());

/** Returns a source of numbers from 0 to 1 that are the same in every run. */
function randomNumbers(): () => number {
  let state = 7;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

const random = randomNumbers();
const upTo = (limit: number) => Math.floor(random() * limit);

function oneOf<Item>(...items: readonly [Item, ...Item[]]): Item {
  return items[upTo(items.length)] ?? items[0];
}

function groupBy<Item>(items: readonly Item[], key: (item: Item) => unknown): Item[][] {
  return [...Map.groupBy(items, (item) => JSON.stringify(key(item))).values()];
}

function sorted<Item>(items: readonly Item[]): Item[] {
  return [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** Asks for all rows of a view, for those before a day, and for those of the day. */
async function expectRows(view: string, columns: string, expected: readonly AnyDay[], someDay: string) {
  expect(expected.length).toBeGreaterThan(20);
  const filters: ReadonlyArray<[string, (dt: string) => boolean]> = [
    ['true', () => true],
    [`dt < '${someDay}'`, (dt) => dt < someDay],
    [`dt = '${someDay}'`, (dt) => dt === someDay],
  ];
  for (const [filter, keeps] of filters) {
    const found = await lake.ask(`SELECT ${columns} FROM ${view} WHERE ${filter}`);
    expect(sorted(found), filter).toEqual(sorted(expected.filter(({ dt }) => keeps(dt))));
  }
}

interface AnyDay {
  dt: string;
}

/** Returns the changes of an alert. The rows from before some day may be gone. */
function alertLife(number: number) {
  const created = START + upTo(20 * 24 * 60) * 60_000;
  const about = { alert_id: `alert-${number}`, created, cluster_name: oneOf('orders', null) };
  const rows = [alertRow({ ...about, change: 'opened', status: 'OPEN', ts: created, revision: 1 })];
  let ts = created;
  for (let revision = 2; random() < 0.7; revision += 1) {
    ts += upTo(4 * 24 * 60) * 60_000;
    const change = oneOf('acknowledged', 'unacknowledged', 'updated', 'closed');
    const status = change === 'closed' ? 'CLOSED' : 'OPEN';
    const acknowledging_username = oneOf('ann', 'bob');
    rows.push(alertRow({ ...about, change, status, ts, revision, acknowledging_username }));
    if (change === 'closed') break;
  }
  return random() < 0.3 ? rows.slice(1) : rows;
}

test('alert_incidents has one row for each of many alerts, whose rows cross days and may lack the first', async () => {
  const lives = Array.from({ length: 60 }, (_, number) => alertLife(number)).filter(
    ({ length }) => length > 0,
  );
  await lake.write({ table: alerts, rows: lives.flat() });
  const expected = lives.map((rows) => {
    const at = (change: string) => rows.filter((row) => row.change === change);
    const [first] = rows;
    const [acknowledged] = at('acknowledged');
    const closed = at('closed').at(-1);
    const created = first?.created ?? 0;
    return {
      dt: day(created),
      alert_id: first?.alert_id,
      cluster_name: first?.cluster_name ?? null,
      status: rows.at(-1)?.status,
      opened: lakeTime(created),
      acknowledged: acknowledged === undefined ? null : lakeTime(acknowledged.ts),
      acknowledged_by: acknowledged?.acknowledging_username ?? null,
      closed: closed === undefined ? null : lakeTime(closed.ts),
      seconds_to_resolve: closed === undefined ? null : (closed.ts - created) / 1000,
      changes: rows.length,
    };
  });
  expect(lives.some(([first]) => first?.change !== 'opened')).toBe(true);
  const columns =
    'dt, alert_id, cluster_name, status, opened, acknowledged, acknowledged_by, closed, seconds_to_resolve, changes';
  await expectRows('alert_incidents', columns, expected, expected[0]?.dt ?? '');
});

test('current_inventory shows the last of many rows of each resource, unless it was removed', async () => {
  const rows = Array.from({ length: 500 }, (_, number) => {
    const project_id = oneOf(PROJECT, 'b'.repeat(24), null);
    return inventoryRow({
      project_id,
      org_id: project_id === null ? 'o' : oneOf('o', null),
      resource_type: oneOf('cluster', 'disk'),
      parent: oneOf(null, 'x', 'y'),
      resource_id: oneOf('1', '2', '3', '4'),
      change: oneOf('added', 'changed', 'snapshot', 'removed'),
      document: String(number),
      ts: START + upTo(30) * DAY + number,
    });
  });
  await lake.write({ table: inventory, rows });
  const resources = groupBy(rows, (row) => [
    row.project_id ?? row.org_id,
    row.resource_type,
    row.parent,
    row.resource_id,
  ]);
  const last = resources.flatMap((its) => its.sort((a, b) => a.ts - b.ts).at(-1) ?? []);
  const expected = last
    .filter(({ change }) => change !== 'removed')
    .map(({ ts, project_id, org_id, resource_type, parent, resource_id, document }) => ({
      ...{ dt: day(ts), project_id, org_id, resource_type, parent, resource_id, document },
      last_written: lakeTime(ts),
    }));
  const columns = 'dt, project_id, org_id, resource_type, parent, resource_id, document, last_written';
  await expectRows('current_inventory', columns, expected, expected[0]?.dt ?? '');
});

test('costs_monthly compares many amounts with the month before, over the end of a year and missing months', async () => {
  const monthOf = (number: number) => Date.UTC(2025, 8 + number, 1);
  const rows = Array.from({ length: 300 }, () => {
    const level = oneOf('organisation', 'project', 'cluster');
    const number = oneOf(0, 1, 2, 3, 4, 6, 7);
    return {
      number,
      ...costRow({
        level,
        cluster_id: level === 'cluster' ? oneOf('1', '2', '3') : null,
        service: oneOf('Clusters', 'Backup', 'Support'),
        ts: monthOf(number),
        amount: 0,
        // Sums of eighths are exact in any order.
        amount_change: upTo(1000) / 8,
        collected_at: START + upTo(DAY / HOUR) * HOUR,
      }),
    };
  });
  await lake.write({ table: costUsage, rows: rows.map(({ number: _, ...row }): AnyRow => row) });
  const identity = ({ level, cluster_id, service }: (typeof rows)[number]) => ({
    level,
    cluster_id,
    service,
  });
  const sum = (its: typeof rows) => its.reduce((total, { amount_change }) => total + amount_change, 0);
  const expected = groupBy(rows, identity).flatMap((its) =>
    groupBy(its, ({ number }) => number).flatMap((present) => {
      const [some] = present;
      if (!some) return [];
      const past = its.filter(({ number }) => number === some.number - 1);
      const previous = past.length === 0 ? null : sum(past);
      return {
        ...{ dt: day(some.ts), ...identity(some), amount: sum(present), previous_amount: previous },
        amount_growth: previous === null ? null : sum(present) - previous,
      };
    }),
  );
  const columns = 'dt, level, cluster_id, service, amount, previous_amount, amount_growth';
  await expectRows('costs_monthly', columns, expected, '2026-01-01');
});

test('both engines calculate the same days', async () => {
  const [local, common] = [duckdb('2026-01-01'), athena];
  const pairs = [local, common].map(
    ({ dayAfter, mondayOf }) =>
      `${dayAfter('dt', 1)} || ${dayAfter('dt', 31)} || ${mondayOf(dayAfter('dt', 7))}`,
  );
  const days = `SELECT CAST(CAST(day AS date) AS varchar) AS dt FROM (SELECT unnest(sequence(CAST('1969-01-01' AS date), CAST('2105-01-01' AS date), INTERVAL '1' DAY)) AS day)`;
  const [found] = await lake.ask(
    `SELECT count(*) AS days, count(*) FILTER (WHERE ${pairs.join(' <> ')}) AS differ FROM (${days})`,
  );
  expect(found).toEqual({ days: 49_674, differ: 0 });
});
