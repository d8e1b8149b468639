import { afterEach, describe, expect, test } from 'vitest';
import type { Granularity, SeriesTarget } from '../../../simulator/series.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../simulator/time.ts';
import { T } from '../../support/times.ts';
import { type Api, listOf, startApi } from './api-client.ts';
import {
  DATABASE,
  DISK,
  expected,
  iso,
  organisation,
  readWindow,
  UNALIGNED_DISK,
} from './measurement-client.ts';

let api: Api;
afterEach(() => api.simulator.close());

const start = async (now: number) => {
  api = await startApi({ organisation, now, rateLimits: false });
};

describe('the server shows the computed points', () => {
  const cases: [string, SeriesTarget, Granularity, number, number][] = [
    ['a disk by the minute', DISK, 'PT1M', T - 6 * HOUR, T - HOUR],
    ['a disk by five minutes', DISK, 'PT5M', T - DAY, T - HOUR],
    ['a disk of an unaligned host', UNALIGNED_DISK, 'PT1M', T - 3 * HOUR, T - HOUR],
    ['a database by the minute', DATABASE, 'PT1M', T - 5 * HOUR, T - HOUR],
    ['a database by five minutes', DATABASE, 'PT5M', T - 47 * HOUR, T - HOUR],
    ['a database by the hour', DATABASE, 'PT1H', T - 60 * DAY, T - DAY],
    ['a disk by the day', DISK, 'P1D', T - 300 * DAY, T - 2 * DAY],
    ['odd bounds', DISK, 'PT1M', T - 5 * HOUR + 17 * SECOND, T - 4 * HOUR + 41 * SECOND],
  ];
  test.each(cases)('for %s', async (_, target, granularity, from, to) => {
    await start(T);
    const { points } = await readWindow(api, target, granularity, from, to);
    // The end of a window is inclusive.
    expect(points).toEqual(expected(organisation, target, granularity, from, to + 1));
  });

  test('for the same window, also 40 hours later', async () => {
    await start(T);
    const early = await readWindow(api, DISK, 'PT1M', T - 3 * HOUR, T - 2 * HOUR);
    api.simulator.clock.set(T + 40 * HOUR);
    const late = await readWindow(api, DISK, 'PT1M', T - 3 * HOUR, T - 2 * HOUR);
    expect(late.points).toEqual(early.points);
  });
});

describe('the body', () => {
  test('of a disk has the recorded fields, and names the first and last data', async () => {
    await start(T);
    const { document } = await readWindow(
      api,
      DISK,
      'PT5M',
      T - 2 * HOUR + 7 * SECOND,
      T - HOUR + 9 * SECOND,
    );
    const { measurements, links, ...rest } = document;
    expect(rest).toEqual({
      end: iso(T - HOUR),
      granularity: 'PT5M',
      groupId: DISK.projectId,
      hostId: DISK.processId,
      partitionName: 'data',
      processId: DISK.processId,
      start: iso(T - 2 * HOUR + 5 * MINUTE),
    });
    expect(listOf(links).map(({ rel }) => rel)).toEqual(['self', 'https://cloud.mongodb.com/host']);
    expect(listOf(measurements)).toHaveLength(21);
    expect(Object.keys(listOf(measurements)[0] ?? {}).sort()).toEqual(['dataPoints', 'name', 'units']);
  });

  test('of a database has its name', async () => {
    await start(T);
    const { document } = await readWindow(api, DATABASE, 'PT1H', T - DAY, T - HOUR);
    expect(document).toMatchObject({ databaseName: 'ä b', hostId: DATABASE.processId });
    expect(document).not.toHaveProperty('partitionName');
    expect(listOf(document['measurements']).map(({ units }) => units)).toEqual([
      ...['BYTES', 'SCALAR', 'BYTES', 'BYTES', 'BYTES', 'SCALAR', 'SCALAR', 'SCALAR', 'SCALAR'],
    ]);
  });

  test('without data names the requested window', async () => {
    await start(T);
    const { document } = await readWindow(api, DISK, 'PT1M', T - 5 * DAY, T - 4 * DAY);
    expect(document).toMatchObject({ start: iso(T - 5 * DAY), end: iso(T - 4 * DAY) });
  });
});

describe('expired data', () => {
  test.each([
    ['PT1M', 48 * HOUR],
    ['PT5M', 48 * HOUR],
    ['PT1H', 63 * DAY],
  ] as const)('at %s is not shown, and the first remaining rate is null', async (granularity, retention) => {
    const now = T + 17 * SECOND;
    await start(now);
    const { points } = await readWindow(api, DISK, granularity, T - retention - DAY, T - retention + DAY);
    expect(points).toEqual(
      expected(organisation, DISK, granularity, now - retention, T - retention + DAY + 1),
    );
  });

  test('does not exist at P1D: points go back to the creation', async () => {
    await start(T);
    const { points } = await readWindow(api, DISK, 'P1D', 0, T - DAY);
    expect(points.get('DISK_QUEUE_DEPTH')?.[0]?.timestamp).toBe(Date.parse('2025-01-01T00:00:00Z'));
  });
});
