import { afterEach, describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { type LakeRow, tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { lakeTime, T } from '../../support/times.ts';

const ONLY = ['disk_measurements'];

let scenario: Scenario;
afterEach(() => scenario.close());

const organisation = createOrganisation({
  projects: [{ name: 'p', clusters: [{ name: 'c', nodes: [{}], databases: [], disks: ['data'] }] }],
});
const config = { datasets: { disk_measurements: { backfill: 'PT6H', granularity: 'PT5M' } } };

function newest(rows: readonly LakeRow[]): string {
  return (
    rows
      .map((row) => String(row['ts']))
      .sort()
      .at(-1) ?? ''
  );
}

function hoursOf(rows: readonly LakeRow[]): number {
  return rows.filter((row) => row['granularity'] === 'PT1H' && row['measurement'] === 'DISK_QUEUE_DEPTH')
    .length;
}

describe('an outage of four days, after which Atlas returns no hours', () => {
  test('requests the hours again if they are missing once, and reads minutes in the meantime', async () => {
    scenario = await startScenario({ organisation, start: T, config });
    await scenario.tick(T, ONLY);
    const back = T + 4 * DAY;
    const end = scenario.simulator.faults.add({ kind: 'no-values', granularities: ['PT1H'] });
    const [during] = await scenario.tick(back, ONLY);
    expect(during?.outcome).toBe('complete');
    expect(newest(await tableRows(scenario.bucket, 'disk_measurements')) > lakeTime(back - HOUR)).toBe(true);
    // The lag must show that nothing of this time was read.
    expect(during?.lagSeconds).toBeGreaterThan((4 * DAY) / 1000);
    end();
    const [after] = await scenario.tick(back + 20 * MINUTE, ONLY);
    expect(after?.lagSeconds).toBeLessThan(HOUR / 1000);
    expect(hoursOf(await tableRows(scenario.bucket, 'disk_measurements'))).toBeGreaterThan(40);
    expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
  });

  test('ends in a gap with few requests if they never come back', async () => {
    scenario = await startScenario({ organisation, start: T, config });
    await scenario.tick(T, ONLY);
    const back = T + 4 * DAY;
    scenario.simulator.faults.add({ kind: 'no-values', granularities: ['PT1H'] });
    await scenario.tick(back, ONLY);
    scenario.simulator.requests.reset();
    for (let at = back + 20 * MINUTE; at <= back + 8 * HOUR; at += 20 * MINUTE) await scenario.tick(at, ONLY);
    const asked = scenario.simulator.requests.list.filter(({ query }) => query.includes('granularity=PT1H'));
    expect(asked.length).toBeLessThan(10);
    const gaps = await tableRows(scenario.bucket, 'collection_gaps');
    expect(gaps.map(({ ts, gap_end, reason }) => ({ ts, gap_end, reason }))).toEqual([
      {
        ts: lakeTime(T - 5 * MINUTE),
        gap_end: lakeTime(back - 2 * DAY + HOUR),
        reason: 'no values at PT1H, requested for 6 hours',
      },
    ]);
  });
});

describe('a first run that begins four days back, while Atlas returns no hours', () => {
  const long = { datasets: { disk_measurements: { backfill: 'P4D', granularity: 'PT5M' } } };
  const later = async (until: number) => {
    for (let at = T; at <= until; at += 20 * MINUTE) await scenario.tick(at, ONLY);
  };

  test('is followed by a gap of the hours before the first value', async () => {
    scenario = await startScenario({ organisation, start: T, config: long });
    scenario.simulator.faults.add({ kind: 'no-values', granularities: ['PT1H'] });
    await later(T + 8 * HOUR);
    const gaps = await tableRows(scenario.bucket, 'collection_gaps');
    expect(gaps.map(({ ts, gap_end, reason }) => ({ ts, gap_end, reason }))).toEqual([
      {
        ts: lakeTime(T - 4 * DAY),
        gap_end: lakeTime(T - 2 * DAY + HOUR),
        reason: 'no values at PT1H, requested for 6 hours',
      },
    ]);
  });

  test('is followed by no gap if the target is younger', async () => {
    const disk = { partitionName: 'data', listedFrom: T - DAY };
    const young = createOrganisation({
      projects: [{ name: 'p', clusters: [{ name: 'c', nodes: [{ databases: [], disks: [disk] }] }] }],
    });
    scenario = await startScenario({ organisation: young, start: T, config: long });
    scenario.simulator.faults.add({ kind: 'no-values', granularities: ['PT1H'] });
    await later(T + 8 * HOUR);
    expect(newest(await tableRows(scenario.bucket, 'disk_measurements')) > lakeTime(T)).toBe(true);
    expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
  });
});

describe('requests that Atlas refuses for their start', () => {
  test('do not delay new data when Atlas refuses what it has dropped', async () => {
    scenario = await startScenario({ organisation, start: T, config });
    scenario.simulator.faults.add({ kind: 'too-old' });
    for (let at = T; at <= T + 60 * HOUR; at += HOUR) {
      const [run] = await scenario.tick(at, ONLY);
      expect(run?.outcome).toBe('complete');
    }
    const rows = await tableRows(scenario.bucket, 'disk_measurements');
    expect(newest(rows) > lakeTime(T + 59 * HOUR)).toBe(true);
    expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
  });

  test('become one gap each when Atlas refuses what it still has', async () => {
    scenario = await startScenario({ organisation, start: T, config });
    scenario.simulator.faults.add({ kind: 'too-old', age: 30 * HOUR });
    for (let at = T; at <= T + 60 * HOUR; at += HOUR) {
      const [run] = await scenario.tick(at, ONLY);
      expect(run?.outcome).toBe('complete');
    }
    const rows = await tableRows(scenario.bucket, 'disk_measurements');
    expect(newest(rows) > lakeTime(T + 59 * HOUR)).toBe(true);
    const gaps = await tableRows(scenario.bucket, 'collection_gaps');
    expect(gaps.length).toBeGreaterThan(5);
    expect(new Set(gaps.map(({ ts }) => ts)).size).toBe(gaps.length);
    expect(new Set(gaps.map(({ reason }) => reason))).toEqual(
      new Set(['refused by Atlas when it was to be read a last time: 400 INVALID_START_DATE']),
    );
  });

  test('after an outage become gaps up to where Atlas answers, and the same run reads new points', async () => {
    scenario = await startScenario({ organisation, start: T, config });
    await scenario.tick(T, ONLY);
    scenario.simulator.faults.add({ kind: 'too-old', age: 24 * HOUR });
    const [run] = await scenario.tick(T + 40 * HOUR, ONLY);
    expect(run?.outcome).toBe('complete');
    const rows = await tableRows(scenario.bucket, 'disk_measurements');
    expect(newest(rows) > lakeTime(T + 39 * HOUR)).toBe(true);
    const gaps = (await tableRows(scenario.bucket, 'collection_gaps'))
      .map(({ gap_end }) => String(gap_end))
      .sort();
    expect(gaps.at(-1)).toBeDefined();
    expect(String(gaps.at(-1)) < lakeTime(T + 17.5 * HOUR)).toBe(true);
  });

  test('are a failure of the target without a gap when Atlas refuses everything', async () => {
    scenario = await startScenario({ organisation, start: T, config });
    await scenario.tick(T, ONLY);
    scenario.simulator.faults.add({
      kind: 'status',
      status: 400,
      errorCode: 'INVALID',
      pattern: /measurements$/,
    });
    const [run] = await scenario.tick(T + 40 * HOUR, ONLY);
    expect(run?.failures).toHaveLength(1);
    expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
  });
});
