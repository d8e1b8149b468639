import { afterEach, expect, test } from 'vitest';
import { DAY, HOUR } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { type CostScope, costsAt, monthAfter } from '../../../simulator/resources/costs.ts';
import { type LakeRow, tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { instantOf } from '../../support/times.ts';

const START = Date.parse('2026-02-20T12:00:00Z');
const FIRST_MONTH = Date.parse('2025-12-01T00:00:00Z');
const config = { datasets: { cost_usage: { backfill: 'P60D' } } };
const shape = {
  projects: [
    {
      name: 'one',
      clusters: [
        { name: 'orders', nodes: 1 },
        { name: 'stock', nodes: 1 },
      ],
    },
    { name: 'two', clusters: [{ name: 'orders', nodes: 1 }] },
  ],
};

let scenario: Scenario;
afterEach(() => scenario.close());

const collect = (at: number) => scenario.tick(at, ['cost_usage']);
const rowsOf = () => tableRows(scenario.bucket, 'cost_usage');

/** Everything that has costs of its own. */
function scopesOf(organisation: Scenario['simulator']['organisation']) {
  return [
    { level: 'organisation', scope: {} as CostScope, name: null },
    ...organisation.projects.flatMap(({ id, clusters }) => [
      { level: 'project', scope: { project: id } as CostScope, name: null },
      ...clusters.map((cluster) => ({
        level: 'cluster',
        scope: { project: id, cluster: cluster.id } as CostScope,
        name: cluster.name,
      })),
    ]),
  ];
}

/**
 * Returns the rows of ticks: an amount is written when it differs from the previous tick, until its month is closed.
 */
function expectedCosts(
  organisation: Scenario['simulator']['organisation'],
  ticks: readonly number[],
): string[] {
  const rows: string[] = [];
  for (const { level, scope, name } of scopesOf(organisation)) {
    const last = new Map<string, number>();
    for (const [index, tick] of ticks.entries()) {
      const before = ticks[index - 1];
      for (const { service, month, amount } of costsAt(
        organisation,
        scope,
        FIRST_MONTH,
        monthAfter(tick),
        tick,
      )) {
        // Ten days after its end. The tick that closes a month still reads it.
        if (before !== undefined && monthAfter(month) + 10 * DAY <= before) continue;
        const key = `${month}/${service}`;
        const known = last.get(key) ?? 0;
        if (known === amount) continue;
        last.set(key, amount);
        rows.push(
          JSON.stringify([
            level,
            scope.project ?? null,
            scope.cluster ?? null,
            name,
            service,
            month,
            amount,
            tick,
          ]),
        );
      }
    }
  }
  return rows.sort();
}

function foundCosts(rows: readonly LakeRow[]): string[] {
  return rows
    .map((row) =>
      JSON.stringify([
        row['level'],
        row['project_id'],
        row['cluster_id'],
        row['cluster_name'],
        row['service'],
        instantOf(row['ts']),
        row['amount'],
        Math.floor(instantOf(row['collected_at']) / HOUR) * HOUR,
      ]),
    )
    .sort();
}

test('each amount that changes within two months is one row, and the changes add up to the known amounts', async () => {
  const organisation = createOrganisation({ ...shape, drift: true });
  scenario = await startScenario({ organisation, start: START, config });
  const ticks = Array.from({ length: 16 }, (_, index) => START + index * 4 * DAY);
  for (const tick of ticks) {
    expect((await collect(tick)).map(({ outcome }) => outcome)).toEqual(['complete']);
  }
  const rows = await rowsOf();
  expect(foundCosts(rows)).toEqual(expectedCosts(organisation, ticks));

  const end = ticks.at(-1) ?? START;
  for (const level of ['organisation', 'project', 'cluster']) {
    const sum = rows
      .filter((row) => row['level'] === level)
      .reduce((total, row) => total + Number(row['amount_change']), 0);
    const truth = scopesOf(organisation)
      .filter((entry) => entry.level === level)
      .flatMap(({ scope }) => costsAt(organisation, scope, FIRST_MONTH, monthAfter(end), end))
      .reduce((total, { amount }) => total + amount, 0);
    expect(sum).toBeCloseTo(truth, 2);
  }
});

test('unchanged costs cause no row, even in a new process', async () => {
  scenario = await startScenario({ organisation: createOrganisation(shape), start: START, config });
  await collect(START);
  const rows = await rowsOf();
  expect(rows.length).toBeGreaterThan(20);
  await collect(START);
  await collect(START + 6 * HOUR);
  await scenario.restart();
  await collect(START + 12 * HOUR);
  expect(await rowsOf()).toEqual(rows);
});

test('a query that is not answered in time is sent again at the next tick', async () => {
  scenario = await startScenario({ organisation: createOrganisation(shape), start: START, config });
  const endFault = scenario.simulator.faults.add({ kind: 'status', status: 202, operation: 'costUsage' });
  expect((await collect(START)).map(({ outcome }) => outcome)).toEqual(['failed']);
  expect(await rowsOf()).toEqual([]);
  endFault();
  expect((await collect(START + 6 * HOUR)).map(({ outcome }) => outcome)).toEqual(['complete']);
  expect((await rowsOf()).length).toBeGreaterThan(20);
});

test('a role that may not see costs is noted once a day', async () => {
  scenario = await startScenario({ organisation: createOrganisation(shape), start: START, config });
  scenario.simulator.faults.add({
    kind: 'status',
    status: 401,
    errorCode: 'USER_UNAUTHORIZED',
    operation: 'createCostQuery',
  });
  for (let hours = 0; hours < 24; hours += 6) {
    expect((await collect(START + hours * HOUR)).map(({ outcome }) => outcome)).toEqual(['complete']);
  }
  const notes = (await tableRows(scenario.bucket, 'collection_runs'))
    .map((row) => row['notes'])
    .filter((note) => note !== null);
  const note =
    'costs cannot be read: Atlas answered 401 USER_UNAUTHORIZED; the least role for it is Organization Billing Viewer';
  expect(notes).toEqual([JSON.stringify([note]), JSON.stringify([note])]);
});

test('nothing is ever sent but GET, the token request and this one query', async () => {
  scenario = await startScenario({ organisation: createOrganisation(shape), start: START, config });
  await scenario.tick(START);
  const sent = scenario.simulator.requests.list.filter(({ method }) => method !== 'GET');
  expect(new Set(sent.map(({ method, operation }) => `${method} ${operation}`))).toEqual(
    new Set(['POST token', 'POST createCostQuery']),
  );
});
