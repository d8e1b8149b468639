import { afterEach, describe, expect, test } from 'vitest';
import {
  createOrganisation,
  type Organisation,
  type OrganisationOptions,
} from '../../../simulator/organisation.ts';
import { type Granularity, type SeriesTarget, settledPoints } from '../../../simulator/series.ts';
import { type Api, listOf, startApi } from './api-client.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const T = Date.parse('2026-03-02T12:00:00Z');

const shape = {
  projects: [
    {
      name: 'p',
      clusters: [
        { name: 'c', nodes: [{}, { offset: 32 * SECOND }], databases: ['a', 'ä b'], disks: ['data'] },
      ],
    },
  ],
} satisfies OrganisationOptions;

const organisation = createOrganisation(shape);
const projectId = organisation.projects[0]?.id ?? '';
const [first = '', second = ''] = organisation.projects[0]?.processes.map(({ id }) => id) ?? [];
const DISK = { projectId, processId: first, partitionName: 'data' };
const DATABASE = { projectId, processId: second, databaseName: 'ä b' };

let api: Api;
afterEach(() => api.simulator.close());

const start = async (now: number, of: Organisation = organisation) => {
  api = await startApi({ organisation: of, now, rateLimits: false });
};

const iso = (instant: number) => new Date(instant).toISOString().replace('.000Z', 'Z');

interface Point {
  timestamp: number;
  value: unknown;
}

function pathOf(target: SeriesTarget): string {
  const part =
    'databaseName' in target
      ? `databases/${encodeURIComponent(target.databaseName)}`
      : `disks/${target.partitionName}`;
  return `/groups/${target.projectId}/processes/${target.processId}/${part}/measurements`;
}

async function ask(target: SeriesTarget, granularity: Granularity, from: number, to: number) {
  const { status, document } = await api.get(
    `${pathOf(target)}?granularity=${granularity}&start=${iso(from)}&end=${iso(to)}`,
  );
  expect(status).toBe(200);
  const series = new Map(
    listOf(document['measurements']).map(({ name, units, dataPoints }) => [
      String(name),
      {
        units,
        points: listOf(dataPoints).map(
          ({ timestamp, value }): Point => ({ timestamp: Date.parse(String(timestamp)), value }),
        ),
      },
    ]),
  );
  return { document, series };
}

const RATES = /IOPS|THROUGHPUT|LATENCY/;

/** By the arithmetic alone: the points in a window that were over at an instant, with the first rates null. */
function expected(
  of: Organisation,
  target: SeriesTarget,
  granularity: Granularity,
  from: number,
  to: number,
) {
  const byName = new Map<string, Point[]>();
  for (const { measurement, timestamp, value } of settledPoints(of, target, granularity, from, to)) {
    const points = byName.get(measurement) ?? [];
    const isFirstRate = points.length === 0 && RATES.test(measurement);
    byName.set(measurement, [...points, { timestamp, value: isFirstRate ? null : value }]);
  }
  return byName;
}

function pointsOf(series: Map<string, { points: Point[] }>) {
  return new Map([...series].map(([name, { points }]) => [name, points]));
}

describe('what the server shows is what the arithmetic says', () => {
  const cases: [string, SeriesTarget, Granularity, number, number][] = [
    ['a disk by the minute', DISK, 'PT1M', T - 6 * HOUR, T - HOUR],
    ['a disk by five minutes', DISK, 'PT5M', T - DAY, T - HOUR],
    ['a disk of an unaligned host', { ...DISK, processId: second }, 'PT1M', T - 3 * HOUR, T - HOUR],
    ['a database by the minute', DATABASE, 'PT1M', T - 5 * HOUR, T - HOUR],
    ['a database by five minutes', DATABASE, 'PT5M', T - 47 * HOUR, T - HOUR],
    ['a database by the hour', DATABASE, 'PT1H', T - 60 * DAY, T - DAY],
    ['a disk by the day', DISK, 'P1D', T - 300 * DAY, T - 2 * DAY],
    ['odd bounds', DISK, 'PT1M', T - 5 * HOUR + 17 * SECOND, T - 4 * HOUR + 41 * SECOND],
  ];
  test.each(cases)('%s', async (_, target, granularity, from, to) => {
    await start(T);
    const { series } = await ask(target, granularity, from, to);
    // The end of a window is part of it.
    expect(pointsOf(series)).toEqual(expected(organisation, target, granularity, from, to + 1));
  });

  test('whenever it is asked', async () => {
    await start(T);
    const early = await ask(DISK, 'PT1M', T - 3 * HOUR, T - 2 * HOUR);
    api.simulator.clock.set(T + 40 * HOUR);
    const late = await ask(DISK, 'PT1M', T - 3 * HOUR, T - 2 * HOUR);
    expect(pointsOf(late.series)).toEqual(pointsOf(early.series));
  });
});

