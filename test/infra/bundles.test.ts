import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { datasets } from '../../functions/datasets.ts';
import { functionFolder } from '../../infra/collector/dataset-function.ts';
import { environmentOf, ParsedTemplate, type Resource } from './templates.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const BIN = join(PROJECT, 'node_modules/.bin');

let folder: string;
let collector: ParsedTemplate;
let synthesis: Finished;

interface Finished {
  code: number | string | null;
  stdout: string;
  stderr: string;
}

/** Runs a program as a user without AWS credentials or configuration would. */
function run(
  program: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<Finished> {
  const env = {
    PATH: [BIN, process.env['PATH']].join(delimiter),
    HOME: folder,
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    ...environment,
  };
  return new Promise((done) => {
    execFile(program, args, { cwd: PROJECT, env }, (error, stdout, stderr) => {
      done({ code: error ? (error.code ?? null) : 0, stdout, stderr });
    });
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atlas-lake-bundles-'));
  const output = join(folder, 'cdk.out');
  const everything = JSON.stringify({ alarms: { email: 'data-team@example.com' } });
  synthesis = await run('cdk', ['synth', '--quiet', '--output', output, '-c', `atlas-lake=${everything}`]);
  const template = await readFile(join(folder, 'cdk.out/AtlasLakeCollector.template.json'), 'utf8');
  collector = new ParsedTemplate(JSON.parse(template));
});

afterAll(() => rm(folder, { recursive: true }));

/** Where a function's bundle is. */
function assetFolder({ Metadata }: Resource): string {
  return join(folder, 'cdk.out', z.string().parse(Metadata['aws:asset:path']));
}

/** Loads a function's bundle as Lambda does, with the template's environment, and calls its handler. */
function invoke(resource: Resource, event: unknown): Promise<Finished> {
  const asset = join(assetFolder(resource), 'index.mjs');
  const program = `
    const { handler } = await import(${JSON.stringify(asset)});
    const answer = await handler(${JSON.stringify(event)}, { getRemainingTimeInMillis: () => 60_000 });
    console.log(JSON.stringify(answer));`;
  const environment = { ...environmentOf(resource), AWS_REGION: 'us-east-1' };
  return run('node', ['--input-type=module', '--eval', program], environment);
}

function functionNamed(pattern: RegExp): Resource {
  const [resource, ...others] = collector
    .ofType('AWS::Lambda::Function')
    .filter(({ Metadata }) => pattern.test(z.string().parse(Metadata['aws:cdk:path'])));
  if (!resource || others.length > 0) throw new Error(`not one function is named ${pattern}`);
  return resource;
}

test('the templates are made without credentials, and pass the checks', async () => {
  expect(synthesis).toMatchObject({ code: 0 });
  const report = await readFile(join(folder, 'cdk.out/validation-report.json'), 'utf8');
  const { pluginReports } = z
    .object({ pluginReports: z.array(z.object({ pluginName: z.string(), conclusion: z.string() })).min(1) })
    .parse(JSON.parse(report));
  for (const plugin of pluginReports) expect(plugin).toMatchObject({ conclusion: 'success' });
});

test.each(datasets.map(functionFolder).concat('dispatch'))(
  'the bundle of %s holds only what it needs',
  async (name) => {
    const resource = functionNamed(new RegExp(`/${name.replaceAll('-', '')}/`, 'i'));
    const { size } = await stat(join(assetFolder(resource), 'index.mjs'));
    // What S3, DynamoDB and undici alone took when they were bundled as they come.
    expect(size).toBeLessThan(1_015_000);
  },
);

describe.each(datasets)('the bundle of $name', (dataset) => {
  const path = new RegExp(`/${functionFolder(dataset).replaceAll('-', '')}/`, 'i');

  test('answers an event without messages', async () => {
    expect(await invoke(functionNamed(path), { Records: [] })).toEqual({
      code: 0,
      stdout: '{"batchItemFailures":[]}\n',
      stderr: '',
    });
  });

  test('holds the code of that dataset: it says whose message cannot be read', async () => {
    const answer = await invoke(functionNamed(path), { Records: [{ messageId: 'm', body: '{}' }] });
    const [metrics, failures] = answer.stdout.trim().split('\n');
    expect(failures).toBe('{"batchItemFailures":[{"itemIdentifier":"m"}]}');
    expect(JSON.parse(String(metrics))).toMatchObject({ dataset: dataset.name, Crashes: 1 });
    expect(JSON.parse(answer.stderr)).toMatchObject({ level: 'ERROR', dataset: dataset.name });
  });
});

test('the bundle of dispatch refuses what is no dataset, and names lines of the source in doing so', async () => {
  const event = { dataset: 'tables', tick: '2026-11-24T12:00:00Z' };
  const answer = await invoke(functionNamed(/\/Dispatch\//), event);
  expect(answer).toMatchObject({ code: 1 });
  expect(answer.stderr).toContain('the event names a dataset that does not exist');
  expect(answer.stderr).toMatch(/dispatch\.ts:\d+/);
});

test('a configuration that cannot be used ends in one line', async () => {
  const context = { 'atlas-lake': { datasets: { disk_measurements: { settle: '10 minutes' } } } };
  const answer = await run('node', ['infra/app.ts'], { CDK_CONTEXT_JSON: JSON.stringify(context) });
  expect(answer).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'atlas-lake: datasets.disk_measurements.settle: expected an ISO 8601 duration such as PT25M or P7D\n',
  });
});

test('the app needs no SDK client: it reads declarations', async () => {
  const { metafile } = await build({
    entryPoints: [join(PROJECT, 'infra/app.ts')],
    absWorkingDir: PROJECT,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    write: false,
    metafile: true,
  });
  const imported = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  expect(imported).toContain('aws-cdk-lib');
  expect(imported.filter((path) => path.startsWith('@aws-sdk/'))).toEqual([]);
});
