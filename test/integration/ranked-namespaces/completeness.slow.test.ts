import { afterEach, describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import {
  expectedNamespaces,
  hoursOf,
  mongodsOf,
  RANKS,
  ticksReading,
} from '../../support/expected-ranked-namespaces.ts';
import { tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { lakeTime, T } from '../../support/times.ts';
import { collect, expectLake, hourly, hoursAsked, sortedGaps, spansOf, startsOf } from './support.ts';

let scenario: Scenario;
afterEach(() => scenario.close());

const collections = ['plain', 'with.dots.in it', 'ünïcode/€', '100%', '$cmd?#'];
const shape = {
  nullShare: 0.1,
  projects: [
    {
      name: 'p',
      clusters: [{ name: 'c', nodes: 2, databases: [{ name: 'shop', collections }, 'empty'] }],
    },
  ],
};
const [process] = createOrganisation(shape).projects.flatMap(({ id, processes }) =>
  processes.map((one) => ({ projectId: id, processId: one.id })),
);
const one = process ?? { projectId: '', processId: '' };

test('reads six hours of the default organisation, with its late hours', async () => {
  const organisation = createOrganisation();
  scenario = await startScenario({ organisation, start: T });
  const ticks = hourly(6);
  expect(new Set(await collect(scenario, ticks))).toEqual(new Set(['complete']));
  const expected = expectedNamespaces(organisation, ticks);
  expect(expected.ranks.length).toBeGreaterThan(100);
  expect(expected.measurements.length).toBeGreaterThan(10_000);
  await expectLake(scenario, expected);
  expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
});

test('reads names of any kind, with nulls, and places that differ from hour to hour', async () => {
  const organisation = createOrganisation(shape);
  scenario = await startScenario({ organisation, start: T });
  const ticks = hourly(4);
  await collect(scenario, ticks);
  const expected = expectedNamespaces(organisation, ticks);
  for (const name of collections) expect(expected.ranks.join()).toContain(JSON.stringify(name));
  const first = hoursOf(organisation, one, ticks).map(({ namespaces }) => namespaces[0]);
  expect(new Set(first).size).toBeGreaterThan(1);
  await expectLake(scenario, expected);
});

test('requests and adds nothing for the same tick again, even in a new process', async () => {
  const organisation = createOrganisation({
    ...shape,
    lateRankedNamespaces: [{ from: T - 3 * HOUR, lateByMs: null }],
  });
  scenario = await startScenario({ organisation, start: T });
  const ticks = hourly(2);
  await collect(scenario, ticks);
  scenario.simulator.requests.reset();
  await collect(scenario, ticks.slice(-1));
  await scenario.restart();
  await collect(scenario, ticks.slice(-1));
  expect(hoursAsked(scenario)).toEqual([]);
  await expectLake(scenario, expectedNamespaces(organisation, ticks));
});

test.each([0, 2])('reads measurements of %i namespaces when that many are configured', async (namespaces) => {
  const organisation = createOrganisation(shape);
  const config = { datasets: { [RANKS]: { namespaces } } };
  scenario = await startScenario({ organisation, start: T, config });
  await collect(scenario, [T]);
  await expectLake(scenario, expectedNamespaces(organisation, [T], { measured: namespaces }));
  const asked = hoursOf(organisation, one, [T]).length;
  expect(asked).toBeGreaterThan(1);
  const measured = scenario.simulator.requests.counts()['namespaceMeasurements'] ?? 0;
  expect(measured > 0).toBe(namespaces > 0);
});

describe('an hour whose response is empty', () => {
  const late = T + HOUR;

  test.each([
    ['is filled an hour and a half late', 90 * MINUTE],
    ['is filled at the last moment', 4 * HOUR],
    ['is filled when no run requests it any more', 5 * HOUR],
    ['is never filled', null],
  ])('%s', async (_, lateByMs) => {
    const organisation = createOrganisation({
      ...shape,
      lateRankedNamespaces: [{ processId: one.processId, from: late, to: late + HOUR, lateByMs }],
    });
    scenario = await startScenario({ organisation, start: T });
    const ticks = hourly(8);
    const outcomes = await collect(scenario, ticks);
    expect(new Set(outcomes)).toEqual(new Set(['complete']));
    await expectLake(scenario, expectedNamespaces(organisation, ticks));
    expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
    // Requested once per tick until it has names or three hours have passed. No other hour is requested more than once.
    const visible = lateByMs === null ? Infinity : late + HOUR + lateByMs;
    const asks = ticksReading(late, ticks);
    const reads = asks.filter((tick) => tick < visible).length + Number(asks.some((tick) => tick >= visible));
    const asked = hoursAsked(scenario, one.processId);
    expect(asked.filter((hour) => hour === late)).toHaveLength(reads);
    const others = asked.filter((hour) => hour !== late);
    expect(new Set(others).size).toBe(others.length);
  });
});

describe('after an outage', () => {
  test('of a day, empty hours are requested once more, and new ones oldest first', async () => {
    const organisation = createOrganisation({
      ...shape,
      lateRankedNamespaces: [{ from: T - 2 * HOUR, to: T + HOUR, lateByMs: 5 * HOUR }],
    });
    scenario = await startScenario({ organisation, start: T });
    const ticks = [T, T + HOUR, T + 26 * HOUR];
    await collect(scenario, ticks.slice(0, 2));
    scenario.simulator.requests.reset();
    await collect(scenario, ticks.slice(2));
    const expected = expectedNamespaces(organisation, ticks);
    await expectLake(scenario, expected);
    expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
    const asked = hoursAsked(scenario, one.processId);
    const fresh = asked.filter((hour) => hour >= T);
    expect(fresh).toEqual(Array.from({ length: 25 }, (_, index) => T + index * HOUR));
    expect(asked.slice(25)).toEqual([T - 2 * HOUR, T - HOUR]);
  });

  test('of nine days, seven are read, the oldest of them as hours, and the rest becomes a gap', async () => {
    const organisation = createOrganisation({
      projects: [
        {
          name: 'p',
          clusters: [{ name: 'c', nodes: 1, databases: [{ name: 'shop', collections: ['carts'] }] }],
        },
      ],
    });
    scenario = await startScenario({ organisation, start: T });
    const back = T + 9 * DAY;
    await collect(scenario, [T, back]);
    const settled = back - HOUR;
    const [from, to] = [lakeTime(T - HOUR), lakeTime(settled - 7 * DAY)];
    const isIn = (row: string) => {
      const { ts } = JSON.parse(row);
      return ts >= from && ts < to;
    };
    const all = expectedNamespaces(organisation, [T, back]);
    expect(all.ranks.some(isIn)).toBe(true);
    await expectLake(scenario, {
      ranks: all.ranks.filter((row) => !isIn(row)),
      measurements: all.measurements.filter((row) => !isIn(row)),
    });
    expect(all.measurements.join()).toContain('PT1H');
    const { quiet, others } = await sortedGaps(scenario);
    expect(others).toMatchObject([
      { dataset: RANKS, ts: from, gap_end: to, reason: 'older than the collector requests' },
    ]);
    // It is unknown whether nothing happened or Atlas has dropped it.
    const [id = ''] = mongodsOf(organisation).map(({ process: { id } }) => id);
    const old = startsOf(organisation, id, settled - 7 * DAY, back - 2 * DAY, 'quiet');
    expect(old.length).toBeGreaterThan(10);
    expect(quiet).toEqual(spansOf(id, old));
  });

  test('of four days, hours older than a retention of sixty hours become gaps', async () => {
    const keeps = 60 * HOUR;
    const organisation = createOrganisation({
      rankedNamespacesRetention: keeps,
      projects: [
        {
          name: 'p',
          clusters: [{ name: 'c', nodes: 1, databases: [{ name: 'shop', collections: ['carts'] }] }],
        },
      ],
    });
    scenario = await startScenario({ organisation, start: T });
    const back = T + 4 * DAY;
    expect(await collect(scenario, [T, back])).toEqual(['complete', 'complete']);
    const isDropped = (row: string) => {
      const { ts } = JSON.parse(row);
      return ts >= lakeTime(T - HOUR) && ts < lakeTime(back - keeps);
    };
    const all = expectedNamespaces(organisation, [T, back]);
    await expectLake(scenario, {
      ranks: all.ranks.filter((row) => !isDropped(row)),
      measurements: all.measurements.filter((row) => !isDropped(row)),
    });
    const [id = ''] = mongodsOf(organisation).map(({ process: { id } }) => id);
    const dropped = startsOf(organisation, id, T - HOUR, back - keeps, 'all');
    expect(dropped).toHaveLength(37);
    const old = startsOf(organisation, id, back - keeps, back - 2 * DAY, 'quiet');
    expect(await sortedGaps(scenario)).toEqual({ quiet: spansOf(id, [...dropped, ...old]), others: [] });
  });
});
