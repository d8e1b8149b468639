import { afterEach, describe, expect, test } from 'vitest';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { HOUR, MINUTE } from '../../../simulator/time.ts';
import { T } from '../../support/times.ts';
import { type Api, startApi } from './api-client.ts';
import { DISK, organisation, readWindow, shape } from './measurement-client.ts';

let api: Api;
afterEach(() => api.simulator.close());

const start = async (now: number, of = organisation) => {
  api = await startApi({ organisation: of, now, rateLimits: false });
};

describe('late data', () => {
  const values = async (name: string) => {
    const { points } = await readWindow(api, DISK, 'PT1M', T - 10 * MINUTE, T - 5 * MINUTE);
    return points.get(name)?.map(({ value }) => value !== null);
  };
  const all = [true, true, true, true, true, true];
  const none = all.map(() => false);

  test('is null, or has no points, until its time', async () => {
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

  test('can be a missing series that then appears with its past', async () => {
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

  test('can be nulls that are filled at a given time, or never', async () => {
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
