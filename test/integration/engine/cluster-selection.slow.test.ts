import { afterEach, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';
import type { ClusterShape } from '../../../simulator/organisation/shapes.ts';
import { createOrganisation, type Organisation } from '../../../simulator/organisation.ts';
import { compare, exactly, expectedRows, PROCESSES, settledAt } from '../../support/expected-rows.ts';
import { lakeViolations } from '../../support/lake-check.ts';
import { tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';

const TICK = 20 * MINUTE;
const OF_CLUSTERS = [
  'database_measurements',
  'disk_measurements',
  'process_measurements',
  'search_measurements',
  'ranked_namespaces',
  'access_logs',
  'slow_queries',
  'host_logs',
  'audit_logs',
  'index_suggestions',
  'query_shapes',
];

function organisationOf(orders: Partial<ClusterShape> = {}): Organisation {
  const cluster = {
    nodes: 1,
    databases: [{ name: 'd', collections: ['c'] }],
    disks: ['data'],
    accessLogs: { perHour: 60 },
    slowQueries: { perHour: 30 },
    logs: { perHour: 60 },
    search: {},
    advice: { indexes: 2 },
    queryShapes: 2,
  };
  return createOrganisation({
    processSeries: ['CONNECTIONS'],
    projects: [
      {
        name: 'p',
        clusters: [
          { ...cluster, name: 'orders', ...orders },
          { ...cluster, name: 'stock' },
        ],
      },
    ],
  });
}

let scenario: Scenario;
afterEach(() => scenario.close());

async function start(organisation: Organisation, clusters: object): Promise<void> {
  const backfill = 'PT1H';
  const datasets = {
    process_measurements: { backfill },
    search_measurements: { backfill },
    host_logs: { enabled: true, backfill },
    audit_logs: { enabled: true, backfill },
  };
  const config = { clusters, datasets };
  scenario = await startScenario({ organisation, start: T, config });
}

async function run(tick: number, datasets: readonly string[] = [PROCESSES.table]): Promise<void> {
  for (const { outcome, failedTargets } of await scenario.tick(tick, datasets))
    expect([outcome, failedTargets]).toEqual(['complete', 0]);
}

async function clustersIn(table: string): Promise<Set<unknown>> {
  return new Set((await tableRows(scenario.bucket, table)).map((row) => row['cluster_name']));
}

const notes = async (): Promise<string> =>
  (await tableRows(scenario.bucket, 'collection_runs')).map((row) => row['notes'] ?? '').join('\n');

/** Expects the values of a cluster from an hour before the first tick, each once, and no gap. */
async function expectAll(organisation: Organisation, place: number, last: number): Promise<void> {
  const [{ id: projectId = '', processes = [] } = {}] = organisation.projects;
  const rows = expectedRows(
    organisation,
    { projectId, processId: processes[place]?.id ?? '' },
    { granularity: 'PT1M', from: T - HOUR, to: settledAt(PROCESSES, last), readAt: last },
  );
  expect(compare(await tableRows(scenario.bucket, PROCESSES.table), rows)).toEqual(exactly(rows));
  expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
  expect(await lakeViolations(scenario.bucket)).toEqual([]);
}

test.each([
  [{ include: ['ord*'] }, ['orders']],
  [{ include: ['*'], exclude: ['st*'] }, ['orders']],
  [{ excludeTags: ['env=*'] }, ['stock']],
])(
  '%j collects and requests only the selected clusters, in every dataset of clusters',
  async (clusters, expected) => {
    const organisation = organisationOf({ tags: [{ key: 'env', value: 'production' }] });
    await start(organisation, clusters);
    await run(T, OF_CLUSTERS);
    for (const table of OF_CLUSTERS)
      expect([table, ...(await clustersIn(table))]).toEqual([table, ...expected]);
    const [{ processes = [] } = {}] = organisation.projects;
    const others = processes.filter(({ clusterName }) => !expected.includes(clusterName));
    const names = others.flatMap(({ hostname, clusterName }) => [hostname, `clusters/${clusterName}`]);
    const paths = scenario.simulator.requests.list.map(({ path }) => path);
    expect(paths.filter((path) => names.some((name) => path.includes(name)))).toEqual([]);
  },
);

test('a cluster that loses its tag and gets it back is read without a break and without a row twice', async () => {
  const [lost, back] = [T + HOUR, T + 5 * HOUR];
  const tag = { key: 'env', value: 'production' };
  const organisation = organisationOf({
    tags: [
      { ...tag, until: lost },
      { ...tag, from: back },
    ],
  });
  await start(organisation, { includeTags: ['env=production'] });
  for (let tick = T; tick < lost; tick += TICK) await run(tick);
  const before = (await tableRows(scenario.bucket, PROCESSES.table)).length;
  for (let tick = lost; tick < back; tick += HOUR) await run(tick);
  expect((await tableRows(scenario.bucket, PROCESSES.table)).length).toBe(before);
  await run(back);
  await expectAll(organisation, 0, back);
});

test('a cluster that was removed while it was not selected leaves no gap', async () => {
  const until = T + 2 * HOUR;
  const tag = { key: 'env', value: 'production', until: T + HOUR };
  await start(organisationOf({ tags: [tag], nodes: [{ listedUntil: until }] }), { includeTags: ['env=*'] });
  for (const tick of [T, until, T + 4 * DAY]) await run(tick);
  expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
});

test('without the list of clusters a selection stays as it was, and unknown clusters wait with a note', async () => {
  const organisation = organisationOf({ tags: [{ key: 'env', value: 'production' }] });
  await start(organisation, { includeTags: ['env=production'] });
  const outage = { kind: 'status', status: 500, operation: 'listClusters' } as const;
  const end = scenario.simulator.faults.add(outage);
  await run(T);
  expect(await tableRows(scenario.bucket, PROCESSES.table)).toEqual([]);
  expect(await notes()).toContain('2 processes or hosts whose cluster or tags are unknown are not read');
  end();
  await run(T + TICK);
  scenario.simulator.faults.add(outage);
  await run(T + 2 * HOUR);
  expect(await clustersIn(PROCESSES.table)).toEqual(new Set(['orders']));
  expect(await notes()).toContain('clusters stay selected, or not, as their tags last said');
  const newest = (await tableRows(scenario.bucket, PROCESSES.table)).map((row) => String(row['ts'])).sort();
  expect(newest.at(-1)).toContain('13:57');
});

test('a cluster that loses its tag while the list of processes fails is not read', async () => {
  const lost = T + HOUR;
  const tag = { key: 'env', value: 'production', until: lost };
  await start(organisationOf({ tags: [tag] }), { includeTags: ['env=production'] });
  await run(T);
  const before = (await tableRows(scenario.bucket, PROCESSES.table)).length;
  scenario.simulator.faults.add({ kind: 'wrong-shape', operation: 'listProcesses' });
  await scenario.tick(lost, [PROCESSES.table]);
  expect((await tableRows(scenario.bucket, PROCESSES.table)).length).toBe(before);
  expect(await notes()).toContain('1 sources are no longer read');
});

test('a cluster that gets its tag between two ticks is read by the second', async () => {
  const tags = [{ key: 'env', value: 'production', from: T + TICK / 2 }];
  await start(organisationOf({ tags }), { includeTags: ['env=production'] });
  await run(T);
  expect(await tableRows(scenario.bucket, PROCESSES.table)).toEqual([]);
  await run(T + TICK);
  expect(await clustersIn(PROCESSES.table)).toEqual(new Set(['orders']));
});

test('a gap of a time without selection says so', async () => {
  const [lost, back] = [T + HOUR, T + 400 * DAY];
  const tag = { key: 'env', value: 'production' };
  const tags = [
    { ...tag, until: lost },
    { ...tag, from: back },
  ];
  await start(organisationOf({ tags, nodes: [{ listedUntil: T + 2 * HOUR }] }), {
    include: ['none'],
    includeTags: ['env=*'],
  });
  for (const tick of [T, lost, back, back + 4 * DAY]) await run(tick);
  const gaps = await tableRows(scenario.bucket, 'collection_gaps');
  expect(gaps.map(({ reason }) => reason)).toEqual([
    expect.stringMatching(
      /^no longer listed by Atlas, .* \(its cluster was not always selected between 2026-03-02T13:00:\S+ and 2027-\S+\)$/,
    ),
  ]);
});
