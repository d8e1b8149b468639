import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { datasets } from '../../functions/datasets.ts';
import { type Assembly, type Finished, run, synthesizeAssembly } from './assembly.ts';
import { allowedActions, dispatchOf, partsOf } from './collector-parts.ts';
import { metafileOf } from './metafile.ts';
import { environmentOf, type Resource } from './templates.ts';

let assembly: Assembly;

beforeAll(async () => {
  assembly = await synthesizeAssembly({ alarms: { email: 'data-team@example.com' } });
}, 180_000);

afterAll(() => assembly?.remove());

/** Loads a function's bundle like Lambda, with the template's environment, and calls its handler. */
function invoke(resource: Resource, event: unknown): Promise<Finished> {
  const asset = join(assembly.codeOf(resource), 'index.mjs');
  const program = `
    const { handler } = await import(${JSON.stringify(asset)});
    const answer = await handler(${JSON.stringify(event)}, { getRemainingTimeInMillis: () => 60_000 });
    console.log(JSON.stringify(answer));`;
  const environment = { ...environmentOf(resource), AWS_REGION: 'us-east-1' };
  return run('node', ['--input-type=module', '--eval', program], environment);
}

const bundles = [...datasets.map(({ name }) => name), 'dispatch'];

function functionNamed(name: string): Resource {
  const { collector } = assembly;
  return name === 'dispatch' ? dispatchOf(collector) : partsOf(collector, name).function;
}

test('synthesis succeeds without credentials and passes the checks', async () => {
  expect(assembly.synthesis).toMatchObject({ code: 0 });
  const report = await readFile(join(assembly.folder, 'validation-report.json'), 'utf8');
  const { pluginReports } = z
    .object({ pluginReports: z.array(z.object({ pluginName: z.string(), conclusion: z.string() })).min(1) })
    .parse(JSON.parse(report));
  for (const plugin of pluginReports) expect(plugin).toMatchObject({ conclusion: 'success' });
});

test.each(bundles)('the bundle of %s stays below the size limit', async (name) => {
  const { size } = await stat(join(assembly.codeOf(functionNamed(name)), 'index.mjs'));
  // The size of S3, DynamoDB and undici alone, if bundled without exclusions.
  expect(size).toBeLessThan(1_015_000);
});

/** The IAM actions that each SDK command needs. */
const ACTIONS: Record<string, readonly string[]> = {
  GetSecretValue: ['secretsmanager:GetSecretValue'],
  GetItem: ['dynamodb:GetItem'],
  PutItem: ['dynamodb:PutItem'],
  Query: ['dynamodb:Query'],
  TransactWriteItems: ['dynamodb:PutItem', 'dynamodb:DeleteItem'],
  PutObject: ['s3:PutObject'],
  HeadObject: ['s3:GetObject'],
  GetObject: ['s3:GetObject'],
  ListObjectsV2: ['s3:ListBucket'],
  SendMessage: ['sqs:SendMessage'],
  SendMessageBatch: ['sqs:SendMessage'],
  ChangeMessageVisibility: ['sqs:ChangeMessageVisibility'],
  // S3's client includes the first for directory buckets, DynamoDB's the second for endpoint discovery.
  CreateSession: [],
  DescribeEndpoints: [],
};

/** The actions that Lambda performs with a function's role: writing its log and reading its queue. */
const BY_LAMBDA = ['logs:CreateLogStream', 'logs:PutLogEvents'];
const BY_EVENT_SOURCE = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

test.each(bundles)('the role of %s allows only actions that its bundle calls', async (name) => {
  const resource = functionNamed(name);
  const map = await readFile(join(assembly.codeOf(resource), 'index.mjs.map'), 'utf8');
  const { sources } = z.object({ sources: z.array(z.string()) }).parse(JSON.parse(map));
  const commands = sources.flatMap(
    (source) => /\/client-[^/]+\/.*\/commands\/(\w+)Command\.js$/.exec(source)?.[1] ?? [],
  );
  const called = commands.flatMap((command) => {
    const actions = ACTIONS[command];
    if (!actions) throw new Error(`${name} calls ${command}: add the actions that it needs to ACTIONS`);
    return actions;
  });
  const byLambda = name === 'dispatch' ? BY_LAMBDA : [...BY_LAMBDA, ...BY_EVENT_SOURCE];
  const allowed = allowedActions(assembly.collector, resource);
  expect(allowed).toContain('secretsmanager:GetSecretValue');
  expect(allowed.filter((action) => !called.includes(action) && !byLambda.includes(action))).toEqual([]);
});

describe.each(datasets)('the bundle of $name', (dataset) => {
  test('returns no failures for an event without messages', async () => {
    expect(await invoke(functionNamed(dataset.name), { Records: [] })).toEqual({
      code: 0,
      stdout: '{"batchItemFailures":[]}\n',
      stderr: '',
    });
  });

  test('contains the code of its dataset: it reports an unreadable message with the dataset', async () => {
    const answer = await invoke(functionNamed(dataset.name), { Records: [{ messageId: 'm', body: '{}' }] });
    const [metrics, failures] = answer.stdout.trim().split('\n');
    expect(failures).toBe('{"batchItemFailures":[{"itemIdentifier":"m"}]}');
    expect(JSON.parse(String(metrics))).toMatchObject({ dataset: dataset.name, Crashes: 1 });
    // A second line says that the message could not be hidden, because there is no queue.
    const [error] = answer.stderr.split('\n');
    expect(JSON.parse(String(error))).toMatchObject({ level: 'ERROR', dataset: dataset.name });
  });
});

test('the bundle of dispatch refuses an unknown dataset with a stack trace of source lines', async () => {
  const event = { dataset: 'tables', tick: '2026-11-24T12:00:00Z' };
  const answer = await invoke(functionNamed('dispatch'), event);
  expect(answer).toMatchObject({ code: 1 });
  expect(answer.stderr).toContain('the event names a dataset that does not exist');
  expect(answer.stderr).toMatch(/dispatch\.ts:\d+/);
});

test('an invalid configuration prints one line', async () => {
  const context = { 'atlas-lake': { datasets: { disk_measurements: { settle: '10 minutes' } } } };
  const answer = await run('node', ['infra/app.ts'], { CDK_CONTEXT_JSON: JSON.stringify(context) });
  expect(answer).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'atlas-lake: datasets.disk_measurements.settle: expected an ISO 8601 duration such as PT25M or P7D\n',
  });
});

test('the app imports no SDK client', async () => {
  const metafile = await metafileOf('infra/app.ts');
  const imported = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  expect(imported).toContain('aws-cdk-lib');
  expect(imported.filter((path) => path.startsWith('@aws-sdk/'))).toEqual([]);
});
