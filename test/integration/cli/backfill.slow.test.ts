import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BUCKET, CURSOR_TABLE } from '../../../cli/local-aws.ts';
import { startLocalAwsServices } from '../../../local-aws/aws.ts';
import { type Simulator, startSimulator } from '../../../simulator/server.ts';
import { environmentOf, organisation } from '../../support/cli-test.ts';
import { runCli, startCli } from '../../support/run-cli.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';

const NAME = 'disk_measurements';
const HOURS = 3_600_000;

let simulator: Simulator;
let lake: string;
let environment: Record<string, string>;

beforeAll(async () => {
  simulator = await startSimulator({ organisation, now: Date.now(), running: true, rateLimits: false });
  environment = environmentOf(simulator);
  lake = await makeTemporaryFolder();
  const { code } = await runCli(['collect', '--quiet', '--dataset', NAME, '--lake', lake], environment);
  expect(code).toBe(0);
});
afterAll(async () => {
  await simulator.close();
  await rm(lake, { recursive: true, force: true });
});

const at = (hoursAgo: number) => new Date(Date.now() - hoursAgo * HOURS).toISOString();
const period = ['--from', at(40), '--to', at(1)];
const backfill = (args: readonly string[], variables = environment) =>
  runCli(['backfill', '--lake', lake, ...args], variables);

async function filesOf(): Promise<string[]> {
  const below = path.join(lake, 'lake', NAME);
  const entries = await readdir(below, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.join(parentPath, name))
    .sort();
}

describe('a wrong command prints one line with advice and exits with 2', () => {
  test.each([
    ['an unknown dataset', ['--dataset', 'disks', ...period], /unknown dataset "disks"/],
    [
      'a dataset without a past',
      ['--dataset', 'alerts', ...period],
      /alerts cannot be backfilled: Atlas shows alerts as they are now/,
    ],
    [
      'a wrong time',
      ['--dataset', NAME, '--from', 'monday', '--to', at(1)],
      /--from "monday" is not an ISO 8601 time/,
    ],
    [
      'a period that ends before it begins',
      ['--dataset', NAME, '--from', at(1), '--to', at(2)],
      /is not before --to/,
    ],
    ['the future', ['--dataset', NAME, '--from', at(2), '--to', at(-24)], /is later than Atlas's clock/],
    [
      'a dataset that was never collected',
      ['--dataset', 'access_logs', ...period],
      /access_logs was never collected/,
    ],
    [
      'a project that was never collected',
      ['--dataset', NAME, ...period, '--project', '0'.repeat(24)],
      /of 0{24} was never collected/,
    ],
    [
      'a bucket without a table',
      ['--dataset', NAME, ...period, '--bucket', 'b'],
      /use --bucket and --cursor-table together/,
    ],
  ])('%s', async (_, args, says) => {
    const { code, stdout, stderr } = await backfill(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(says);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('a folder without a lake', async () => {
    const { code, stderr } = await runCli(
      ['backfill', '--dataset', NAME, ...period, '--lake', `${lake}/none`],
      environment,
    );
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no lake in'),
    });
  });
});

test('deleted objects are read again, with one JSON object, and a repetition writes nothing', async () => {
  const [first = ''] = await filesOf();
  await rm(first);
  const dry = await backfill(['--dataset', NAME, ...period, '--dry-run']);
  expect(dry).toMatchObject({ code: 0, stderr: '' });
  expect(dry.stdout).toMatch(/: [\d,]+ rows would be written, [\d,]+ were there already\.\n/);
  expect(await filesOf()).not.toContain(first);
  const { code, stdout, stderr } = await backfill(['--dataset', NAME, ...period, '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const result: unknown = JSON.parse(stdout);
  expect(result).toMatchObject({
    dataset: NAME,
    dryRun: false,
    complete: true,
    projects: [{ losses: [], failures: [] }],
  });
  const files = await filesOf();
  const again = await backfill(['--dataset', NAME, ...period, '--quiet']);
  expect(again).toMatchObject({ code: 0, stdout: '', stderr: '' });
  expect(await filesOf()).toEqual(files);
});

test('a lake in S3 is backfilled beside its cursor table', async () => {
  const [, second = ''] = await filesOf();
  await rm(second);
  const aws = await startLocalAwsServices({ folder: lake });
  try {
    const where = ['--bucket', BUCKET, '--cursor-table', CURSOR_TABLE];
    const variables = { ...environment, ...aws.environment };
    const args = ['backfill', ...where, '--dataset', NAME, ...period];
    const { code, stdout, stderr } = await runCli(args, variables);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/: [1-9][\d,]* rows written, [\d,]+ were there already\.\n/);
    const again = await runCli(args, variables);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining(': 0 rows written, ') });
  } finally {
    await aws.close();
  }
});

test('Ctrl-C ends it with 130, and the same command continues', async () => {
  for (const file of await filesOf()) await rm(file);
  simulator.faults.add({ kind: 'stall', pattern: /measurements/ });
  simulator.requests.reset();
  const { child, result } = startCli(['backfill', '--lake', lake, '--dataset', NAME, ...period], environment);
  while (!simulator.requests.list.some(({ path: seen }) => seen.includes('measurements')))
    await setTimeout(20);
  child.kill('SIGINT');
  const { code, stderr } = await result;
  expect({ code, stderr }).toEqual({
    code: 130,
    stderr: '\nInterrupted. What was read is written. Run the same command again to continue.\n',
  });
  simulator.faults.clear();
  expect(await backfill(['--dataset', NAME, ...period])).toMatchObject({ code: 0, stderr: '' });
  expect(await runCli(['verify', '--lake', lake])).toMatchObject({
    stdout: expect.not.stringContaining('duplicate'),
  });
});
