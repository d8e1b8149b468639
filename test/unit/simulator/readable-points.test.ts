import { describe, expect, test } from 'vitest';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { readableAt, settledPoints } from '../../../simulator/series.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../simulator/time.ts';
import { T } from '../../support/times.ts';
import {
  aligned,
  disk,
  INTERVALS,
  only,
  organisation,
  shape,
  TARGETS,
  unaligned,
} from './small-organisation.ts';

describe('a point is readable', () => {
  test.each(TARGETS)('of %s soon after its interval ends', (kind, target) => {
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
  ] as const)(
    'at %s for as long as Atlas keeps it, a rate for one interval less',
    (granularity, retention) => {
      const interval = new Map(INTERVALS).get(granularity) ?? 0;
      const points = settledPoints(organisation, disk(), granularity, T, T + 2 * interval);
      const gauge = only('DISK_QUEUE_DEPTH', points)[0];
      expect(gauge?.visibleUntil).toBe(T + (gauge?.timestamp ?? 0) - T + retention);
      const rate = only('DISK_PARTITION_IOPS_READ', points)[0];
      expect(rate?.visibleUntil).toBe((rate?.timestamp ?? 0) - interval + retention);
    },
  );

  test('later if its series lags, is missing at first, or has a null that is filled', () => {
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

  test('until its process disappears, unless that stays readable', () => {
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

  test('if readableAt returns it', () => {
    const points = settledPoints(organisation, disk(), 'PT1M', T, T + HOUR);
    const at = (instant: number, name: string) => only(name, readableAt(points, instant)).length;
    expect(at(T, 'DISK_QUEUE_DEPTH')).toBe(0);
    expect(at(T + 2 * HOUR, 'DISK_QUEUE_DEPTH')).toBe(60);
    expect(at(T + 48 * HOUR + MINUTE, 'DISK_QUEUE_DEPTH')).toBe(59);
    expect(at(T + 48 * HOUR + MINUTE, 'DISK_PARTITION_IOPS_READ')).toBe(58);
  });
});
