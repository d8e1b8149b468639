import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { program } from '../../../cli/program.ts';
import { type LocalAwsServices, startLocalAwsServices } from '../../../local-aws/aws.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { type Simulator, startSimulator } from '../../../simulator/server.ts';
import { type CliCase, casesOf } from '../../support/cli-cases.ts';
import { type CaseResult, noSmallDisk, runCase, type Surroundings } from '../../support/cli-conditions.ts';
import { runCli } from '../../support/run-cli.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';

const RUNS = Number(process.env['ATLAS_LAKE_CLI_RUNS'] ?? 12);
const SEED = Number(process.env['ATLAS_LAKE_CLI_SEED'] ?? Date.now() % 2 ** 31);

/** More lines than that hide what is wrong. */
const MOST_LINES = 8;

const commands = program(() => {}).commands;

let around: Surroundings;
let hasSmallDisk = false;
const cleanUp: Array<() => Promise<unknown>> = [];

beforeAll(async () => {
  process.stderr.write(`ATLAS_LAKE_CLI_SEED=${SEED} repeats the cases of this run\n`);
  const why = await noSmallDisk();
  hasSmallDisk = why === undefined;
  if (why !== undefined) process.stderr.write(`${why}\n`);
  const folder = await makeTemporaryFolder();
  cleanUp.push(() => rm(folder, { recursive: true }));
  const simulator = await startAtlas();
  const atlas = { url: simulator.url, credentials: simulator.credentials };
  const lake = path.join(folder, 'lake');
  const collected = await runCli(['collect', '--quiet', '--lake', lake, '--dataset', 'disk_measurements'], {
    MONGODB_ATLAS_BASE_URL: atlas.url,
    MONGODB_ATLAS_CLIENT_ID: atlas.credentials.clientId,
    MONGODB_ATLAS_CLIENT_SECRET: atlas.credentials.clientSecret,
  });
  expect(collected).toEqual({ code: 0, stdout: '', stderr: '' });
  const aws = await startAws();
  const project = simulator.organisation.projects[0]?.id ?? '';
  around = { lake, project, busyPort: await busyPort(), atlas, aws: aws.environment };
});
afterAll(async () => {
  for (const clean of cleanUp.reverse()) await clean();
});

async function startAtlas(): Promise<Simulator> {
  const organisation = createOrganisation({
    projects: [{ name: 'one', clusters: [{ name: 'c', nodes: 1, databases: ['a'], disks: ['data'] }] }],
  });
  const simulator = await startSimulator({ organisation, now: Date.now(), running: true, rateLimits: false });
  cleanUp.push(() => simulator.close());
  return simulator;
}

async function startAws(): Promise<LocalAwsServices> {
  const folder = await makeTemporaryFolder();
  const services = await startLocalAwsServices({ folder });
  cleanUp.push(async () => {
    await services.close();
    await rm(folder, { recursive: true });
  });
  return services;
}

/** Returns a port where a server answers with something that is no HTTP. */
async function busyPort(): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => {}).end('220 mail\r\n'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  cleanUp.push(async () => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

describe.concurrent.each(commands.map((command) => ({ name: command.name(), command })))(
  '$name',
  ({ command }) => {
    test('ends with an exit code that it documents and a few lines, whatever is wrong', async () => {
      await fc.assert(
        fc.asyncProperty(casesOf(command), async (its) => {
          const result = await runCase(its, around, hasSmallDisk);
          expect(
            violations(its, result),
            JSON.stringify({ ...result, stdout: result.stdout.slice(0, 500) }),
          ).toEqual([]);
        }),
        { numRuns: RUNS, seed: SEED, endOnFailure: true },
      );
    }, 1_200_000);
  },
);

/** Returns what is wrong with a result. */
function violations(its: CliCase, { code, signal, stdout, stderr, interrupted }: CaseResult): string[] {
  // Ctrl-C ended Node, before it ran the program or after that.
  const isEnded = interrupted && signal === 'SIGINT';
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const canFailSilently = its.output !== 'pipe';
  const rules: ReadonlyArray<[string, boolean]> = [
    ['an exit code', isEnded || (code !== null && [0, 1, 2, ...(interrupted ? [130] : [])].includes(code))],
    ['no stack trace', !/^\s+at \S/m.test(stderr)],
    ['no internals', !/should not happen|report this line|\[object|undefined/.test(stderr)],
    ['a few lines', lines.length <= MOST_LINES || its.args.includes('--verbose')],
    ['a reason for a failure', isEnded || code === 0 || canFailSilently || stdout + stderr !== ''],
    [
      'one JSON document',
      isEnded || !its.args.includes('--json') || its.output !== 'pipe' || isOneDocument(stdout),
    ],
  ];
  return rules.flatMap(([rule, holds]) => (holds ? [] : [rule]));
}

function isOneDocument(text: string): boolean {
  try {
    return text.trimEnd().split('\n').length === 1 && typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}
