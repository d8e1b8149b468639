import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { startEmbeddedAws } from '../../cli/embedded/aws.ts';
import { drain } from '../../cli/event-source.ts';
import { datasets } from '../../functions/datasets.ts';
import { createOrganisation } from '../../simulator/organisation.ts';
import { type Simulator, startSimulator } from '../../simulator/server.ts';
import { compare, DATABASES, DISKS, exactly, expectedOf } from '../support/expected-rows.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { tableRows } from '../support/lake-files.ts';
import { type FunctionProcess, startFunction } from '../support/lambda/function-process.ts';
import { type SecretsServer, startSecretsServer } from '../support/secrets-server.ts';
import { type Assembly, PROJECT, synthesizeAssembly } from './assembly.ts';
import { allowedActions, dispatchOf, partsOf } from './collector-parts.ts';
import { environmentOf, type Resource } from './templates.ts';

/**
 * The collector as it would be deployed: the bundles out of the cloud assembly under AWS's runtime interface client,
 * with the variables, queues, table and events that the templates give, against the simulator and the stand-ins.
 */

const T = Date.parse('2026-03-02T12:00:00Z');
const SECRET = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:atlas';
const TABLE = 'cursors';
const BUCKET = 'lake';

const organisation = createOrganisation({
  projects: [
    {
      name: 'small',
      clusters: [{ name: 'one', nodes: [{}, { offset: 32_000 }], databases: ['orders'], disks: ['data'] }],
    },
  ],
});

/** The API keys that Atlas knows now. */
const apiKeys = [{ publicKey: 'firstkey', privateKey: '00000000-0000-4000-8000-000000000001' }];

let assembly: Assembly;
let simulator: Simulator;
let secrets: SecretsServer;
let bucket: string;
let queues: ReadonlyMap<string, string>;
let sqs: SQSClient;
let dispatch: FunctionProcess;
let endpoints: Record<string, string>;
const functions = new Map<string, FunctionProcess>();
/** What the functions asked of AWS, as the action that it takes. */
const called: string[] = [];
const cleanUp: Array<() => unknown> = [];

beforeAll(async () => {
  assembly = await synthesizeAssembly({});
  cleanUp.push(() => assembly.remove());
  simulator = await startSimulator({ organisation, now: T, rateLimits: false, clients: { apiKeys } });
  cleanUp.push(() => simulator.close());
  secrets = await startSecretsServer(SECRET, '{}');
  cleanUp.push(() => secrets.close());
  const folder = await mkdtemp(path.join(tmpdir(), 'atlas-lake-runtime-'));
  cleanUp.push(() => rm(folder, { recursive: true }));
  bucket = path.join(folder, BUCKET);
  const embedded = await startEmbeddedAws({ folder, bucket: BUCKET });
  cleanUp.push(() => embedded.close());
  const { environment } = embedded;
  const client = {
    region: environment.AWS_REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };

  const dynamodb = new DynamoDBClient({ ...client, endpoint: environment.AWS_ENDPOINT_URL_DYNAMODB });
  const [table] = assembly.store.ofType('AWS::DynamoDB::Table');
  await dynamodb.send(new CreateTableCommand({ ...tableShape.parse(table?.Properties), TableName: TABLE }));
  dynamodb.destroy();

  sqs = new SQSClient({ ...client, endpoint: environment.AWS_ENDPOINT_URL_SQS });
  cleanUp.push(() => sqs.destroy());
  const urls = new Map<string, string>();
  for (const { name } of datasets) {
    const { VisibilityTimeout, MessageRetentionPeriod } = queueShape.parse(
      partsOf(assembly.collector, name).queue.Properties,
    );
    const { QueueUrl } = await sqs.send(
      new CreateQueueCommand({
        QueueName: `${name}.fifo`,
        Attributes: { FifoQueue: 'true', VisibilityTimeout, MessageRetentionPeriod },
      }),
    );
    urls.set(name, z.string().parse(QueueUrl));
  }
  queues = urls;

  endpoints = {
    AWS_ENDPOINT_URL_S3: await recorded(environment.AWS_ENDPOINT_URL_S3),
    AWS_ENDPOINT_URL_DYNAMODB: await recorded(environment.AWS_ENDPOINT_URL_DYNAMODB),
    AWS_ENDPOINT_URL_SQS: await recorded(environment.AWS_ENDPOINT_URL_SQS),
    AWS_ENDPOINT_URL_SECRETS_MANAGER: await recorded(secrets.endpoint),
  };
  dispatch = await start(dispatchOf(assembly.collector));
  for (const { name } of datasets) {
    functions.set(name, await start(partsOf(assembly.collector, name).function));
  }
}, 120_000);