describe('the body', () => {
  test('of a disk has the fields of the recorded one, and names the first and last data', async () => {
    await start(T);
    const { document } = await ask(DISK, 'PT5M', T - 2 * HOUR + 7 * SECOND, T - HOUR + 9 * SECOND);
    const { measurements, links, ...rest } = document;
    expect(rest).toEqual({
      end: iso(T - HOUR),
      granularity: 'PT5M',
      groupId: projectId,
      hostId: first,
      partitionName: 'data',
      processId: first,
      start: iso(T - 2 * HOUR + 5 * MINUTE),
    });
    expect(listOf(links).map(({ rel }) => rel)).toEqual(['self', 'https://cloud.mongodb.com/host']);
    expect(listOf(measurements)).toHaveLength(21);
    expect(Object.keys(listOf(measurements)[0] ?? {}).sort()).toEqual(['dataPoints', 'name', 'units']);
  });

  test('of a database has its name', async () => {
    await start(T);
    const { document, series } = await ask(DATABASE, 'PT1H', T - DAY, T - HOUR);
    expect(document).toMatchObject({ databaseName: 'ä b', hostId: second });
    expect(document).not.toHaveProperty('partitionName');
    expect([...series.values()].map(({ units }) => units)).toEqual([
      ...['BYTES', 'SCALAR', 'BYTES', 'BYTES', 'BYTES', 'SCALAR', 'SCALAR', 'SCALAR', 'SCALAR'],
    ]);
  });

  test('without data names the window that was asked for', async () => {
    await start(T);
    const { document } = await ask(DISK, 'PT1M', T - 5 * DAY, T - 4 * DAY);
    expect(document).toMatchObject({ start: iso(T - 5 * DAY), end: iso(T - 4 * DAY) });
  });
});

describe('the newest point', () => {
  const newest = async (target: SeriesTarget, granularity: Granularity, name: string) => {
    const now = api.simulator.clock.now();
    const { series } = await ask(target, granularity, now - 2 * HOUR, now);
    return series.get(name)?.points.at(-1) ?? { timestamp: Number.NaN, value: undefined };
  };

  test.each([
    ['a disk', DISK, 'DISK_QUEUE_DEPTH', 61],
    ['a database', DATABASE, 'DATABASE_DATA_SIZE', 355],
  ] as const)(
    'of %s is never newer than 2 seconds nor older than it should be',
    async (_, target, name, oldest) => {
      await start(T);
      const lags: number[] = [];
      for (let step = 0; step < 400; step += 7) {
        api.simulator.clock.set(T + step * SECOND);
        lags.push((T + step * SECOND - (await newest(target, 'PT1M', name)).timestamp) / SECOND);
      }
      expect(Math.min(...lags)).toBeGreaterThanOrEqual(2);
      expect(Math.max(...lags)).toBeLessThanOrEqual(oldest);
      expect(Math.max(...lags)).toBeGreaterThan(oldest * 0.8);
    },
  );

  test.each(['PT1M', 'PT5M', 'PT1H', 'P1D'] as const)(
    'at %s is an average that changes until its granule is over',
    async (granularity) => {
      const granule = { PT1M: MINUTE, PT5M: 5 * MINUTE, PT1H: HOUR, P1D: DAY }[granularity];
      await start(T);
      const seen: Point[] = [];
      for (let now = T + granule / 4; now < T + granule; now += granule / 4) {
        api.simulator.clock.set(now + 5 * SECOND);
        seen.push(await newest(DISK, granularity, 'DISK_QUEUE_DEPTH'));
      }
      const settled = settledPoints(organisation, DISK, granularity, T - granule, T + 2 * granule).filter(
        ({ measurement }) => measurement === 'DISK_QUEUE_DEPTH',
      );
      for (const { timestamp, value } of seen) {
        expect(settled.some((point) => point.value === value)).toBe(false);
        const over = settled.findLast((point) => point.timestamp <= timestamp);
        expect(Number(value) / (over?.value ?? Number.NaN)).toBeGreaterThan(0.9);
        expect(Number(value) / (over?.value ?? Number.NaN)).toBeLessThan(1.1);
      }
    },
  );

  test('is null for a database that was not sampled in it yet', async () => {
    await start(T);
    const values = new Set<boolean>();
    for (let step = 0; step < 24; step += 1) {
      api.simulator.clock.set(T + step * 5 * MINUTE);
      values.add((await newest(DATABASE, 'PT5M', 'DATABASE_DATA_SIZE')).value === null);
    }
    expect(values).toEqual(new Set([true, false]));
  });

  test('settles when the arithmetic says so, to the millisecond', async () => {
    await start(T);
    for (const target of [DISK, DATABASE]) {
      const points = settledPoints(organisation, target, 'PT1M', T, T + 20 * MINUTE);
      for (const { measurement, timestamp, visibleFrom } of points.slice(3, 6)) {
        const shows = async (now: number) => {
          api.simulator.clock.set(now);
          const { series } = await ask(target, 'PT1M', T - 5 * MINUTE, T + HOUR);
          const known = series.get(measurement)?.points ?? [];
          return known.some(
            (point) => point.timestamp === timestamp && (known.at(-1)?.timestamp ?? 0) > timestamp,
          );
        };
        expect([await shows(visibleFrom - 1), await shows(visibleFrom)]).toEqual([false, true]);
      }
    }
  });
});

