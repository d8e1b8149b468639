import { afterEach, describe, expect, test } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { compare, DATABASES, DISKS, exactly, expectedOf } from '../../support/expected-rows.ts';
import { tableRows } from '../../support/lake-files.ts';
import { MEASUREMENTS, type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';

let scenario: Scenario;
afterEach(() => scenario.close());

/** So many targets that the first run needs more than a full bucket: nine windows for each of 27 targets. */
const organisation = createOrganisation({
  projects: [
    {
      name: 'many',
      clusters: [
        { name: 'c', nodes: 3, databases: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], disks: ['data'] },
      ],
    },
  ],
});
const project = organisation.projects[0]?.id ?? '';
/** A fifth of the 300 requests of the bucket is reserved for others. */
const RESERVE = 60;

async function expectComplete(last: number): Promise<void> {
  for (const kind of [DATABASES, DISKS]) {
    const found = await tableRows(scenario.bucket, kind.table);
    // The run starts at its tick and time passes in this test, so only what the tick had settled is compared.
    const expected = expectedOf(organisation, kind, { first: T, last });
    expect(compare(found, expected)).toEqual(exactly(expected));
  }
}

describe('with rate limits on', () => {
  test('a first run that needs more than the bucket has waits, and leaves the reserve untouched', async () => {
    scenario = await startScenario({ organisation, start: T, simulator: { rateLimits: true }, speed: 30 });
    const runs = await scenario.tick(T, MEASUREMENTS);
    expect(runs.map(({ outcome }) => outcome)).toEqual(['complete', 'complete']);
    const seen = scenario.simulator.rateLimits.statistics('monitoring', project);
    expect(seen.requests).toBeGreaterThan(240);
    expect(seen.throttled).toBe(0);
    expect(seen.lowestRemaining).toBeGreaterThanOrEqual(RESERVE);
    await expectComplete(T);
  });

  test('nothing is sent after a 429 before its Retry-After has passed', async () => {
    scenario = await startScenario({
      organisation,
      start: T,
      config: { rateReserve: 0 },
      simulator: { rateLimits: true },
      speed: 30,
    });
    await scenario.tick(T, MEASUREMENTS);
    const next = T + 20 * MINUTE;
    scenario.simulator.clock.set(next);
    // However late the first request comes, it meets an empty bucket.
    scenario.simulator.rateLimits.hog('monitoring', project, next + 30 * SECOND);
    // One dataset after the other: a request that is on its way when the 429 is sent cannot heed it.
    for (const dataset of MEASUREMENTS) {
      const runs = await scenario.tick(next, [dataset]);
      expect(runs.map(({ outcome }) => outcome)).toEqual(['complete']);
    }
    const seen = scenario.simulator.rateLimits.statistics('monitoring', project);
    expect(seen.throttled).toBeGreaterThan(0);
    expect(seen.early).toBe(0);
    await expectComplete(next);
  });

  test('a run that meets a bucket emptied by others commits, and its continuation goes on later', async () => {
    scenario = await startScenario({ organisation, start: T, simulator: { rateLimits: true }, speed: 30 });
    scenario.simulator.rateLimits.drain('monitoring', project, 300 - RESERVE - 30);
    const runs = await scenario.tick(T, ['disk_measurements']);
    expect(runs).toMatchObject([{ outcome: 'complete', remaining: 0 }]);
    const seen = scenario.simulator.rateLimits.statistics('monitoring', project);
    expect(seen.lowestRemaining).toBeGreaterThanOrEqual(RESERVE);
    expect(seen.throttled).toBe(0);
    const expected = expectedOf(organisation, DISKS, { first: T, last: T });
    expect(compare(await tableRows(scenario.bucket, DISKS.table), expected)).toEqual(exactly(expected));
  });
});

describe('while the requests of one kind are exhausted', () => {
  test('lists of the inventory of other kinds are read', async () => {
    const clusters = Array.from({ length: 12 }, (_, index) => ({ name: `c${index}`, nodes: 1 }));
    const small = createOrganisation({ projects: [{ name: 'p', clusters }] });
    scenario = await startScenario({ organisation: small, start: T, speed: 600 });
    scenario.simulator.faults.add({
      kind: 'status',
      status: 429,
      errorCode: 'RATE_LIMITED',
      pattern: /onlineArchives/,
    });
    for (let tick = T; tick <= T + 2 * HOUR; tick += HOUR) {
      const [run] = await scenario.tick(tick, ['inventory']);
      // One list of online archives for each cluster is left, and nothing else.
      expect(run).toMatchObject({ outcome: 'continued', failedTargets: 0 });
      if (tick > T) expect(run?.remaining).toBe(clusters.length);
    }
    const types = new Set((await tableRows(scenario.bucket, 'inventory')).map((row) => row['resource_type']));
    for (const type of ['process', 'stream_instance', 'private_endpoint_service', 'serverless_instance'])
      expect(types).toContain(type);
  });

  test('a continuation reads hosts before it lists others, so that lists do not take all requests', async () => {
    const large = createOrganisation({
      projects: [{ name: 'p', clusters: [{ name: 'c', nodes: 170, databases: ['d'] }] }],
    });
    scenario = await startScenario({
      organisation: large,
      start: T,
      config: { datasets: { database_measurements: { backfill: 'PT1H' } } },
      // Fewer than the lists of one tick need, in all of its runs.
      simulator: { rateLimits: { sizes: { monitoring: { capacity: 8, refill: 3 } } } },
      speed: 600,
    });
    await scenario.tick(T, ['database_measurements']);
    expect((await tableRows(scenario.bucket, DATABASES.table)).length).toBeGreaterThan(0);
  });

  test('lists are read although a target always fails', async () => {
    const large = createOrganisation({
      projects: [
        {
          name: 'p',
          clusters: [
            { name: 'a', nodes: 3, databases: ['d'] },
            { name: 'b', nodes: 40, databases: [] },
          ],
        },
      ],
    });
    scenario = await startScenario({
      organisation: large,
      start: T,
      config: { rateReserve: 0, datasets: { database_measurements: { backfill: 'PT1H' } } },
      // Fewer than the lists of one run need.
      simulator: { rateLimits: { sizes: { monitoring: { capacity: 15, refill: 12 } } } },
      speed: 600,
    });
    await scenario.tick(T, ['database_measurements']);
    scenario.simulator.faults.add({
      kind: 'status',
      status: 500,
      processId: large.projects[0]?.processes[0]?.id ?? '',
      operation: 'databaseMeasurements',
    });
    scenario.simulator.requests.reset();
    await scenario.tick(T + 2 * HOUR, ['database_measurements']);
    const lists = scenario.simulator.requests.list.filter(
      ({ operation, status }) => operation === 'listDatabases' && status === 200,
    );
    expect(lists.length).toBe(43);
  });
});
