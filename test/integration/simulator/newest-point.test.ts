import { afterEach, describe, expect, test } from 'vitest';
import { type Granularity, type SeriesTarget, settledPoints } from '../../../simulator/series.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../simulator/time.ts';
import { T } from '../../support/times.ts';
import { type Api, startApi } from './api-client.ts';
import { DATABASE, DISK, organisation, type Point, readWindow } from './measurement-client.ts';

let api: Api;
afterEach(() => api.simulator.close());

const start = async (now: number) => {
  api = await startApi({ organisation, now, rateLimits: false });
};

describe('the newest point', () => {
  const newest = async (target: SeriesTarget, granularity: Granularity, name: string) => {
    const now = api.simulator.clock.now();
    const { points } = await readWindow(api, target, granularity, now - 2 * HOUR, now);
    return points.get(name)?.at(-1) ?? { timestamp: Number.NaN, value: undefined };
  };

  test.each([
    ['a disk', DISK, 'DISK_QUEUE_DEPTH', 61],
    ['a database', DATABASE, 'DATABASE_DATA_SIZE', 355],
  ] as const)(
    'of %s is at least 2 seconds old, and at most its maximum age',
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
    'at %s is an average that changes until its interval ends',
    async (granularity) => {
      const interval = { PT1M: MINUTE, PT5M: 5 * MINUTE, PT1H: HOUR, P1D: DAY }[granularity];
      await start(T);
      const seen: Point[] = [];
      for (let now = T + interval / 4; now < T + interval; now += interval / 4) {
        api.simulator.clock.set(now + 5 * SECOND);
        seen.push(await newest(DISK, granularity, 'DISK_QUEUE_DEPTH'));
      }
      const settled = settledPoints(organisation, DISK, granularity, T - interval, T + 2 * interval).filter(
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

  test('is null for a database without a sample in it', async () => {
    await start(T);
    const values = new Set<boolean>();
    for (let step = 0; step < 24; step += 1) {
      api.simulator.clock.set(T + step * 5 * MINUTE);
      values.add((await newest(DATABASE, 'PT5M', 'DATABASE_DATA_SIZE')).value === null);
    }
    expect(values).toEqual(new Set([true, false]));
  });

  test('settles at the computed time, to the millisecond', async () => {
    await start(T);
    for (const target of [DISK, DATABASE]) {
      const points = settledPoints(organisation, target, 'PT1M', T, T + 20 * MINUTE);
      for (const { measurement, timestamp, visibleFrom } of points.slice(3, 6)) {
        const shows = async (now: number) => {
          api.simulator.clock.set(now);
          const { points } = await readWindow(api, target, 'PT1M', T - 5 * MINUTE, T + HOUR);
          const known = points.get(measurement) ?? [];
          return known.some(
            (point) => point.timestamp === timestamp && (known.at(-1)?.timestamp ?? 0) > timestamp,
          );
        };
        expect([await shows(visibleFrom - 1), await shows(visibleFrom)]).toEqual([false, true]);
      }
    }
  });
});