afterAll(async () => {
  for (const clean of cleanUp.reverse()) await clean();
});

const tableShape = z.custom<Omit<CreateTableCommandInput, 'TableName'>>().transform((properties) => ({
  KeySchema: properties.KeySchema,
  AttributeDefinitions: properties.AttributeDefinitions,
  BillingMode: properties.BillingMode,
}));

const queueShape = z.object({
  VisibilityTimeout: z.number().transform(String),
  MessageRetentionPeriod: z.number().transform(String),
});

const functionShape = z.object({ Handler: z.string(), Timeout: z.number() });

/** A proxy in front of a stand-in that notes the action that each request is. */
async function recorded(endpoint: string): Promise<string> {
  const proxy = await startFaultProxy(endpoint);
  cleanUp.push(() => proxy.close());
  proxy.watch(
    ({ method, headers }) => {
      const target = String(headers['x-amz-target'] ?? '');
      const [service = '', operation = ''] = target.split('.');
      if (target === '') called.push(method === 'PUT' ? 's3:PutObject' : 's3:GetObject');
      else if (operation === 'TransactWriteItems') called.push('dynamodb:PutItem');
      else if (operation === 'SendMessageBatch') called.push('sqs:SendMessage');
      else called.push(`${service.replace(/^Amazon|_\d+$/g, '').toLowerCase()}:${operation}`);
      return false;
    },
    () => {},
  );
  return proxy.endpoint;
}

/** What the stack gives the function, with the addresses that stand for the made-up ones. */
function environmentFor(resource: Resource): Record<string, string> {
  const known: Array<[RegExp, string]> = [
    [/^import-of-\S+Lake\w+$/, BUCKET],
    [/^import-of-\S+Cursors\w+$/, TABLE],
    [/^import-of-\S+AtlasCredentials\w+$/, SECRET],
  ];
  const variables = Object.entries(environmentOf(resource)).map(([name, value]) => {
    const real = known.find(([pattern]) => pattern.test(value))?.[1];
    return [name, real ?? value] as const;
  });
  const environment = Object.fromEntries(variables);
  const config = z
    .looseObject({ queues: z.record(z.string(), z.string()) })
    .parse(JSON.parse(String(environment['COLLECTOR_CONFIG'])));
  // The SDK follows a queue's address, so that this one must lead through the proxy.
  const addresses = Object.keys(config.queues).map((name) => {
    const { pathname } = new URL(queues.get(name) ?? '');
    return [name, `${endpoints['AWS_ENDPOINT_URL_SQS']}${pathname}`];
  });
  return {
    ...environment,
    COLLECTOR_CONFIG: JSON.stringify({ ...config, queues: Object.fromEntries(addresses) }),
  };
}

async function start(resource: Resource): Promise<FunctionProcess> {
  const { Handler, Timeout } = functionShape.parse(resource.Properties);
  const started = await startFunction({
    folder: assembly.codeOf(resource),
    handler: Handler,
    timeoutSeconds: Timeout,
    clockOffset: T - Date.now(),
    environment: {
      ...environmentFor(resource),
      ...endpoints,
      // What Lambda itself gives every function.
      PATH: process.env['PATH'] ?? '',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_SESSION_TOKEN: 'test',
      AWS_LAMBDA_LOG_FORMAT: 'JSON',
      MONGODB_ATLAS_BASE_URL: simulator.url,
    },
  });
  cleanUp.push(() => started.stop());
  return started;
}

