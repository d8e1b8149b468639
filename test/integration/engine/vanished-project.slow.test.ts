import { afterEach, describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts';
import { tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';

const START = Date.parse('2026-03-02T12:00:00Z');
const DISKS = ['disk_measurements'];

let scenario: Scenario;
let proxy: FaultProxy | undefined;
afterEach(async () => {
  await scenario.close();
  await proxy?.close();
  proxy = undefined;
});

const shape = (name: string) => ({
  name,
  clusters: [{ name: `${name}-cluster`, nodes: [{}], databases: ['orders'], disks: ['data'] }],
});

function organisationOfTwo() {
  const organisation = createOrganisation({ projects: [shape('stays'), shape('leaves')] });
  const [stays, leaves] = organisation.projects;
  if (!stays || !leaves) throw new Error('the organisation lacks a project');
  return { organisation, stays, leaves };
}

const rowsOf = async (table: string, project: { id: string }) =>
  (await tableRows(scenario.bucket, table)).filter((row) => row['project_id'] === project.id);

/** Runs ticks every six hours from one instant to another; returns the outcomes of the runs by project. */
async function ticks(from: number, to: number, datasets: readonly string[]) {
  const outcomes = new Map<string, Set<string>>();
  for (let at = from; at <= to; at += 6 * HOUR) {
    for (const { project, outcome } of await scenario.tick(at, datasets)) {
      outcomes.set(project, new Set([...(outcomes.get(project) ?? []), outcome]));
    }
  }
  return outcomes;
}

describe('a project that Atlas no longer lists', () => {
  test('ends in one gap per target when its retention is over, is noted, and stops no other project', async () => {
    const { organisation, stays, leaves } = organisationOfTwo();
    scenario = await startScenario({ organisation, start: START });
    for (let at = START; at <= START + HOUR; at += 20 * MINUTE) await scenario.tick(at, DISKS);
    organisation.projects.splice(1, 1);
    const left = START + HOUR + 20 * MINUTE;
    const outcomes = await ticks(left, left + 30 * HOUR, DISKS);
    expect(await rowsOf('collection_gaps', leaves)).toEqual([]);
    await ticks(left + 36 * HOUR, left + 5 * DAY, DISKS);
    expect((await rowsOf('collection_gaps', leaves)).map((row) => [row['ts'], row['gap_end']])).toEqual([
      ['2026-03-02 12:58:00.000', '2026-03-02 13:20:00.000'],
    ]);
    expect(await rowsOf('collection_gaps', stays)).toEqual([]);
    expect([...(outcomes.get(stays.id) ?? [])]).toEqual(['complete']);
    // Until three ticks have missed it, it is collected like any other project.
    expect([...(outcomes.get(leaves.id) ?? [])]).toEqual(['failed', 'complete']);
    const notes = (await rowsOf('collection_runs', leaves)).map((row) => String(row['notes']));
    expect(notes).toContainEqual(
      expect.stringContaining("not in Atlas's list since 2026-03-02T13:20:00.000Z, and cannot be read"),
    );
    expect(scenario.warnings).toContain('projects or organisations that Atlas no longer lists');
  });

  test('costs one request per run', async () => {
    const { organisation, leaves } = organisationOfTwo();
    scenario = await startScenario({ organisation, start: START });
    await scenario.tick(START, DISKS);
    organisation.projects.splice(1, 1);
    for (let tick = 1; tick <= 4; tick += 1) await scenario.tick(START + tick * HOUR, DISKS);
    const before = scenario.simulator.requests.list.length;
    await scenario.tick(START + 5 * HOUR, DISKS);
    const asked = scenario.simulator.requests.list
      .slice(before)
      .filter(({ path }) => path.includes(leaves.id));
    expect(asked.map(({ path }) => path)).toEqual([`/api/atlas/v2/groups/${leaves.id}`]);
  });

  test('is collected to the end when only the list lacks it', async () => {
    const { organisation, leaves } = organisationOfTwo();
    scenario = await startScenario({
      organisation,
      start: START,
      front: async ({ url }) => {
        proxy = await startFaultProxy(url);
        return proxy.endpoint;
      },
    });
    await scenario.tick(START, DISKS);
    proxy?.alter(
      ({ path }) => path.startsWith('/api/atlas/v2/groups?'),
      (answer) => {
        const list = JSON.parse(answer.body.toString());
        const results = list.results.filter(({ id }: { id: string }) => id !== leaves.id);
        return {
          ...answer,
          body: Buffer.from(JSON.stringify({ ...list, results, totalCount: results.length })),
        };
      },
    );
    const outcomes = await ticks(START + 6 * HOUR, START + 3 * DAY, DISKS);
    expect([...(outcomes.get(leaves.id) ?? [])]).toEqual(['complete']);
    expect(await rowsOf('collection_gaps', leaves)).toEqual([]);
    const times = (await rowsOf('disk_measurements', leaves)).map((row) => String(row['ts']));
    expect(times.sort().at(-1)?.slice(0, 13)).toBe('2026-03-05 11');
    const notes = (await rowsOf('collection_runs', leaves)).map((row) => String(row['notes']));
    expect(notes).toContainEqual(expect.stringContaining('can still be read'));
  });

  test('has its resources removed after two listings, and added when it comes back', async () => {
    const { organisation, leaves } = organisationOfTwo();
    scenario = await startScenario({ organisation, start: START });
    const inventory = ['inventory'];
    await scenario.tick(START, inventory);
    const [project] = organisation.projects.splice(1, 1);
    // A list that is wrong for two ticks removes nothing.
    for (const hour of [1, 2]) await scenario.tick(START + hour * HOUR, inventory);
    const changesOf = async (type: string) =>
      (await rowsOf('inventory', leaves))
        .filter((row) => row['resource_type'] === type)
        .map((row) => row['change']);
    expect(await changesOf('cluster')).toEqual(['added']);
    for (const hour of [3, 4, 5, 6]) await scenario.tick(START + hour * HOUR, inventory);
    expect(await changesOf('cluster')).toEqual(['added', 'removed']);
    expect(await changesOf('project')).toEqual(['added', 'removed']);
    if (project) organisation.projects.push(project);
    for (const hour of [7, 8, 9]) await scenario.tick(START + hour * HOUR, inventory);
    expect(await changesOf('cluster')).toEqual(['added', 'removed', 'added']);
  });

  test('continues where it ended when it comes back in time, and loses and repeats nothing', async () => {
    const { organisation, leaves } = organisationOfTwo();
    scenario = await startScenario({ organisation, start: START });
    await scenario.tick(START, DISKS);
    const [project] = organisation.projects.splice(1, 1);
    await ticks(START + 6 * HOUR, START + 36 * HOUR, DISKS);
    if (project) organisation.projects.push(project);
    await ticks(START + 40 * HOUR, START + 41 * HOUR, DISKS);
    expect(await rowsOf('collection_gaps', leaves)).toEqual([]);
    const minutes = (await rowsOf('disk_measurements', leaves))
      .filter((row) => row['measurement'] === 'DISK_PARTITION_SPACE_USED')
      .map((row) => String(row['ts']));
    expect(new Set(minutes).size).toBe(minutes.length);
    const hours = new Set(minutes.filter((ts) => ts >= '2026-03-02 12').map((ts) => ts.slice(0, 13)));
    expect(hours.size).toBe(40);
  });
});
