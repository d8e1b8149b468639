import { randomInt } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startLocalDynamoDb } from '../../local-aws/dynamodb.ts';
import { readHeaders } from '../../shared/cursors/header-list.ts';
import { MINUTE } from '../../shared/durations.ts';
import { parseRunStatistics } from '../../shared/engine/run-statistics.ts';
import { fractionAt } from '../../simulator/hash.ts';
import { createOrganisation, type OrganisationOptions } from '../../simulator/organisation.ts';
import { compare, DATABASES, DISKS, exactly, expectedOf } from '../support/expected-rows.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { lakeObjects, tableRows } from '../support/lake-files.ts';
import { startCli } from '../support/run-cli.ts';
import { type SimulatorProcess, startSimulatorProcess } from '../support/simulator-process.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

/**
 * Kills `collect` processes with SIGKILL at random moments, while Atlas and DynamoDB keep running in other processes.
 * `kill.slow.test.ts` aims at each step of the protocol instead.
 */

/** The command line's cursor table. */
const TABLE = 'atlas-lake-cursors';

const KILLS = Number(process.env['KILLS'] ?? 200);

/** The seed of the moments of the kills. Set KILL_SEED to repeat an earlier run. */
const SEED = Number(process.env['KILL_SEED'] ?? randomInt(2 ** 31));

const START = Date.parse('2026-03-02T12:00:00Z');
const KINDS = [DATABASES, DISKS];

const cluster = (name: string) => ({ name, nodes: 1, databases: ['a', 'b'], disks: ['data'] });
const shape: OrganisationOptions = {
  projects: [
    { name: 'one', clusters: [cluster('c'), cluster('d')] },
    { name: 'two', clusters: [cluster('e')] },
  ],
};
const organisation = createOrganisation(shape);

let folder: string;
let simulator: SimulatorProcess;
let dynamodb: { endpoint: string; close(): Promise<void> };
/** Proxies in front of Atlas and DynamoDB, which show the progress of a run. */
let proxies: FaultProxy[];
let drawn = 0;

const random = () => {
  drawn += 1;
  return fractionAt(SEED, drawn);
};

beforeEach(async () => {
  folder = await makeTemporaryFolder();
  simulator = await startSimulatorProcess(shape);
  dynamodb = await startLocalDynamoDb(path.join(folder, 'cursors.db'));
  proxies = [await startFaultProxy(simulator.url), await startFaultProxy(dynamodb.endpoint)];
});

afterEach(async () => {
  for (const proxy of proxies) await proxy.close();
  await dynamodb.close();
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

function command(tick: number): { args: string[]; environment: Record<string, string> } {
  const [atlas, cursors] = proxies;
  return {
    args: [
      'collect',
      ...KINDS.flatMap(({ table }) => ['--dataset', table]),
      ...['--at', new Date(tick).toISOString(), '--lake', path.join(folder, 'lake-folder')],
    ],
    environment: {
      MONGODB_ATLAS_BASE_URL: atlas?.endpoint ?? '',
      MONGODB_ATLAS_CLIENT_ID: simulator.credentials.clientId,
      MONGODB_ATLAS_CLIENT_SECRET: simulator.credentials.clientSecret,
      AWS_ENDPOINT_URL_DYNAMODB: cursors?.endpoint ?? '',
    },
  };
}

/** Calls back before and after each request of a run, until the returned function is called. */
function watchRequests(callback: () => void): () => void {
  const stops = proxies.map((proxy) => proxy.watch(() => true, callback));
  return () => {
    for (const stop of stops) stop();
  };
}

/** Starts a tick and kills it when `moment` returns true. Returns whether it was killed, and how many signs it gave. */
async function collect(
  tick: number,
  moment: (signs: number) => Promise<boolean>,
): Promise<{ killed: boolean; signs: number }> {
  await simulator.setClock(tick);
  const { args, environment } = command(tick);
  const { child, result } = startCli(args, environment);
  let signs = 0;
  const sign = async () => {
    signs += 1;
    if (await moment(signs)) child.kill('SIGKILL');
  };
  const stop = watchRequests(sign);
  // The start counts as the first sign.
  await sign();
  const { code, stderr } = await result;
  stop();
  if (child.signalCode === 'SIGKILL') return { killed: true, signs };
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return { killed: false, signs };
}

/** Chooses a random moment: some milliseconds after one of the signs. */
function anyMoment(signs: number): (seen: number) => Promise<boolean> {
  const chosen = 1 + Math.floor(random() * signs);
  // Before its first request, a run loads modules and locks the lake.
  const delay = random() * (chosen === 1 ? 400 : 20);
  return async (seen) => {
    if (seen !== chosen) return false;
    await setTimeout(delay);
    return true;
  };
}

const never = async () => false;

test(`a collector killed ${KILLS} times at random moments (KILL_SEED=${SEED}) writes a complete lake`, {
  timeout: 15 * MINUTE,
}, async () => {
  const kills = { all: 0, withPending: 0 };
  let tick = START;
  // The number of signs of a run: a guess for the first run, then the number of the last run that finished.
  let signs = 60;
  const client = new DynamoDBClient({
    endpoint: dynamodb.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  while (kills.all < KILLS) {
    let ended = false;
    for (let tries = Math.ceil(random() * 6); tries > 0 && !ended && kills.all < KILLS; tries -= 1) {
      const run = await collect(tick, anyMoment(signs));
      ended = !run.killed;
      if (ended) {
        signs = run.signs;
        continue;
      }
      kills.all += 1;
      const headers = await readHeaders(client, TABLE).catch(() => []);
      if (headers.some(({ header }) => header.pending !== null)) kills.withPending += 1;
    }
    // Some ticks never finish, and the next tick does their work. The first tick must finish, because it sets the start.
    if (!ended && (tick === START || random() < 0.5)) signs = (await collect(tick, never)).signs;
    tick += 20 * MINUTE;
  }
  expect(kills.withPending).toBeGreaterThan(0);
  await collect(tick, never);

  const bucket = path.join(folder, 'lake-folder', 'lake');
  let measured = 0;
  for (const kind of KINDS) {
    const expected = expectedOf(organisation, kind, { first: START, last: tick });
    expect(compare(await tableRows(bucket, kind.table), expected)).toEqual(exactly(expected));
    measured += expected.length;
  }
  expect(await tableRows(bucket, 'collection_gaps')).toEqual([]);
  // The runs, and the headers since their last rows, count exactly the rows in the lake, and nothing is pending.
  const runs = await tableRows(bucket, 'collection_runs');
  const headers = await readHeaders(client, TABLE);
  client.destroy();
  const unreported = headers.map(({ header }) => parseRunStatistics(header.statistics).totals.rows);
  const reported = runs.map((row) => Number(row['rows']));
  expect([...reported, ...unreported].reduce((sum, rows) => sum + rows, 0)).toBe(measured);
  expect(headers.map(({ scope }) => scope.dataset).sort()).toEqual(
    KINDS.flatMap(({ table }) => organisation.projects.map(() => table)).sort(),
  );
  for (const { header } of headers) expect(header).toMatchObject({ holder: null, pending: null });
  const emptied = (await lakeObjects(bucket)).filter(({ rows }) => rows.length === 0);
  console.info(
    `${kills.all} kills, ${kills.withPending} of them with an announced batch; ${emptied.length} objects ` +
      `emptied; ${(tick - START) / (60 * MINUTE)} simulated hours`,
  );
});
