import { afterEach, describe, expect, test } from 'vitest';
import { HOUR } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { projectShape } from '../../faults/hostile/organisation.ts';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts';
import { lakeViolations } from '../../support/lake-check.ts';
import { tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';

/** One part of what Atlas returns for a project is invalid. The rest is valid, and reaches the lake. */

const shape = projectShape('one', ['a', 'b']);
const [configuration] = shape.alertConfigurations ?? [];
const organisation = createOrganisation({
  projects: [
    {
      ...shape,
      clusters: [...(shape.clusters ?? []), { name: 'second', nodes: 1, databases: ['c'], disks: ['data'] }],
      alertConfigurations: configuration
        ? [configuration, { name: 'other', eventTypeName: 'NO_PRIMARY', fields: {} }]
        : [],
    },
  ],
});

const backfill = { backfill: 'PT1H' };
const config = {
  datasets: {
    database_measurements: backfill,
    disk_measurements: backfill,
    access_logs: backfill,
    ranked_namespaces: backfill,
  },
};

let scenario: Scenario;
let proxy: FaultProxy;

afterEach(async () => {
  await scenario.close();
  await proxy.close();
});

async function start(): Promise<void> {
  scenario = await startScenario({
    organisation,
    start: T,
    config,
    async front(simulator) {
      proxy = await startFaultProxy(simulator.url);
      return proxy.endpoint;
    },
  });
}

/** Changes the documents of responses whose path matches, until the returned function is called. */
function spoil(about: RegExp, change: (document: Document) => void): () => void {
  return proxy.alter(
    ({ path }) => about.test(path),
    (answer) => {
      const document: Document = JSON.parse(answer.body.toString());
      change(document);
      return { ...answer, body: Buffer.from(JSON.stringify(document).replaceAll('"bare NaN"', 'NaN')) };
    },
  );
}

type Item = Record<string, unknown>;
interface Document {
  [list: string]: Item[];
}

const first = (list: string, change: (item: Item) => void) => (document: Document) => {
  const [item] = document[list] ?? [];
  if (item) change(item);
};

async function run(tick: number, dataset: string) {
  const runs = await scenario.tick(tick, [dataset]);
  const rows = await tableRows(scenario.bucket, dataset);
  return { run: runs.find(({ unreadableItems }) => unreadableItems > 0) ?? runs[0], rows };
}

const values = (rows: readonly Item[], column: string) => [...new Set(rows.map((row) => row[column]))].sort();

describe('a skipped item is reported, and the others are written', () => {
  test.each<[string, RegExp, (document: Document) => void, string, string, number]>([
    [
      'a process without a type',
      /\/processes\?/,
      first('results', (i) => delete i['typeName']),
      'disk_measurements',
      'process_id',
      1,
    ],
    [
      'a process without an id',
      /\/processes\?/,
      first('results', (i) => delete i['id']),
      'disk_measurements',
      'process_id',
      1,
    ],
    [
      'a process that is a number',
      /\/processes\?/,
      (d) => d['results']?.push(JSON.parse('7')),
      'disk_measurements',
      'process_id',
      2,
    ],
    [
      'a cluster without a name',
      /\/clusters\?/,
      first('results', (i) => delete i['name']),
      'disk_measurements',
      'process_id',
      2,
    ],
    [
      'a database without a name',
      /\/databases\?/,
      first('results', (i) => delete i['databaseName']),
      'database_measurements',
      'database_name',
      1,
    ],
    [
      'a series without a name',
      /\/disks\/data\/measurements/,
      first('measurements', (i) => delete i['name']),
      'disk_measurements',
      'process_id',
      2,
    ],
    [
      'a series whose points are no list',
      /\/disks\/data\/measurements/,
      first('measurements', (i) => Object.assign(i, { dataPoints: 7 })),
      'disk_measurements',
      'process_id',
      2,
    ],
    [
      'an alert configuration without an id',
      /\/alertConfigs\?/,
      first('results', (i) => delete i['id']),
      'alerts',
      'alert_id',
      1,
    ],
    [
      'a resource without an id',
      /\/clusters\?/,
      first('results', (i) => delete i['id']),
      'inventory',
      'project_id',
      1,
    ],
    [
      'a cost line without a service',
      /costExplorer\/usage\//,
      first('usageDetails', (i) => delete i['service']),
      'cost_usage',
      'level',
      3,
    ],
    [
      'a project without an organisation',
      /\/groups\?/,
      (d) => {
        const [one] = d['results'] ?? [];
        if (one) d['results']?.push({ ...one, id: 'a'.repeat(24), orgId: undefined });
      },
      'cost_usage',
      'level',
      3,
    ],
    [
      'a cluster without an id',
      /\/clusters\?/,
      first('results', (i) => delete i['id']),
      'cost_usage',
      'cluster_name',
      2,
    ],
    [
      'a cluster with an empty id',
      /\/clusters\?/,
      first('results', (i) => (i['id'] = '')),
      'cost_usage',
      'cluster_name',
      2,
    ],
    [
      'a cluster with a slash in its id',
      /\/clusters\?/,
      first('results', (i) => (i['id'] = `${i['id']}/x`)),
      'cost_usage',
      'cluster_name',
      2,
    ],
    [
      'two clusters with one id',
      /\/clusters\?/,
      (d) => first('results', (i) => (i['id'] = d['results']?.[1]?.['id']))(d),
      'cost_usage',
      'cluster_name',
      1,
    ],
  ])('%s', async (_what, about, change, dataset, column, least) => {
    await start();
    const stop = spoil(about, change);
    const { run: spoilt, rows } = await run(T, dataset);
    expect(spoilt).toMatchObject({ outcome: 'partial', failures: [] });
    expect(spoilt?.unreadableItems).toBeGreaterThan(0);
    expect(values(rows, column).length).toBeGreaterThanOrEqual(least);
    expect(scenario.warnings.join()).toContain('cannot be read and w');
    const again = await run(T + HOUR, dataset);
    const third = await run(T + 2 * HOUR, dataset);
    expect([...again.rows, ...third.rows].filter((row) => row['change'] === 'removed')).toEqual([]);
    expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
    stop();
    expect((await run(T + 3 * HOUR, dataset)).run).toMatchObject({ outcome: 'complete' });
    expect(await lakeViolations(scenario.bucket)).toEqual([]);
  });
});

describe('a field that becomes null, or is not needed, stops nothing', () => {
  test.each<[string, RegExp, (document: Document) => void, string]>([
    [
      'a process without a hostname',
      /\/processes\?/,
      first('results', (i) => delete i['hostname']),
      'access_logs',
    ],
    ['a link without rel', /\/processes\?/, (d) => d['links']?.push({ href: 'x' }), 'disk_measurements'],
    [
      'a cluster with odd regions',
      /\/clusters\?/,
      first('results', (i) => (i['replicationSpecs'] = [7])),
      'disk_measurements',
    ],
    [
      'values that are not numbers',
      /measurements\?/,
      first('measurements', (i) => {
        const [one, two, three] = i['dataPoints'] as Item[];
        for (const [point, value] of [
          [one, 'NaN'],
          [two, '12.5'],
          [three, 'bare NaN'],
        ] as const)
          if (point) point['value'] = value;
      }),
      'disk_measurements',
    ],
    [
      'a series name with a space',
      /measurements\?/,
      first('measurements', (i) => (i['name'] = 'A NAME')),
      'disk_measurements',
    ],
    [
      'an alert configuration without eventTypeName',
      /\/alertConfigs\?/,
      first('results', (i) => delete i['eventTypeName']),
      'alerts',
    ],
    [
      'an alert whose value is not a number',
      /\/alerts[/?]/,
      first('results', (i) => (i['currentValue'] = { number: 'NaN' })),
      'alerts',
    ],
    ['no access logs', /dbAccessHistory/, (d) => Object.assign(d, { accessLogs: null }), 'access_logs'],
    ['no granularity', /collStats\/measurements/, (d) => delete d['granularity'], 'ranked_namespaces'],
    [
      'a process that is listed twice, first without data',
      /\/processes\?/,
      (d) => {
        const [item] = d['results'] ?? [];
        d['results']?.unshift({ ...item, typeName: 'NO_DATA' });
      },
      'disk_measurements',
    ],
  ])('%s', async (_what, about, change, dataset) => {
    await start();
    spoil(about, change);
    const { run: spoilt, rows } = await run(T, dataset);
    expect(spoilt).toMatchObject({ outcome: 'complete', failures: [], unreadableItems: 0 });
    if (dataset === 'disk_measurements') expect(values(rows, 'process_id')).toHaveLength(2);
  });
});

test('a null list of costs closes no month and ends no amount', async () => {
  await start();
  const withoutList = () =>
    spoil(/costExplorer\/usage\//, (d) => 'usageDetails' in d && Object.assign(d, { usageDetails: null }));
  const stop = withoutList();
  const first = await run(T, 'cost_usage');
  expect(first).toMatchObject({ run: { outcome: 'complete', failures: [] }, rows: [] });
  expect(scenario.warnings.join()).toContain('read as null, the first usageDetails: expected array');
  stop();
  const { rows } = await run(T + 6 * HOUR, 'cost_usage');
  // The months of a year, and the current one.
  expect(values(rows, 'ts')).toHaveLength(13);
  withoutList();
  expect((await run(T + 12 * HOUR, 'cost_usage')).rows).toEqual(rows);
});

test('a log entry without a time becomes a gap, and the other entries of the host are written', async () => {
  await start();
  spoil(
    /dbAccessHistory/,
    first('accessLogs', (item) => delete item['timestamp']),
  );
  const { run: spoilt, rows } = await run(T, 'access_logs');
  expect(spoilt).toMatchObject({ outcome: 'partial', failures: [] });
  expect(rows.length).toBeGreaterThan(30);
  const gaps = await tableRows(scenario.bucket, 'collection_gaps');
  expect(values(gaps, 'reason')).toEqual(['log entries that cannot be read']);
});

test('a project whose organisation cannot be read is collected, and the tick reports it', async () => {
  await start();
  spoil(
    /\/groups\?/,
    first('results', (item) => (item['orgId'] = '')),
  );
  const { run: spoilt, rows } = await run(T, 'disk_measurements');
  expect(spoilt).toMatchObject({ outcome: 'complete' });
  expect(rows.length).toBeGreaterThan(0);
  expect(scenario.warnings.join()).toContain('orgId: expected 24 hexadecimal digits');
});
