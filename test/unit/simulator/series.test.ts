import { describe, expect, test } from 'vitest';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { type SeriesTarget, settledPoints } from '../../../simulator/series.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../simulator/time.ts';
import { T } from '../../support/times.ts';
import {
  aligned,
  database,
  disk,
  INTERVALS,
  only,
  organisation,
  shape,
  unaligned,
} from './small-organisation.ts';

describe('settled points', () => {
  test('are the same for any request', () => {
    const whole = settledPoints(organisation, disk(), 'PT1M', T, T + 2 * HOUR);
    const again = createOrganisation(shape);
    const parts = [T, T + HOUR].flatMap((from) => settledPoints(again, disk(), 'PT1M', from, from + HOUR));
    const order = (points: typeof whole) =>
      points.toSorted(
        (one, two) => one.measurement.localeCompare(two.measurement) || one.timestamp - two.timestamp,
      );
    expect(order(parts)).toEqual(order(whole));
    expect(whole).toHaveLength(21 * 120);
  });

  test('differ by series, host, granularity and time', () => {
    const values = INTERVALS.flatMap(([granularity, interval]) =>
      [aligned, unaligned].flatMap((processId) =>
        [database(processId), database(processId, 'b'), disk(processId)].flatMap((target) =>
          settledPoints(organisation, target, granularity, T, T + 24 * interval),
        ),
      ),
    )
      .map(({ value }) => value)
      .filter((value) => value !== null && value !== 0);
    expect(values.length).toBeGreaterThan(4000);
    expect(values.every(Number.isFinite)).toBe(true);
    expect(new Set(values).size).toBe(values.length);
  });

  test.each(INTERVALS)(
    "of %s are one interval apart, starting at the host's offset",
    (granularity, interval) => {
      for (const [processId, offset] of [[aligned, 0] as const, [unaligned, 32 * SECOND] as const]) {
        const points = settledPoints(
          organisation,
          disk(processId),
          granularity,
          T - DAY,
          T - DAY + 3 * interval,
        );
        const times = only('DISK_QUEUE_DEPTH', points).map(({ timestamp }) => timestamp);
        expect(times).toHaveLength(3);
        const first = Math.ceil((T - DAY - offset) / interval) * interval + offset;
        expect(times).toEqual([first, first + interval, first + 2 * interval]);
      }
    },
  );

  test('of a database have a value in one of four intervals of 5 minutes, 20 minutes apart', () => {
    const points = settledPoints(organisation, database(), 'PT5M', T, T + DAY);
    const sampled = only('DATABASE_DATA_SIZE', points).filter(({ value }) => value !== null);
    expect(sampled).toHaveLength(72);
    const gaps = sampled.slice(1).map(({ timestamp }, index) => timestamp - (sampled[index]?.timestamp ?? 0));
    expect(new Set(gaps)).toEqual(new Set([20 * MINUTE]));
    for (const granularity of ['PT1H', 'P1D'] as const) {
      const coarse = settledPoints(organisation, database(), granularity, T - 9 * DAY, T);
      expect(coarse.every(({ value }) => value !== null)).toBe(true);
    }
  });

  test('of a database follow the configured sampling', () => {
    const slow = createOrganisation({ ...shape, databaseSampling: 60 * MINUTE });
    const points = settledPoints(slow, database(), 'PT5M', T, T + DAY);
    expect(only('DATABASE_DATA_SIZE', points).filter(({ value }) => value !== null)).toHaveLength(24);
  });

  test('of a disk have a value in every interval, and add up to the disk', () => {
    const points = settledPoints(organisation, disk(), 'PT1M', T, T + HOUR);
    expect(points.every(({ value }) => value !== null)).toBe(true);
    const at = (measurement: string) => only(measurement, points)[7]?.value ?? Number.NaN;
    const [used, free] = [at('DISK_PARTITION_SPACE_USED'), at('DISK_PARTITION_SPACE_FREE')];
    expect(used + free).toBeCloseTo(40 * 2 ** 30, 3);
    expect(at('DISK_PARTITION_SPACE_PERCENT_USED')).toBeCloseTo((100 * used) / (used + free), 9);
    expect(at('DISK_PARTITION_IOPS_TOTAL')).toBe(
      at('DISK_PARTITION_IOPS_READ') + at('DISK_PARTITION_IOPS_WRITE'),
    );
    for (const name of ['IOPS_READ', 'LATENCY_WRITE', 'SPACE_USED', 'SPACE_PERCENT_FREE']) {
      expect(at(`MAX_DISK_PARTITION_${name}`)).toBeGreaterThan(at(`DISK_PARTITION_${name}`));
    }
  });

  test('have the units of the reference', () => {
    const units = (target: SeriesTarget) =>
      new Map(
        settledPoints(organisation, target, 'P1D', T, T + DAY).map((point) => [
          point.measurement,
          point.units,
        ]),
      );
    expect(Object.fromEntries(units(database()))).toEqual({
      DATABASE_AVERAGE_OBJECT_SIZE: 'BYTES',
      DATABASE_COLLECTION_COUNT: 'SCALAR',
      DATABASE_DATA_SIZE: 'BYTES',
      DATABASE_STORAGE_SIZE: 'BYTES',
      DATABASE_INDEX_SIZE: 'BYTES',
      DATABASE_INDEX_COUNT: 'SCALAR',
      DATABASE_EXTENT_COUNT: 'SCALAR',
      DATABASE_OBJECT_COUNT: 'SCALAR',
      DATABASE_VIEW_COUNT: 'SCALAR',
    });
    const ofDisk = units(disk());
    expect(ofDisk.size).toBe(21);
    expect(ofDisk.get('MAX_DISK_PARTITION_IOPS_TOTAL')).toBe('SCALAR_PER_SECOND');
    expect(ofDisk.get('DISK_PARTITION_THROUGHPUT_READ')).toBe('BYTES_PER_SECOND');
    expect(ofDisk.get('DISK_PARTITION_LATENCY_READ')).toBe('MILLISECONDS');
    expect(ofDisk.get('DISK_PARTITION_SPACE_PERCENT_FREE')).toBe('PERCENT');
  });

  test('exist long before and after the present, but not before the creation', () => {
    const far = Date.parse('2070-01-01T00:00:00Z');
    for (const { value } of settledPoints(organisation, disk(), 'PT1H', far, far + DAY)) {
      expect(value).toSatisfy(Number.isFinite);
    }
    const creation = Date.parse('2025-01-01T00:00:00Z');
    expect(settledPoints(organisation, disk(), 'P1D', 0, creation)).toEqual([]);
    const [first, second] = only(
      'DISK_PARTITION_IOPS_READ',
      settledPoints(organisation, disk(), 'P1D', 0, creation + 2 * DAY),
    );
    // No sample precedes the first one, so its rate can never be known.
    expect(first).toMatchObject({ timestamp: creation, value: null });
    expect(second?.value).toBeGreaterThan(0);
  });

  test('throw for an unknown target', () => {
    expect(() => settledPoints(organisation, database(aligned, 'zzz'), 'PT1H', T, T + DAY)).toThrow(
      RangeError,
    );
  });

  test('have the configured share of nulls', () => {
    const holey = createOrganisation({ ...shape, nullShare: 0.1 });
    const points = settledPoints(holey, disk(), 'PT1M', T, T + DAY);
    const share = points.filter(({ value }) => value === null).length / points.length;
    expect(share).toBeGreaterThan(0.09);
    expect(share).toBeLessThan(0.11);
  });
});
