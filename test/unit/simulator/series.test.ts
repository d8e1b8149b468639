import { describe, expect, test } from 'vitest';
import { createOrganisation, type OrganisationOptions } from '../../../simulator/organisation.ts';
import { type Granularity, readableAt, type SeriesTarget, settledPoints } from '../../../simulator/series.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const T = Date.parse('2026-03-02T12:00:00Z');

const shape = {
  projects: [
    {
      name: 'p',
      clusters: [{ name: 'c', nodes: [{}, { offset: 32 * SECOND }], databases: ['a', 'b'], disks: ['data'] }],
    },
  ],
} satisfies OrganisationOptions;

const organisation = createOrganisation(shape);
const project = organisation.projects[0];
const aligned = project?.processes[0]?.id ?? '';
const unaligned = project?.processes[1]?.id ?? '';
const database = (processId = aligned, databaseName = 'a') => ({
  projectId: project?.id ?? '',
  processId,
  databaseName,
});
const disk = (processId = aligned) => ({ projectId: project?.id ?? '', processId, partitionName: 'data' });

const TARGETS: [string, SeriesTarget][] = [
  ['a database', database()],
  ['a disk', disk()],
];
const GRANULES: [Granularity, number][] = [
  ['PT1M', MINUTE],
  ['PT5M', 5 * MINUTE],
  ['PT1H', HOUR],
  ['P1D', DAY],
];

function only(measurement: string, points: ReturnType<typeof settledPoints>) {
  return points.filter((point) => point.measurement === measurement);
}

