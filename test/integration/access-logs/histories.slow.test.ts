import { afterEach, describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../../shared/durations.ts';
import type { Bounds } from '../../../simulator/access-logs/rules.ts';
import { settledEntries } from '../../../simulator/access-logs.ts';
import { createOrganisation, type OrganisationOptions } from '../../../simulator/organisation.ts';
import { expectedEntries, hostsOf } from '../../support/expected-access-logs.ts';
import { compare, exactly } from '../../support/expected-rows.ts';
import { objectSizes, tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { lakeTime, T } from '../../support/times.ts';

const SETTLE = 2 * MINUTE;

let scenario: Scenario;
afterEach(() => scenario.close());

type ClusterShape = NonNullable<OrganisationOptions['projects']>[number]['clusters'][number];

function organisationOf(cluster: Partial<ClusterShape>, options: OrganisationOptions = {}) {
  return createOrganisation({
    ...options,
    projects: [{ name: 'p', clusters: [{ name: 'c', nodes: 1, databases: ['a'], ...cluster }] }],
  });
}

function start(organisation: ReturnType<typeof createOrganisation>, backfill?: string) {
  const config = backfill === undefined ? {} : { datasets: { access_logs: { backfill } } };
  return startScenario({ organisation, start: T, config });
}

const collect = async (tick: number) => (await scenario.tick(tick, ['access_logs']))[0];

async function expectExactly(expected: readonly string[]): Promise<void> {
  expect(compare(await tableRows(scenario.bucket, 'access_logs'), expected)).toEqual(exactly(expected));
}

describe('access logs', () => {
  test("are complete after a week's backfill and more ticks, with late entries, ties, disorder and equal lines", async () => {
    const organisation = organisationOf({
      nodes: [{}, { accessLogs: { perHour: 300, lines: 'text', timestamps: 'iso' } }],
      accessLogs: { perHour: 300, lateShare: 0.2, lateByMs: 10.5 * MINUTE },
    });
    scenario = await start(organisation);
    let last = T;
    for (const minutes of [0, 10, 20, 20, 30, 70, 75, 80, 90]) {
      last = T + minutes * MINUTE;
      expect((await collect(last))?.outcome).toBe('complete');
      // Also lets the queue forget this tick's message.
      if (minutes === 20) await scenario.restart();
    }
    const expected = hostsOf(organisation).flatMap((host) =>
      expectedEntries(organisation, host, T - 7 * DAY, last - SETTLE, last),
    );
    expect(expected.length).toBeGreaterThan(80_000);
    await expectExactly(expected);
    expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
  });

  test('halve windows until each is below the limit, for 200,000 entries an hour on one host', async () => {
    const organisation = organisationOf({ accessLogs: { perHour: 200_000 } });
    scenario = await start(organisation, 'PT40M');
    const [host] = hostsOf(organisation);
    if (!host) throw new Error('no host');
    await collect(T);
    // Rows are written every few megabytes, not held until the end: 4 MiB, and what one response adds to them.
    const sizes = await objectSizes(scenario.bucket, 'access_logs');
    expect(sizes.length).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThan(6 * 2 ** 20);
    await collect(T + 10 * MINUTE);
    const expected = expectedEntries(organisation, host, T - 40 * MINUTE, T + 10 * MINUTE - SETTLE);
    expect(expected.length).toBeGreaterThan(120_000);
    await expectExactly(expected);
  });

  test.each<[Bounds, 'millisecond' | 'second']>([
    ['()', 'millisecond'],
    ['[]', 'second'],
  ])(
    'contain a whole second below the limit beside full ones, however Atlas compares: %s by the %s',
    async (accessLogBounds, accessLogPrecision) => {
      const from = T - SETTLE - MINUTE;
      const bursts = [{ from, to: from + 3 * SECOND, perSecond: 15_000 }];
      const organisation = organisationOf(
        { accessLogs: { bursts } },
        { accessLogBounds, accessLogPrecision },
      );
      scenario = await start(organisation, 'PT20M');
      const [host] = hostsOf(organisation);
      if (!host) throw new Error('no host');
      await collect(T);
      await collect(T + 10 * MINUTE);
      await expectExactly(expectedEntries(organisation, host, from, from + 3 * SECOND));
      expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
    },
  );

  test('contain what one response has of a second that overflows, and one gap', async () => {
    // Within the lookback of the next run.
    const from = T - SETTLE - MINUTE;
    const organisation = organisationOf({
      accessLogs: { perHour: 3_600, bursts: [{ from, to: from + SECOND, perSecond: 25_000 }] },
    });
    scenario = await start(organisation, 'PT20M');
    const [host] = hostsOf(organisation);
    if (!host) throw new Error('no host');
    await collect(T);
    await collect(T + 10 * MINUTE);
    const rows = await tableRows(scenario.bucket, 'access_logs');
    const burst = new Set(expectedEntries(organisation, host, from, from + SECOND));
    const others = [
      ...expectedEntries(organisation, host, T - 20 * MINUTE, from),
      ...expectedEntries(organisation, host, from + SECOND, T + 10 * MINUTE - SETTLE),
    ];
    const found = compare(rows, [...others, ...burst]);
    expect({ unexpected: found.unexpected, twice: found.twice }).toEqual({ unexpected: [], twice: [] });
    // Only entries of the overflowing second are missing. As many as one response has are there, apart from equal lines.
    expect(compare(rows, others).missing).toEqual([]);
    expect(rows.length - others.length).toBeLessThanOrEqual(20_000);
    expect(rows.length - others.length).toBeGreaterThan(19_000);
    expect(await tableRows(scenario.bucket, 'collection_gaps')).toMatchObject([
      {
        dataset: 'access_logs',
        target: host.process.hostname,
        ts: lakeTime(from),
        gap_end: lakeTime(from + SECOND),
      },
    ]);
  });

  test('contain nothing twice when so many entries come that the lookback shrinks', async () => {
    const organisation = organisationOf({ accessLogs: { perHour: 1_800_000 } });
    scenario = await start(organisation, 'PT11M');
    const [host] = hostsOf(organisation);
    if (!host) throw new Error('no host');
    await collect(T);
    await collect(T + MINUTE);
    await expectExactly(expectedEntries(organisation, host, T - 11 * MINUTE, T + MINUTE - SETTLE));
  });

  test("have a gap up to the oldest remaining entry after an outage longer than Atlas's retention", async () => {
    const organisation = organisationOf({ accessLogs: { perHour: 60 } });
    scenario = await start(organisation, 'PT1H');
    const [host] = hostsOf(organisation);
    if (!host) throw new Error('no host');
    await collect(T);
    const later = T + 9 * DAY;
    await collect(later);
    await expectExactly([
      ...expectedEntries(organisation, host, T - HOUR, T - SETTLE),
      ...expectedEntries(organisation, host, later - 7 * DAY, later - SETTLE),
    ]);
    const [oldest] = settledEntries(
      organisation,
      host.project,
      host.process.hostname,
      later - 7 * DAY,
      later,
    );
    const end = lakeTime(oldest?.second ?? 0);
    expect(await tableRows(scenario.bucket, 'collection_gaps')).toMatchObject([
      { ts: '2026-03-02 11:58:00.000', gap_end: end, reason: 'older than Atlas keeps' },
    ]);
  });

  test('of a tier without history cause one warning a day, no failure, and no gap once the tier has one', async () => {
    const organisation = organisationOf({ instanceSize: 'M2', accessLogs: { perHour: 60 } });
    scenario = await start(organisation);
    for (const minutes of [0, 10, 20]) {
      expect(await collect(T + minutes * MINUTE)).toMatchObject({
        outcome: 'complete',
        failedTargets: 0,
        rows: 0,
      });
    }
    expect(scenario.simulator.requests.counts()['accessHistory'] ?? 0).toBeLessThanOrEqual(1);
    expect(await collect(T + DAY)).toMatchObject({ outcome: 'complete', failedTargets: 0 });
    expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
  });

  test('of a removed host are read while Atlas keeps them, and then end in a gap for the unread time', async () => {
    const leaves = T + 5 * MINUTE;
    const accessLogs = { perHour: 120 };
    const nodes = [{}, { listedUntil: leaves, afterUnlisted: 'readable' as const }, { listedUntil: leaves }];
    const organisation = organisationOf({ nodes, accessLogs });
    scenario = await start(organisation, 'PT1H');
    const [stays, readable, gone] = hostsOf(organisation);
    if (!stays || !readable || !gone) throw new Error('three hosts are needed');
    const ticks = [T, T + 10 * MINUTE, T + 20 * MINUTE, T + 6 * DAY, T + 8 * DAY];
    for (const tick of ticks)
      expect(await collect(tick)).toMatchObject({ outcome: 'complete', failures: [] });
    await expectExactly([
      ...expectedEntries(organisation, stays, T - HOUR, T + 8 * DAY - SETTLE),
      ...expectedEntries(organisation, readable, T - HOUR, T + 20 * MINUTE),
      ...expectedEntries(organisation, gone, T - HOUR, T - SETTLE),
    ]);
    expect(await tableRows(scenario.bucket, 'collection_gaps')).toMatchObject([
      {
        target: gone.process.hostname,
        ts: '2026-03-02 11:58:00.000',
        gap_end: '2026-03-02 12:10:00.000',
        reason: 'no longer listed by Atlas, and its retention is over',
      },
    ]);
  });

  test('of a host that fails wait completely, and other hosts continue', async () => {
    const organisation = organisationOf({ nodes: 2, accessLogs: { perHour: 600 } });
    scenario = await start(organisation, 'PT1H');
    const [well, broken] = hostsOf(organisation);
    if (!well || !broken) throw new Error('two hosts are needed');
    const pattern = new RegExp(broken.process.hostname);
    const endFault = scenario.simulator.faults.add({ kind: 'cut-body', operation: 'accessHistory', pattern });
    expect(await collect(T)).toMatchObject({ outcome: 'partial', failedTargets: 1 });
    await expectExactly(expectedEntries(organisation, well, T - HOUR, T - SETTLE));
    endFault();
    expect(await collect(T + 10 * MINUTE)).toMatchObject({ outcome: 'complete', failedTargets: 0 });
    await expectExactly(
      [well, broken].flatMap((host) =>
        expectedEntries(organisation, host, T - HOUR, T + 10 * MINUTE - SETTLE),
      ),
    );
  });

  test('stay the same with two collectors at once, and with a clock that is set back', async () => {
    const organisation = organisationOf({
      accessLogs: { perHour: 2_000, lateShare: 0.1, lateByMs: 10.5 * MINUTE },
    });
    scenario = await start(organisation, 'PT6H');
    const [host] = hostsOf(organisation);
    const dataset = (await import('../../../functions/datasets.ts')).datasets.find(
      ({ name }) => name === 'access_logs',
    );
    if (!host || !dataset) throw new Error('no host, or no dataset');
    const rival = await scenario.rival();
    await rival.dispatch(dataset, T);
    await Promise.allSettled([collect(T), rival.work([dataset])]);
    await scenario.restart();
    await collect(T);
    await collect(T - HOUR);
    await collect(T + 10 * MINUTE);
    const last = T + 10 * MINUTE;
    await expectExactly(expectedEntries(organisation, host, T - 6 * HOUR, last - SETTLE, last));
  });
});