describe('what Atlas has dropped', () => {
  test.each([
    ['PT1M', 48 * HOUR],
    ['PT5M', 48 * HOUR],
    ['PT1H', 63 * DAY],
  ] as const)(
    'at %s is not shown, and the first rate that is left is null',
    async (granularity, retention) => {
      const now = T + 17 * SECOND;
      await start(now);
      const { series } = await ask(DISK, granularity, T - retention - DAY, T - retention + DAY);
      expect(pointsOf(series)).toEqual(
        expected(organisation, DISK, granularity, now - retention, T - retention + DAY + 1),
      );
    },
  );

  test('is nothing at P1D, back to the creation', async () => {
    await start(T);
    const { series } = await ask(DISK, 'P1D', 0, T - DAY);
    expect(series.get('DISK_QUEUE_DEPTH')?.points[0]?.timestamp).toBe(Date.parse('2025-01-01T00:00:00Z'));
  });
});

describe('late', () => {
  const values = async (name: string) => {
    const { series } = await ask(DISK, 'PT1M', T - 10 * MINUTE, T - 5 * MINUTE);
    return series.get(name)?.points.map(({ value }) => value !== null);
  };
  const all = [true, true, true, true, true, true];
  const none = all.map(() => false);

  test('series are null, or have no points, until their time', async () => {
    const rules = createOrganisation({
      ...shape,
      lateSeries: [
        { measurement: 'DISK_QUEUE_DEPTH', lateByMs: HOUR },
        { measurement: 'DISK_PARTITION_SPACE_FREE', lateByMs: HOUR, shown: 'omitted' },
      ],
    });
    await start(T, rules);
    expect(await values('DISK_QUEUE_DEPTH')).toEqual(none);
    expect(await values('DISK_PARTITION_SPACE_FREE')).toEqual([]);
    expect(await values('DISK_PARTITION_SPACE_USED')).toEqual(all);
    api.simulator.clock.set(T + 52 * MINUTE);
    expect(await values('DISK_QUEUE_DEPTH')).toEqual([true, true, true, false, false, false]);
    expect(await values('DISK_PARTITION_SPACE_FREE')).toEqual([true, true, true]);
    api.simulator.clock.set(T + HOUR);
    expect(await values('DISK_QUEUE_DEPTH')).toEqual(all);
  });

  test('series can be missing altogether, and then bring their past', async () => {
    const until = T + 2 * HOUR;
    const rules = createOrganisation({
      ...shape,
      missingSeries: [
        { measurement: 'DISK_QUEUE_DEPTH', until },
        { measurement: 'DISK_PARTITION_SPACE_FREE', until, shown: 'omitted' },
        { measurement: 'DISK_PARTITION_SPACE_USED', until, shown: 'null' },
      ],
    });
    await start(T, rules);
    expect(await values('DISK_QUEUE_DEPTH')).toBeUndefined();
    expect(await values('DISK_PARTITION_SPACE_FREE')).toEqual([]);
    expect(await values('DISK_PARTITION_SPACE_USED')).toEqual(none);
    api.simulator.clock.set(until);
    expect(await values('DISK_QUEUE_DEPTH')).toEqual(all);
    expect(await values('DISK_PARTITION_SPACE_FREE')).toEqual(all);
    expect(await values('DISK_PARTITION_SPACE_USED')).toEqual(all);
  });

  test('nulls are filled, or not, when they are said to be', async () => {
    const hole = { from: T - 9 * MINUTE, to: T - 7 * MINUTE };
    const rules = createOrganisation({
      ...shape,
      lateFills: [
        { ...hole, measurement: 'DISK_QUEUE_DEPTH', filledAt: T + 40 * HOUR },
        { ...hole, measurement: 'DISK_PARTITION_SPACE_FREE', filledAt: null },
      ],
    });
    await start(T + 40 * HOUR - 1, rules);
    const holed = [true, false, false, true, true, true];
    expect(await values('DISK_QUEUE_DEPTH')).toEqual(holed);
    api.simulator.clock.advance(1);
    expect(await values('DISK_QUEUE_DEPTH')).toEqual(all);
    expect(await values('DISK_PARTITION_SPACE_FREE')).toEqual(holed);
  });
});

