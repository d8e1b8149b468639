import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DAY, HOUR } from '../../shared/durations.ts';
import { createOrganisation } from '../../simulator/organisation.ts';
import { costsAt } from '../../simulator/resources/costs.ts';
import { type Simulator, startSimulator } from '../../simulator/server.ts';
import { lakeTables } from '../../sql/tables.ts';
import { startDynamoDbForCli } from '../support/dynamodb-for-cli.ts';
import { comparableRow, expectedInventory, snapshotOf } from '../support/expected-inventory.ts';
import { compare, DISKS, exactly, expectedOf } from '../support/expected-rows.ts';
import { EXTERNAL_AWS } from '../support/external-aws.ts';
import { type FaultProxy, type SeenRequest, startFaultProxy } from '../support/fault-proxy.ts';
import { createIcebergStandIn } from '../support/iceberg-stand-in.ts';
import { type LakeRow, lakeObjects, tableRows } from '../support/lake-files.ts';
import { createPublication, publish } from '../support/publication.ts';
import { type RunningCli, runCli, startCli } from '../support/run-cli.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { startTestAws } from '../support/test-aws.ts';
import { T } from '../support/times.ts';

/** Kills a `collect` process with SIGKILL at each step of the commit protocol, and runs it again. */

const organisation = createOrganisation({
  projects: [{ name: 'one', clusters: [{ name: 'c', nodes: 2, databases: ['a'], disks: ['data'] }] }],
});

let folder: string;
let simulator: Simulator;
let dynamodb: { endpoint: string; close(): Promise<void> };
let proxy: FaultProxy;

beforeEach(async () => {
  folder = await makeTemporaryFolder();
  simulator = await startSimulator({ organisation, now: T, rateLimits: false });
  dynamodb = await startDynamoDbForCli(path.join(folder, 'cursors.db'));
  proxy = await startFaultProxy(dynamodb.endpoint);
});

