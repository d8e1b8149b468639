import { afterEach, describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';
import { settledEntries } from '../../../simulator/access-logs.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { lakeTime, T } from '../../support/times.ts';

const DISKS = ['disk_measurements'];

let scenario: Scenario;
afterEach(() => scenario.close());

const shape = {
  projects: [
    {
      name: 'p',
      clusters: [
        { name: 'c', nodes: [{}, {}], databases: [{ name: 'db', collections: ['things'] }], disks: ['data'] },
      ],
    },
  ],
};
const organisation = createOrganisation(shape);
const host = organisation.projects[0]?.processes[1]?.id ?? '';
const hostname = host.split(':')[0] ?? '';

const config = {
  datasets: {
    disk_measurements: { backfill: 'PT2H', granularity: 'PT5M' },
    access_logs: { backfill: 'PT2H' },
  },
};

async function lastOf(table: string, column: string, id: string): Promise<string> {
  const rows = (await tableRows(scenario.bucket, table)).filter((row) => row[column] === id);
  return (
    rows
      .map((row) => String(row['ts']))
      .sort()
      .at(-1) ?? ''
  );
}

/** Runs ticks that must all be complete. */
async function ticks(from: number, to: number, every: number, only: readonly string[]): Promise<void> {
  for (let at = from; at <= to; at += every)
    for (const run of await scenario.tick(at, only))
      expect([run.outcome, run.failures]).toEqual(['complete', []]);
}

describe('a host without data (NO_DATA)', () => {
  test('is read up to when it was first seen without data, then skipped, and leaves no gap', async () => {
    scenario = await startScenario({ organisation, start: T, config });
    await ticks(T, T + HOUR, 20 * MINUTE, DISKS);
    scenario.simulator.faults.add({ kind: 'host-silent', processId: host });
    const down = T + HOUR + 20 * MINUTE;
    await ticks(down, down + HOUR, 20 * MINUTE, DISKS);
    expect((await lastOf('disk_measurements', 'process_id', host)) >= lakeTime(down - 5 * MINUTE)).toBe(true);
    scenario.simulator.requests.reset();
    await ticks(down + 4 * HOUR, down + 4 * DAY, 4 * HOUR, DISKS);
    const asked = scenario.simulator.requests.list.filter(({ processId }) => processId === host);
    // Final checks of what Atlas still has; not one with each tick.
    expect(asked.length).toBeLessThan(14);
    expect(asked.every(({ at }) => at < down + 2 * DAY + HOUR)).toBe(true);
    expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
  });

  test('that cannot be read is no failure, and becomes a gap when Atlas has dropped its data', async () => {
    scenario = await startScenario({ organisation, start: T, config });
    await ticks(T, T + HOUR, 20 * MINUTE, DISKS);
    scenario.simulator.faults.add({ kind: 'host-silent', processId: host });
    scenario.simulator.faults.add({ kind: 'status', status: 500, processId: host });
    const down = T + HOUR + 20 * MINUTE;
    await ticks(down, down + 2 * DAY, 4 * HOUR, DISKS);
    expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
    await ticks(down + 2 * DAY + 20 * MINUTE, down + 3 * DAY, 4 * HOUR, DISKS);
    expect(await tableRows(scenario.bucket, 'collection_gaps')).toMatchObject([
      {
        target: `${host}/data`,
        ts: lakeTime(T + 55 * MINUTE),
        gap_end: lakeTime(down),
        reason: 'without data at Atlas, and its retention is over',
        cluster_name: 'c',
      },
    ]);
  });

  test('continues where it was read to when it is back', async () => {
    scenario = await startScenario({ organisation, start: T, config });
    await ticks(T, T + HOUR, 20 * MINUTE, DISKS);
    const back = scenario.simulator.faults.add({ kind: 'host-silent', processId: host });
    await ticks(T + HOUR + 20 * MINUTE, T + 5 * HOUR, 20 * MINUTE, DISKS);
    back();
    await ticks(T + 5 * HOUR + 20 * MINUTE, T + 6 * HOUR, 20 * MINUTE, DISKS);
    const count = async (id: string) =>
      (await tableRows(scenario.bucket, 'disk_measurements')).filter((row) => row['process_id'] === id)
        .length;
    const other = organisation.projects[0]?.processes[0]?.id ?? '';
    expect(await count(host)).toBe(await count(other));
  });

  test('from the start is read for its earlier data', async () => {
    scenario = await startScenario({ organisation, start: T, config });
    scenario.simulator.faults.add({ kind: 'host-silent', processId: host });
    await ticks(T, T + HOUR, 20 * MINUTE, DISKS);
    expect((await lastOf('disk_measurements', 'process_id', host)) >= lakeTime(T - 5 * MINUTE)).toBe(true);
  });

  test('from the start, without lists, is listed once and is no failure', async () => {
    scenario = await startScenario({ organisation, start: T, config });
    scenario.simulator.faults.add({ kind: 'host-silent', processId: host });
    scenario.simulator.faults.add({ kind: 'host-not-found', processId: host });
    await ticks(T, T + 3 * HOUR, 20 * MINUTE, DISKS);
    const asked = scenario.simulator.requests.list.filter(({ processId }) => processId === host);
    expect(asked).toHaveLength(1);
  });

  test('is also read by access logs and ranked namespaces up to when it was first seen without data', async () => {
    const only = ['access_logs', 'ranked_namespaces'];
    scenario = await startScenario({ organisation, start: T, config });
    await ticks(T, T + HOUR, 20 * MINUTE, only);
    scenario.simulator.faults.add({ kind: 'host-silent', processId: host });
    const down = T + HOUR + 20 * MINUTE;
    scenario.simulator.requests.reset();
    await ticks(down, down + 4 * HOUR, 20 * MINUTE, only);
    expect((await lastOf('ranked_namespaces', 'process_id', host)) >= lakeTime(T + HOUR)).toBe(true);
    // A quiet host may have logged nothing in these minutes, so the requests are counted.
    const logs = scenario.simulator.requests.list.filter(({ path }) => path.includes(`/${hostname}`));
    expect(logs.filter(({ operation }) => operation === 'accessHistory').length).toBeLessThan(4);
    expect(logs.length).toBeGreaterThan(0);
    scenario.simulator.requests.reset();
    await ticks(down + 8 * HOUR, down + 8 * DAY, 24 * HOUR, only);
    const asked = scenario.simulator.requests.list.filter(
      ({ processId, path }) => processId === host || path.includes(hostname),
    );
    expect(asked).toEqual([]);
    expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
  });

  test.each(['must wait for the rate limit', 'cannot be read'])(
    'continues where it was read to when it is back, although the list of processes %s meanwhile',
    async (problem) => {
      const logging = createOrganisation({
        projects: [{ name: 'p', clusters: [{ name: 'c', nodes: 2, accessLogs: { perHour: 60 } }] }],
      });
      const [project] = logging.projects;
      const { id = '', hostname: its = '' } = project?.processes[1] ?? {};
      scenario = await startScenario({
        organisation: logging,
        start: T,
        config,
        simulator: { rateLimits: true },
        speed: 600,
      });
      const { faults, rateLimits } = scenario.simulator;
      const [down, back, end] = [T + HOUR, T + 5 * HOUR, T + 6 * HOUR];
      const at = async (tick: number) => (await scenario.tick(tick, ['access_logs']))[0]?.outcome;
      expect(await at(T)).toBe('complete');
      faults.add({ kind: 'host-silent', processId: id });
      expect(await at(down)).toBe('complete');
      // From here on, Atlas shows nothing of the host. It shows all of it when the host is back.
      faults.add({ kind: 'wrong-shape', pattern: new RegExp(its), body: { accessLogs: [] } });
      if (problem === 'cannot be read') faults.add({ kind: 'wrong-shape', operation: 'listProcesses' });
      else rateLimits.hog('monitoring', project?.id ?? '', back);
      for (let tick = down + HOUR; tick < back; tick += HOUR) expect(await at(tick)).not.toBe('complete');
      faults.clear();
      for (let tick = back; tick <= end; tick += 20 * MINUTE) expect(await at(tick)).toBe('complete');
      const rows = await tableRows(scenario.bucket, 'access_logs');
      const found = rows.filter(
        ({ hostname, ts }) =>
          hostname === its && String(ts) >= lakeTime(T) && String(ts) < lakeTime(end - HOUR / 2),
      );
      expect(found.length).toBe(settledEntries(logging, project?.id ?? '', its, T, end - HOUR / 2).length);
      expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
    },
  );
});