/** What EventBridge Scheduler passes on at a time. */
function tickOf(dataset: string): unknown {
  const [input] = assembly.collector.ofType('AWS::Scheduler::Schedule').flatMap(({ Properties }) => {
    const { Input } = z.object({ Input: z.string() }).parse(Properties['Target']);
    return JSON.parse(Input).dataset === dataset ? [Input] : [];
  });
  const at = new Date(T).toISOString().replace('.000Z', 'Z');
  return JSON.parse(String(input).replace('<aws.scheduler.scheduled-time>', at));
}

const answer = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })) });

/** Runs a dataset's function for what its queue holds, as its event source does. */
async function work(dataset: string): Promise<void> {
  const lambda = functions.get(dataset);
  const queueUrl = queues.get(dataset);
  if (!lambda || !queueUrl) throw new Error(`no function for ${dataset}`);
  await drain({
    sqs,
    queueUrl,
    handler: async (event) => answer.parse(await lambda.invoke(event)),
    crashed: () => false,
  });
}

test('the runtime interface client is installed without its native build', async () => {
  const lock = JSON.parse(await readFile(path.join(PROJECT, 'package-lock.json'), 'utf8'));
  // npm runs the scripts of packages that say so here; this one's would compile libcurl for minutes.
  expect(lock.packages['node_modules/aws-lambda-ric']).not.toHaveProperty('hasInstallScript');
});

const firstDataset = datasets[0]?.name ?? '';

test('with the secret as it was created, a tick says what belongs there', async () => {
  await expect(dispatch.invoke(tickOf(firstDataset))).rejects.toThrow('the Atlas secret is empty');
  expect(dispatch.logged()).toContain('"level":"ERROR"');
  expect(dispatch.logged()).toContain(`"dataset":"${firstDataset}","Refusals":1`);
});

test('with credentials that Atlas does not know, it says so, and never which', async () => {
  secrets.content = JSON.stringify({ clientId: 'mdb_sa_id_other', clientSecret: 'mdb_sa_sk_other' });
  const other = await start(dispatchOf(assembly.collector));
  await expect(other.invoke(tickOf(firstDataset))).rejects.toThrow('Atlas refuses the service account');
  expect(other.logged()).toContain('Atlas refuses the service account');
  expect(other.logged()).not.toContain('mdb_sa_sk_other');
});

test('once the right ones are put, the process that had none goes on, and every dataset reaches the lake', async () => {
  const { clientId, clientSecret } = simulator.credentials;
  secrets.content = JSON.stringify({ clientId, clientSecret });
  for (const { name } of datasets) {
    called.length = 0;
    const tick = await dispatch.invoke(tickOf(name));
    expect(tick).toMatchObject({ dataset: name, projects: organisation.projects.map(({ id }) => id) });
    expectAllowed(dispatchOf(assembly.collector), ['sqs:SendMessage']);
    await work(name);
    expectAllowed(partsOf(assembly.collector, name).function, [
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
    datasets.map(({ name }) => [name, 'complete']).sort(),
  );
});

/** What was asked of AWS since the last time is what the role allows, and holds at least this. */
function expectAllowed(resource: Resource, atLeast: readonly string[]): void {
  const actions = new Set(called.splice(0));
  expect([...actions]).toEqual(expect.arrayContaining([...atLeast]));
  const allowed = allowedActions(assembly.collector, resource);
  expect([...actions].filter((action) => !allowed.includes(action))).toEqual([]);
}

test('another API key takes effect in a process that runs', async () => {
  const [first] = apiKeys;
  secrets.content = JSON.stringify(first);
  const process = await start(dispatchOf(assembly.collector));
  await process.invoke(tickOf(firstDataset));
  const second = { publicKey: 'secndkey', privateKey: '00000000-0000-4000-8000-000000000002' };
  apiKeys.splice(0, 1, second);
  await expect(process.invoke(tickOf(firstDataset))).rejects.toThrow('Atlas refuses the credentials');
  secrets.content = JSON.stringify(second);
  await process.invoke(tickOf(firstDataset));
});
