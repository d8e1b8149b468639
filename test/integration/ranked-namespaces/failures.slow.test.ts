import { afterEach, describe, expect, test } from 'vitest';
import { rankedNamespacesDataset } from '../../../functions/ranked-namespaces/collector.ts';
import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import type { Fault } from '../../../simulator/server.ts';
import {
  expectedNamespaces,
  hoursOf,
  NAMESPACE_MEASUREMENTS,
  RANKS,
} from '../../support/expected-ranked-namespaces.ts';
import { lakeObjects, tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { lakeTime, T } from '../../support/times.ts';
import { collect, expectLake, hourly, hoursAsked, sortedGaps } from './support.ts';

let scenario: Scenario;
afterEach(() => scenario.close());

const databases = [{ name: 'shop', collections: ['carts', 'orders.2026'] }];
const shape = { projects: [{ name: 'p', clusters: [{ name: 'c', nodes: 2, databases }] }] };
const organisation = createOrganisation(shape);
const broken = organisation.projects[0]?.processes[1]?.id ?? '';
const gaps = () => tableRows(scenario.bucket, 'collection_gaps');

/** Returns what is expected of all processes except the broken one. */
function others(ticks: readonly number[]) {
  const { ranks, measurements } = expectedNamespaces(organisation, ticks);
  const isOther = (row: string) => !row.includes(`"${broken}"`);
  return { ranks: ranks.filter(isOther), measurements: measurements.filter(isOther) };
}

describe('a process that cannot be read', () => {
  test.each<[string, Omit<Fault, 'processId'>]>([
    ['its ranking fails', { kind: 'status', status: 500, operation: 'rankedNamespaces' }],
    ['its measurements fail', { kind: 'status', status: 500, operation: 'namespaceMeasurements' }],
    ['the measurements of one namespace fail', { kind: 'status', status: 403, pattern: /orders\.2026/ }],
    [
      'the measurements of one namespace are refused',
      { kind: 'status', status: 400, pattern: /orders\.2026/ },
    ],
    [
      'the measurements of one namespace are an object of another kind',
      { kind: 'wrong-shape', body: {}, pattern: /carts/ },
    ],
    ['its ranking has another shape', { kind: 'wrong-shape', operation: 'rankedNamespaces' }],
    ['it answers 404 though it is listed', { kind: 'host-not-found' }],
    [
      'it is gone when measurements are read',
      { kind: 'status', status: 404, errorCode: 'HOST_NOT_FOUND', operation: 'namespaceMeasurements' },
    ],
  ])('waits completely while %s, and the others continue', async (_, fault) => {
    scenario = await startScenario({ organisation, start: T });
    const endFault = scenario.simulator.faults.add({ ...fault, processId: broken });
    const [run] = await scenario.tick(T, [RANKS]);
    expect(run).toMatchObject({ outcome: 'partial', failedTargets: 1 });
    await expectLake(scenario, others([T]));
    endFault();
    expect(await collect(scenario, [T + HOUR])).toEqual(['complete']);
    await expectLake(scenario, expectedNamespaces(organisation, [T, T + HOUR]));
    expect(await gaps()).toEqual([]);
  });

  test('gets no further requests for an hour after one request has failed', async () => {
    const collections = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const many = createOrganisation({
      projects: [
        { name: 'p', clusters: [{ name: 'c', nodes: 1, databases: [{ name: 'shop', collections }] }] },
      ],
    });
    scenario = await startScenario({ organisation: many, start: T });
    scenario.simulator.faults.add({ kind: 'status', status: 403, operation: 'namespaceMeasurements' });
    expect(await collect(scenario, [T])).toEqual(['failed']);
    expect(hoursAsked(scenario)).toEqual([T - 6 * HOUR]);
    // Those that were in flight with it.
    expect(scenario.simulator.requests.counts()['namespaceMeasurements']).toBeLessThanOrEqual(3);
  });

  test('is read later even if it fails while an empty hour is requested again, which comes last', async () => {
    const late = createOrganisation({
      ...shape,
      lateRankedNamespaces: [{ from: T - 2 * HOUR, to: T - HOUR, lateByMs: 150 * MINUTE }],
    });
    scenario = await startScenario({ organisation: late, start: T });
    await collect(scenario, [T]);
    scenario.simulator.requests.reset();
    await collect(scenario, [T + 30 * MINUTE]);
    expect(hoursAsked(scenario, broken)).toEqual([T - HOUR, T - 2 * HOUR]);
    const ranking: Fault = { kind: 'status', status: 403, operation: 'rankedNamespaces' };
    const endFault = scenario.simulator.faults.add({ ...ranking, processId: broken });
    // No hour is new now.
    expect(await collect(scenario, [T + 40 * MINUTE])).toEqual(['partial']);
    endFault();
    expect(await collect(scenario, [T + 90 * MINUTE])).toEqual(['complete']);
    await expectLake(scenario, expectedNamespaces(late, [T, T + 30 * MINUTE, T + 90 * MINUTE]));
  });
});

describe('data that Atlas does not have becomes a gap', () => {
  test('for a collection that was dropped in the meantime, and its ranks stay', async () => {
    const dropped = createOrganisation({
      projects: [
        {
          name: 'p',
          clusters: [
            {
              name: 'c',
              nodes: 1,
              databases: [
                { name: 'shop', collections: ['carts', { name: 'old', listedUntil: T - 30 * MINUTE }] },
              ],
            },
          ],
        },
      ],
    });
    scenario = await startScenario({ organisation: dropped, start: T });
    const ticks = hourly(3);
    expect(new Set(await collect(scenario, ticks))).toEqual(new Set(['complete']));
    const isHeld = (namespace: string) => namespace !== 'shop.old';
    const expected = expectedNamespaces(dropped, ticks, { isHeld });
    await expectLake(scenario, expected);
    const hours = expected.ranks.filter((row) => row.includes('shop.old')).map((row) => JSON.parse(row).ts);
    expect(hours.length).toBeGreaterThan(2);
    const found = await gaps();
    expect(found.map(({ ts }) => ts).sort()).toEqual(hours.sort());
    for (const { reason } of found) {
      expect(reason).toBe('measurements that Atlas does not give: shop.old (404 COLLECTION_NOT_FOUND)');
    }
  });

  test('for names that no request can contain, which keep their places, once each', async () => {
    scenario = await startScenario({ organisation, start: T });
    const named = ['nodot', 'shop.carts', '', 'shop.carts', 'shop...', '.x', 'shop.'];
    scenario.simulator.faults.add({
      kind: 'wrong-shape',
      operation: 'rankedNamespaces',
      body: { rankedNamespaces: named },
    });
    expect(await collect(scenario, [T])).toEqual(['complete']);
    const rows = (await tableRows(scenario.bucket, RANKS)).filter(
      ({ process_id, ts }) => process_id === broken && ts === lakeTime(T - 2 * HOUR),
    );
    expect(
      rows.map(({ rank, namespace, database_name, collection_name }) => [
        rank,
        namespace,
        database_name,
        collection_name,
      ]),
    ).toEqual([
      [1, 'nodot', 'nodot', ''],
      [2, 'shop.carts', 'shop', 'carts'],
      [3, '', '', ''],
      [4, 'shop...', 'shop', '..'],
      [5, '.x', '', 'x'],
      [6, 'shop.', 'shop', ''],
    ]);
    const measured = await tableRows(scenario.bucket, NAMESPACE_MEASUREMENTS);
    expect(new Set(measured.map(({ namespace }) => namespace))).toEqual(new Set(['shop.carts']));
    // Five hours of two processes, a gap for each.
    const found = await gaps();
    expect(found).toHaveLength(10);
    for (const { reason } of found) expect(reason).toContain('nodot (a name that cannot be requested)');
  });

  test('for an hour of more than two days ago that Atlas refuses, and the next ones are read', async () => {
    scenario = await startScenario({ organisation, start: T });
    await collect(scenario, [T]);
    const back = T + 4 * DAY;
    const refused: Fault = { kind: 'status', status: 400, errorCode: 'INVALID_START_DATE', count: 2 };
    scenario.simulator.faults.add({ ...refused, processId: broken, operation: 'rankedNamespaces' });
    expect(await collect(scenario, [back])).toEqual(['complete']);
    const [from, middle, to] = [lakeTime(T - HOUR), lakeTime(T), lakeTime(T + HOUR)];
    expect((await sortedGaps(scenario)).others).toMatchObject([
      { target: broken, ts: from, gap_end: middle, reason: 'no longer given: 400 INVALID_START_DATE' },
      { target: broken, ts: middle, gap_end: to, reason: 'no longer given: 400 INVALID_START_DATE' },
    ]);
    const isLost = (row: string) => {
      const { process_id, ts } = JSON.parse(row);
      return process_id === broken && ts >= from && ts < to;
    };
    const expected = expectedNamespaces(organisation, [T, back]);
    await expectLake(scenario, {
      ranks: expected.ranks.filter((row) => !isLost(row)),
      measurements: expected.measurements.filter((row) => !isLost(row)),
    });
  });

  test('for a process that left, from its watermark to the run that missed it', async () => {
    const left = createOrganisation({
      projects: [
        { name: 'p', clusters: [{ name: 'c', nodes: [{}, { listedUntil: T + 90 * MINUTE }], databases }] },
      ],
    });
    scenario = await startScenario({ organisation: left, start: T });
    const ticks = hourly(5);
    expect(new Set(await collect(scenario, ticks))).toEqual(new Set(['complete']));
    expect(await gaps()).toEqual([]);
    const missed = T + 2 * HOUR;
    await collect(scenario, [missed + 2 * DAY + HOUR, missed + 2 * DAY + 2 * HOUR]);
    expect(await gaps()).toMatchObject([
      { target: left.projects[0]?.processes[1]?.id, ts: lakeTime(T), gap_end: lakeTime(missed) },
    ]);
  });
});

test.each([
  ['too small a tier', { instanceSize: 'M5' }],
  ['too old a version', { version: '4.4.29' }],
])('%s causes one warning per day and process, and no requests in the meantime', async (_, lacking) => {
  const mixed = createOrganisation({
    projects: [
      {
        name: 'p',
        clusters: [
          { name: 'large', nodes: 1, databases },
          { name: 'lacking', nodes: 2, databases, ...lacking },
        ],
      },
    ],
  });
  scenario = await startScenario({ organisation: mixed, start: T });
  const lags: number[] = [];
  // From noon to noon, with a restart: two UTC days.
  for (const tick of hourly(25)) {
    if (tick === T + 3 * HOUR) await scenario.restart();
    const [run] = await scenario.tick(tick, [RANKS]);
    expect(run?.outcome).toBe('complete');
    lags.push(run?.lagSeconds ?? 0);
  }
  expect(scenario.warnings.filter((text) => text.includes('no ranked namespaces'))).toHaveLength(4);
  const refused = scenario.simulator.requests.list.filter(({ status }) => status === 400);
  expect(refused).toHaveLength(4);
  expect(Math.max(...lags)).toBe(3600);
  const expected = expectedNamespaces(mixed, hourly(25));
  const isLarge = (row: string) => JSON.parse(row).cluster_name === 'large';
  await expectLake(scenario, {
    ranks: expected.ranks.filter(isLarge),
    measurements: expected.measurements.filter(isLarge),
  });
  expect(await gaps()).toEqual([]);
});

test('two collectors that both consider the other dead write nothing twice and lose nothing', async () => {
  scenario = await startScenario({ organisation, start: T });
  const rival = await scenario.rival();
  await rival.dispatch(rankedNamespacesDataset, T);
  const work = rival.work([rankedNamespacesDataset]);
  const outcomes = await Promise.allSettled([scenario.tick(T, [RANKS]), work]);
  const lost = outcomes.filter(({ status }) => status === 'rejected').length + rival.crashes.length;
  expect(lost).toBeGreaterThanOrEqual(1);
  await scenario.restart();
  await collect(scenario, [T]);
  await expectLake(scenario, expectedNamespaces(organisation, [T]));
  const objects = await lakeObjects(scenario.bucket);
  expect(new Set(objects.map(({ key }) => key)).size).toBe(objects.length);
});

test('a tick without backlog sends one request for the ranking and one for each namespace, for each mongod', async () => {
  scenario = await startScenario({ organisation, start: T });
  await collect(scenario, [T]);
  scenario.simulator.requests.reset();
  await collect(scenario, [T + HOUR]);
  const hours = organisation.projects.flatMap(({ id, processes }) =>
    processes.flatMap((process) =>
      hoursOf(organisation, { projectId: id, processId: process.id }, [T, T + HOUR]).filter(
        ({ readAt }) => readAt > T,
      ),
    ),
  );
  const named = hours.reduce((sum, { namespaces }) => sum + namespaces.length, 0);
  expect(hoursAsked(scenario)).toEqual([T - HOUR, T - HOUR]);
  const counts = scenario.simulator.requests.counts();
  expect(counts['namespaceMeasurements'] ?? 0).toBe(named);
  expect(named).toBeGreaterThan(1);
  // Whole seconds, and exactly the hour.
  for (const { query, operation } of scenario.simulator.requests.list) {
    if (operation !== 'namespaceMeasurements' && operation !== 'rankedNamespaces') continue;
    expect(query).toBe('start=2026-03-02T11:00:00Z&end=2026-03-02T12:00:00Z');
  }
});