describe('the parameters', () => {
  const refuse = async (query: string) => api.refusal(`${pathOf(DISK)}?${query}`);
  const span = `start=${iso(T - HOUR)}&end=${iso(T)}`;

  test.each([
    [span, 400, 'INVALID_GRANULARITY'],
    [`granularity=PT2M&${span}`, 400, 'INVALID_GRANULARITY'],
    [`granularity=PT10S&${span}`, 500, 'UNEXPECTED_ERROR'],
    ['granularity=PT1M', 400, 'MISSING_QUERY_PARAMETER'],
    [`granularity=PT1M&start=${iso(T)}`, 400, 'MISSING_QUERY_PARAMETER'],
    [`granularity=PT1M&end=${iso(T)}`, 400, 'MISSING_QUERY_PARAMETER'],
    [`granularity=PT1M&start=${iso(T)}&end=${iso(T - SECOND)}`, 400, 'START_DATE_AFTER_END_DATE'],
    [`granularity=PT1M&start=2026-03-02T11:00:00.000Z&end=${iso(T)}`, 400, 'FRACTIONAL_TIMESTAMP'],
    [`granularity=PT1M&start=yesterday&end=${iso(T)}`, 400, 'INVALID_QUERY_PARAMETER'],
    [`granularity=PT1M&period=PT1H&${span}`, 400, 'MUTUALLY_EXCLUSIVE_QUERY_PARAMETERS'],
    ['granularity=PT1M&period=1H', 400, 'INVALID_PERIOD'],
    ['granularity=PT1M&period=P', 400, 'INVALID_PERIOD'],
    ['granularity=PT1M&period=PT', 400, 'INVALID_PERIOD'],
    ['granularity=PT1M&period=PT1H&m=DATABASE_DATA_SIZE', 400, 'INVALID_METRIC_NAME'],
  ])('%s are answered with %i %s', async (query, status, code) => {
    await start(T);
    expect(await refuse(query)).toEqual([status, code]);
  });

  test('m names up to ten series', async () => {
    await start(T);
    const query = `${pathOf(DISK)}?granularity=PT1M&period=PT1H`;
    const { document } = await api.get(`${query}&m=DISK_QUEUE_DEPTH&m=DISK_PARTITION_IOPS_READ`);
    expect(listOf(document['measurements']).map(({ name }) => name)).toEqual([
      'DISK_PARTITION_IOPS_READ',
      'DISK_QUEUE_DEPTH',
    ]);
    const names = listOf((await api.get(query)).document['measurements']).map(({ name }) => `&m=${name}`);
    expect((await api.get(query + names.slice(0, 10).join(''))).status).toBe(200);
    expect(await api.refusal(query + names.slice(0, 11).join(''))).toEqual([400, 'INVALID_QUERY_PARAMETER']);
  });

  test.each([
    ['PT90M', 90 * MINUTE],
    ['P1DT2H', 26 * HOUR],
    ['P1W', 48 * HOUR],
  ])('a period of %s ends now', async (period, reach) => {
    await start(T);
    const { document } = await api.get(`${pathOf(DISK)}?granularity=PT5M&period=${period}`);
    expect(document['start']).toBe(iso(T - reach));
    expect(Date.parse(String(document['end']))).toBeGreaterThanOrEqual(T - 61 * SECOND);
  });

  test('times may have another zone', async () => {
    await start(T);
    const query = `granularity=PT5M&start=2026-03-02T11:00:00%2B01:00&end=2026-03-02T11:30:00Z`;
    const { document } = await api.get(`${pathOf(DISK)}?${query}`);
    expect(document).toMatchObject({ start: '2026-03-02T10:00:00Z', end: '2026-03-02T11:30:00Z' });
  });

  test('envelope wraps the answer, pretty indents it', async () => {
    await start(T);
    const query = `${pathOf(DISK)}?granularity=PT5M&period=PT1H`;
    const plain = (await api.get(query)).document;
    const { document } = await api.get(`${query}&envelope=true`);
    expect(document['status']).toBe(200);
    expect(Object(document['content'])['measurements']).toEqual(plain['measurements']);
    expect((await api.get(`${query}&pretty=true`)).document['measurements']).toEqual(plain['measurements']);
  });
});