afterEach(async () => {
  await proxy.close();
  await dynamodb.close();
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

const lake = () => path.join(folder, 'lake-folder');
const bucket = () => path.join(lake(), 'lake');

function collectArguments(tick: number, dataset: string): string[] {
  const at = new Date(tick).toISOString();
  return ['collect', '--dataset', dataset, '--at', at, '--lake', lake()];
}

function environment(): Record<string, string> {
  return {
    MONGODB_ATLAS_BASE_URL: simulator.url,
    MONGODB_ATLAS_CLIENT_ID: simulator.credentials.clientId,
    MONGODB_ATLAS_CLIENT_SECRET: simulator.credentials.clientSecret,
    AWS_ENDPOINT_URL_DYNAMODB: proxy.endpoint,
  };
}

async function collect(tick: number, dataset = 'disk_measurements'): Promise<void> {
  simulator.clock.set(tick);
  const { code, stderr } = await runCli(collectArguments(tick, dataset), environment());
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
}

/** Starts a collection and kills it when `arm` calls back. */
async function collectAndKill(
  tick: number,
  arm: (kill: () => void, running: RunningCli) => void,
  dataset = 'disk_measurements',
) {
  simulator.clock.set(tick);
  const running = startCli(collectArguments(tick, dataset), environment());
  arm(() => running.child.kill('SIGKILL'), running);
  const { code } = await running.result;
  expect({ code, signal: running.child.signalCode }).toEqual({ code: null, signal: 'SIGKILL' });
  proxy.clear();
}

const target = (name: string) => (seen: SeenRequest) =>
  String(seen.headers['x-amz-target'] ?? '').endsWith(`.${name}`);

/**
 * Calls back at the nth request of a kind, before or after it takes effect. Another request may have come meanwhile,
 * because runs of a project and its organisation overlap.
 */
function at(operation: string, nth: number, moment: 'before' | 'after', kill: () => void): void {
  let count = 0;
  const unwatch = proxy.watch(target(operation), (when) => {
    if (when === 'before') count += 1;
    if (when !== moment || count < nth) return;
    unwatch();
    kill();
  });
}

/** Refuses the commit and calls back then, when all objects are there. */
function whenCommitIsRefused(kill: () => void): void {
  proxy.on(target('TransactWriteItems'), 'refuse');
  // A refused commit never reaches a watch. The fault itself is its first sign.
  const timer = setInterval(() => {
    if (proxy.faulted.length === 0) return;
    clearInterval(timer);
    kill();
  }, 1);
}

/** A run puts the header when it acquires the lease and when it announces. The commit is a transaction. */
const steps: Array<[string, (kill: () => void, running: RunningCli) => void]> = [
  ['the lease request is on its way', (kill) => at('PutItem', 1, 'before', kill)],
  ['it has the lease', (kill) => at('PutItem', 1, 'after', kill)],
  ['it reads the cursors', (kill) => at('Query', 1, 'before', kill)],
  ['the announcement is on its way', (kill) => at('PutItem', 2, 'before', kill)],
  ['it has announced', (kill) => at('PutItem', 2, 'after', kill)],
  [
    'the first object is there',
    async (kill, { child }) => {
      while (child.exitCode === null && !(await hasObject())) await setTimeout(1);
      kill();
    },
  ],
  [
    'all objects are there and the commit is on its way',
    (kill) => at('TransactWriteItems', 1, 'before', kill),
  ],
  ['it has committed but has no answer', (kill) => at('TransactWriteItems', 1, 'after', kill)],
];

async function hasObject(): Promise<boolean> {
  const table = path.join(bucket(), 'disk_measurements');
  if (!existsSync(table)) return false;
  const entries = await readdir(table, { recursive: true });
  return entries.some((entry) => entry.endsWith('.gz'));
}

describe('killed with SIGKILL when', () => {
  test.each(steps)('%s, a second run completes the lake without duplicates', async (_, arm) => {
    await mkdir(lake());
    await collectAndKill(T, arm);
    await collect(T);
    const first = expectedOf(organisation, DISKS, { first: T, last: T });
    expect(compare(await tableRows(bucket(), 'disk_measurements'), first)).toEqual(exactly(first));
    // The same again with existing cursors, an hour later, when the runs are reported again.
    const next = T + HOUR;
    await collectAndKill(
      next,
      arm === steps[5]?.[1] ? (kill) => at('TransactWriteItems', 1, 'before', kill) : arm,
    );
    await collect(next);
    const both = expectedOf(organisation, DISKS, { first: T, last: next });
    expect(compare(await tableRows(bucket(), 'disk_measurements'), both)).toEqual(exactly(both));
    const runs = await tableRows(bucket(), 'collection_runs');
    expect(runs.reduce((sum, row) => sum + Number(row['rows']), 0)).toBe(both.length);
  });
});

describe('inventory and costs, killed with SIGKILL when', () => {
  test.each<[string, (kill: () => void) => void]>([
    ['their commit has no effect', whenCommitIsRefused],
    ['their commit takes effect without an answer', (kill) => at('TransactWriteItems', 1, 'after', kill)],
  ])('%s, are in the lake once', async (_, arm) => {
    await mkdir(lake());
    // Runs request unlisted resources only if the configuration names them.
    const lists = [...(await snapshotOf(simulator, T))].filter(([, { kind }]) => !UNLISTED.has(kind));
    const snapshot = new Map(lists);
    for (const dataset of ['inventory', 'cost_usage']) {
      await collectAndKill(T, arm, dataset);
      await collect(T, dataset);
      await collect(T + DAY, dataset);
    }
    // The organisation does not change, so each resource has one row.
    const resources = expectedInventory(organisation.id, [{ at: T, snapshot }]);
    expect(compare((await tableRows(bucket(), 'inventory')).map(comparableRow), resources)).toEqual(
      exactly(resources),
    );
    const costs = await tableRows(bucket(), 'cost_usage');
    const key = ({ level, project_id, cluster_id, service, ts }: LakeRow) =>
      [level, project_id, cluster_id, service, ts].join();
    for (const [, own] of Map.groupBy(costs, key)) {
      const changes = own.reduce((sum, row) => sum + Number(row['amount_change']), 0);
      expect(changes).toBeCloseTo(Math.max(...own.map((row) => Number(row['amount']))), 6);
    }
    // Each past month has one row. The amounts of the current month grow every day.
    const [{ id: project, clusters: [cluster] = [] } = { id: '' }] = organisation.projects;
    const scopes = [{}, { project }, { project, cluster: cluster?.id ?? '' }];
    const year = Date.UTC(2025, 2, 1);
    const closed = scopes.flatMap((scope) => costsAt(organisation, scope, year, monthOf(T), T));
    expect(
      costs
        .filter((row) => String(row['ts']) < '2026-03')
        .map(amountOf)
        .sort(),
    ).toEqual(closed.map(({ amount }) => amount).sort());
  });
});

const UNLISTED = new Set(['migration_validation', 'sample_dataset_load']);

const amountOf = (row: LakeRow) => Number(row['amount']);
const monthOf = (instant: number) =>
  Date.UTC(new Date(instant).getUTCFullYear(), new Date(instant).getUTCMonth());

test('the next run commits the recorded batch of a killed run', async () => {
  await collectAndKill(T, whenCommitIsRefused);
  const written = (await lakeObjects(bucket())).filter(({ rows }) => rows.length > 0);
  expect(written.length).toBeGreaterThan(0);
  await collect(T);
  const after = new Map((await lakeObjects(bucket())).map(({ key, rows }) => [key, rows.length]));
  for (const { key, rows } of written) expect(after.get(key)).toBe(rows.length);
});

test('the next run empties, and does not delete, the unrecorded objects of a killed run', async () => {
  await collectAndKill(T, whenCommitIsRefused);
  const written = (await lakeObjects(bucket())).filter(({ rows }) => rows.length > 0);
  // This is the state of a run that was killed a moment earlier.
  await rm(path.join(bucket(), '_commits'), { recursive: true });
  await collect(T);
  const after = new Map((await lakeObjects(bucket())).map(({ key, rows }) => [key, rows.length]));
  expect(written.length).toBeGreaterThan(0);
  for (const { key } of written) expect(after.get(key)).toBe(0);
});

test('Iceberg tables have no row of a run that was killed between PUT and commit, and each row once after the next run', async ({
  skip,
}) => {
  skip(EXTERNAL_AWS !== null, 'copies files of the killed collector, which external stand-ins do not read');
  const aws = await startTestAws();
  const iceberg = await createIcebergStandIn(aws.bucket, () => lakeTables);
  try {
    const publication = createPublication(aws, iceberg, { tables: lakeTables, now: () => T });
    /** Publishes the bucket of the killed process, and returns the number of rows of the Iceberg table. */
    const published = async (execution: string) => {
      await cp(bucket(), aws.bucket, { recursive: true });
      expect(await publish(publication, iceberg.run, execution)).toEqual({ state: 'done', failures: 0 });
      const [row] = await iceberg.ask('SELECT count(*) AS rows FROM atlas_lake.disk_measurements');
      return row?.['rows'];
    };
    await collectAndKill(T, whenCommitIsRefused);
    const written = (await lakeObjects(bucket())).filter(({ rows }) => rows.length > 0);
    expect(written.some(({ key }) => key.startsWith('disk_measurements/'))).toBe(true);
    // This is the state of a run that was killed before its record.
    await rm(path.join(bucket(), '_commits'), { recursive: true });
    expect(await published('before')).toBe(0);
    await collect(T);
    expect(await published('after')).toBe(expectedOf(organisation, DISKS, { first: T, last: T }).length);
  } finally {
    iceberg.close();
    await aws.close();
  }
});