describe('settled points', () => {
  test('are the same however they are asked for', () => {
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

  test('differ in series, host, granularity and time', () => {
    const values = GRANULES.flatMap(([granularity, granule]) =>
      [aligned, unaligned].flatMap((processId) =>
        [database(processId), database(processId, 'b'), disk(processId)].flatMap((target) =>
          settledPoints(organisation, target, granularity, T, T + 24 * granule),
        ),
      ),
    )
      .map(({ value }) => value)
      .filter((value) => value !== null && value !== 0);
    expect(values.length).toBeGreaterThan(4000);
    expect(values.every(Number.isFinite)).toBe(true);
    expect(new Set(values).size).toBe(values.length);
  });

  test.each(GRANULES)(
    'of %s are one granule apart, from the offset of the host on',
    (granularity, granule) => {
      for (const [processId, offset] of [[aligned, 0] as const, [unaligned, 32 * SECOND] as const]) {
        const points = settledPoints(
          organisation,
          disk(processId),
          granularity,
          T - DAY,
          T - DAY + 3 * granule,
        );
        const times = only('DISK_QUEUE_DEPTH', points).map(({ timestamp }) => timestamp);
        expect(times).toHaveLength(3);
        const first = Math.ceil((T - DAY - offset) / granule) * granule + offset;
        expect(times).toEqual([first, first + granule, first + 2 * granule]);
      }
    },
  );

  test('of a database have a value in one of four granules of 5 minutes, 20 minutes apart', () => {
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

  test('of a database keep to another pace when told so', () => {
    const slow = createOrganisation({ ...shape, databaseSampling: 60 * MINUTE });
    const points = settledPoints(slow, database(), 'PT5M', T, T + DAY);
    expect(only('DATABASE_DATA_SIZE', points).filter(({ value }) => value !== null)).toHaveLength(24);
  });

  test('of a disk have a value in every granule, and add up to the disk', () => {
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

  test('come in the units of the reference', () => {
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

  test('exist long before and long after, and are nothing before the creation', () => {
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
    // No sample comes before the very first, so its rate can never be known.
    expect(first).toMatchObject({ timestamp: creation, value: null });
    expect(second?.value).toBeGreaterThan(0);
  });

  test('leave out what no one has', () => {
    expect(() => settledPoints(organisation, database(aligned, 'zzz'), 'PT1H', T, T + DAY)).toThrow(
      RangeError,
    );
  });

  test('are null now and then when told so', () => {
    const holey = createOrganisation({ ...shape, nullShare: 0.1 });
    const points = settledPoints(holey, disk(), 'PT1M', T, T + DAY);
    const share = points.filter(({ value }) => value === null).length / points.length;
    expect(share).toBeGreaterThan(0.09);
    expect(share).toBeLessThan(0.11);
  });
});

describe('a point can be read', () => {
  test.each(TARGETS)('of %s soon after its granule is over', (kind, target) => {
    const longest = (kind === 'a disk' ? 61 : 355) * SECOND;
    for (const { timestamp, visibleFrom } of settledPoints(organisation, target, 'PT1M', T, T + 6 * HOUR)) {
      const lag = visibleFrom - (timestamp + MINUTE);
      expect(lag).toBeGreaterThanOrEqual(2 * SECOND);
      expect(lag).toBeLessThanOrEqual(longest);
    }
  });

  test.each([
    ['PT1M', 48 * HOUR],
    ['PT5M', 48 * HOUR],
    ['PT1H', 63 * DAY],
    ['P1D', Infinity],
  ] as const)('at %s as long as Atlas holds it, a rate one granule less', (granularity, retention) => {
    const granule = new Map(GRANULES).get(granularity) ?? 0;
    const points = settledPoints(organisation, disk(), granularity, T, T + 2 * granule);
    const gauge = only('DISK_QUEUE_DEPTH', points)[0];
    expect(gauge?.visibleUntil).toBe(T + (gauge?.timestamp ?? 0) - T + retention);
    const rate = only('DISK_PARTITION_IOPS_READ', points)[0];
    expect(rate?.visibleUntil).toBe((rate?.timestamp ?? 0) - granule + retention);
  });

  test('later when its series lags, is missing at first, or has a null that is filled', () => {
    const rules = createOrganisation({
      ...shape,
      lateSeries: [{ measurement: 'DISK_QUEUE_DEPTH', processId: aligned, lateByMs: HOUR }],
      missingSeries: [{ measurement: 'DISK_PARTITION_SPACE_USED', until: T + 9 * HOUR }],
      lateFills: [
        { measurement: 'DISK_PARTITION_SPACE_FREE', from: T, to: T + MINUTE, filledAt: T + 40 * HOUR },
        { measurement: 'DISK_PARTITION_LATENCY_READ', from: T, to: T + MINUTE, filledAt: null },
      ],
    });
    const [at] = [settledPoints(rules, disk(), 'PT1M', T, T + 2 * MINUTE)];
    const from = (name: string) => only(name, at).map(({ visibleFrom }) => visibleFrom);
    expect(from('DISK_QUEUE_DEPTH')).toEqual([T + HOUR, T + HOUR + MINUTE]);
    expect(from('DISK_PARTITION_SPACE_USED')).toEqual([T + 9 * HOUR, T + 9 * HOUR]);
    expect(from('DISK_PARTITION_SPACE_FREE')[0]).toBe(T + 40 * HOUR);
    expect(from('DISK_PARTITION_SPACE_FREE')[1]).toBeLessThan(T + 5 * MINUTE);
    expect(only('DISK_PARTITION_LATENCY_READ', at).map(({ value }) => value === null)).toEqual([true, false]);
    // The other host's series does not lag.
    const other = settledPoints(rules, disk(unaligned), 'PT1M', T, T + MINUTE);
    expect(only('DISK_QUEUE_DEPTH', other)[0]?.visibleFrom).toBeLessThan(T + 5 * MINUTE);
  });

  test('no longer when its process is gone, unless that stays readable', () => {
    const until = T + HOUR;
    const gone = (afterUnlisted: 'gone' | 'readable') =>
      createOrganisation({
        projects: [{ name: 'p', clusters: [{ name: 'c', nodes: [{ listedUntil: until, afterUnlisted }] }] }],
      });
    const last = (afterUnlisted: 'gone' | 'readable') =>
      only('DISK_QUEUE_DEPTH', settledPoints(gone(afterUnlisted), disk(), 'PT1M', T, T + DAY)).at(-1);
    expect(last('gone')).toMatchObject({ timestamp: until - MINUTE, visibleUntil: until - 1 });
    expect(last('readable')?.visibleUntil).toBe(until - MINUTE + 48 * HOUR);
  });

  test('and is picked by readableAt', () => {
    const points = settledPoints(organisation, disk(), 'PT1M', T, T + HOUR);
    const at = (instant: number, name: string) => only(name, readableAt(points, instant)).length;
    expect(at(T, 'DISK_QUEUE_DEPTH')).toBe(0);
    expect(at(T + 2 * HOUR, 'DISK_QUEUE_DEPTH')).toBe(60);
    expect(at(T + 48 * HOUR + MINUTE, 'DISK_QUEUE_DEPTH')).toBe(59);
    expect(at(T + 48 * HOUR + MINUTE, 'DISK_PARTITION_IOPS_READ')).toBe(58);
  });
});
