import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { datasets } from '../../functions/datasets.ts';
import { createOrganisation } from '../../simulator/organisation.ts';
import { type Simulator, startSimulator } from '../../simulator/server.ts';
import { compare, DATABASES, DISKS, exactly, expectedOf } from '../support/expected-rows.ts';
import { tableRows } from '../support/lake-files.ts';
import { T } from '../support/times.ts';
import { PROJECT } from './assembly.ts';
import { allowedActions, dispatchOf, partsOf } from './collector-parts.ts';
import { type DeployedCollector, deployCollector } from './deployed-collector.ts';
import type { Resource } from './templates.ts';

const organisation = createOrganisation({
  projects: [
    {
      name: 'small',
      clusters: [{ name: 'one', nodes: [{}, { offset: 32_000 }], databases: ['orders'], disks: ['data'] }],
    },
  ],
});

/** The API keys that Atlas accepts now. */
const apiKeys = [{ publicKey: 'firstkey', privateKey: '00000000-0000-4000-8000-000000000001' }];

let simulator: Simulator;
let deployed: DeployedCollector;

beforeAll(async () => {
  simulator = await startSimulator({ organisation, now: T, rateLimits: false, clients: { apiKeys } });
  deployed = await deployCollector({ atlas: simulator.url, now: T });
}, 120_000);

afterAll(async () => {
  await deployed.close();
  await simulator.close();
});

test('the runtime interface client is installed without its native build', async () => {
  const lock = JSON.parse(await readFile(path.join(PROJECT, 'package-lock.json'), 'utf8'));
  // npm runs install scripts of packages with this flag. This script would compile libcurl for minutes.
  expect(lock.packages['node_modules/aws-lambda-ric']).not.toHaveProperty('hasInstallScript');
});

const firstDataset = datasets[0]?.name ?? '';

test('a tick with the initial secret reports that the secret is empty', async () => {
  const { dispatch, tickOf } = deployed;
  await expect(dispatch.invoke(tickOf(firstDataset))).rejects.toThrow('the Atlas secret is empty');
  expect(dispatch.logged()).toContain('"level":"ERROR"');
  expect(dispatch.logged()).toContain(`"dataset":"${firstDataset}","Refusals":1`);
});

test('a tick with wrong credentials reports the refusal and does not log the credentials', async () => {
  const { secret, start, template, tickOf } = deployed;
  secret.content = JSON.stringify({ clientId: 'mdb_sa_id_other', clientSecret: 'mdb_sa_sk_other' });
  const other = await start(dispatchOf(template));
  await expect(other.invoke(tickOf(firstDataset))).rejects.toThrow('Atlas refuses the service account');
  expect(other.logged()).toContain('Atlas refuses the service account');
  expect(other.logged()).not.toContain('mdb_sa_sk_other');
});

test('a running process picks up valid credentials, and every dataset reaches the lake', async () => {
  const { secret, calls, dispatch, template, tickOf, work, bucket } = deployed;
  const { clientId, clientSecret } = simulator.credentials;
  secret.content = JSON.stringify({ clientId, clientSecret });
  calls.take();
  for (const { name, subjects = ['project'] } of datasets) {
    const tick = await dispatch.invoke(tickOf(name));
    expect(tick).toMatchObject({
      dataset: name,
      projects: subjects.includes('project') ? organisation.projects.map(({ id }) => id) : [],
      organisations: subjects.includes('organisation') ? [organisation.id] : [],
    });
    expectAllowed(dispatchOf(template), ['sqs:SendMessage', 'dynamodb:Query', 'dynamodb:PutItem']);
    await work(name);
    expectAllowed(partsOf(template, name).function, [
      'secretsmanager:GetSecretValue',
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      's3:PutObject',
    ]);
  }
  for (const kind of [DATABASES, DISKS]) {
    const expected = expectedOf(organisation, kind, { first: T, last: T });
    expect(expected.length).toBeGreaterThan(100);
    expect(compare(await tableRows(bucket, kind.table), expected)).toEqual(exactly(expected));
  }
  const runs = await tableRows(bucket, 'collection_runs');
  expect(runs.map(({ dataset, outcome }) => [dataset, outcome]).sort()).toEqual(
    datasets.flatMap(({ name, subjects = ['project'] }) => subjects.map(() => [name, 'complete'])).sort(),
  );
});

/** Checks that the role allows all actions since the last check, and that they include `atLeast`. */
function expectAllowed(resource: Resource, atLeast: readonly string[]): void {
  const actions = deployed.calls.take();
  expect(actions).toEqual(expect.arrayContaining([...atLeast]));
  const allowed = allowedActions(deployed.template, resource);
  expect(actions.filter((action) => !allowed.includes(action))).toEqual([]);
}

test('a running process picks up a rotated API key', async () => {
  const { secret, start, template, tickOf } = deployed;
  secret.content = JSON.stringify(apiKeys[0]);
  const dispatch = await start(dispatchOf(template));
  await dispatch.invoke(tickOf(firstDataset));
  const second = { publicKey: 'secndkey', privateKey: '00000000-0000-4000-8000-000000000002' };
  apiKeys.splice(0, 1, second);
  await expect(dispatch.invoke(tickOf(firstDataset))).rejects.toThrow('Atlas refuses the credentials');
  secret.content = JSON.stringify(second);
  await dispatch.invoke(tickOf(firstDataset));
});
