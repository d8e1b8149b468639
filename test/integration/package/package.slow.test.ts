import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { createOrganisation } from '../../../simulator/organisation.ts';
import { type Simulator, startSimulator } from '../../../simulator/server.ts';
import { synthesizeAssembly } from '../../infra/assembly.ts';
import {
  type Finished,
  install,
  NO_REGISTRY,
  pack,
  reachesRegistry,
  runIn,
  sizeOf,
} from '../../support/installed-package.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';

/** What the command line may take on the disk, without the packages for deployments, in MiB. */
const MOST_MEBIBYTES = 150;

const DATASET = 'database_measurements';

let folder: string;
let app: string;
let simulator: Simulator;
const reachable = await reachesRegistry();

beforeAll(async () => {
  if (!reachable) {
    process.stderr.write(`${NO_REGISTRY}\n`);
    return;
  }
  folder = await makeTemporaryFolder();
  app = path.join(folder, 'app');
  await install(app, [await pack(path.join(folder, 'tarball'))]);
  await install(path.join(folder, 'node22'), ['node@22']);
  const organisation = createOrganisation({
    projects: [{ name: 'one', clusters: [{ name: 'c', nodes: 1, databases: ['a'], disks: ['data'] }] }],
  });
  simulator = await startSimulator({ organisation, now: Date.now(), running: true, rateLimits: false });
}, 900_000);
beforeEach(({ skip }) => skip(!reachable, NO_REGISTRY));
afterAll(async () => {
  await simulator?.close();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

/** Runs the installed command with a version of Node. */
function runWith(node: string, args: readonly string[]): Promise<Finished> {
  const { clientId, clientSecret } = simulator.credentials;
  return runIn(app, node, ['node_modules/.bin/atlas-lake', ...args], {
    MONGODB_ATLAS_BASE_URL: simulator.url,
    MONGODB_ATLAS_CLIENT_ID: clientId,
    MONGODB_ATLAS_CLIENT_SECRET: clientSecret,
  });
}

const nodes = [
  { version: 22, node: () => path.join(folder, 'node22/node_modules/.bin/node') },
  { version: 24, node: () => process.execPath },
];

describe.each(nodes)('an installed package on Node $version', ({ version, node }) => {
  const lake = ['--lake', `lake-${version}`];

  test('runs on this version, and prints its own', async () => {
    expect((await runIn(app, node(), ['--version'])).stdout).toMatch(`v${version}.`);
    const own = { code: 0, stdout: `${packageJson.version}\n`, stderr: '' };
    expect(await runWith(node(), ['--version'])).toEqual(own);
  });

  test('collects, and queries, verifies and reports what it collected', async () => {
    const collected = await runWith(node(), ['collect', '--quiet', '--dataset', DATASET, ...lake]);
    expect(collected).toEqual({ code: 0, stdout: '', stderr: '' });
    const sql = `SELECT count(*) > 100 AS many FROM ${DATASET}`;
    expect(await runWith(node(), ['query', '--format', 'csv', ...lake, sql])).toEqual({
      code: 0,
      stdout: 'many\ntrue\n',
      stderr: '',
    });
    expect(await runWith(node(), ['verify', ...lake])).toMatchObject({ code: 0, stderr: '' });
    const page = `report-${version}.html`;
    expect(await runWith(node(), ['report', '-o', page, ...lake])).toMatchObject({ code: 0, stderr: '' });
    expect((await stat(path.join(app, page))).size).toBeGreaterThan(500_000);
  });
});

test('the demo of an installed package ends well on the oldest Node, and names the installed command', async () => {
  const node = nodes[0]?.node() ?? '';
  const { code, stdout, stderr } = await runWith(node, ['demo']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('\n  atlas-lake check --lake .lake-demo\n');
  expect(await runWith(node, ['check', '--lake', '.lake-demo'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^All is well: /),
  });
}, 900_000);

test(`an installed package takes at most ${MOST_MEBIBYTES} MiB`, async () => {
  const mebibytes = (await sizeOf(path.join(app, 'node_modules'))) / 2 ** 20;
  expect(mebibytes).toBeGreaterThan(50);
  expect(mebibytes).toBeLessThanOrEqual(MOST_MEBIBYTES);
});

test('a command that needs DuckDB says in one line that it is not installed', async () => {
  const [there, away] = ['@duckdb', '.duckdb'].map((name) => path.join(app, 'node_modules', name));
  if (there === undefined || away === undefined) throw new Error('two paths');
  await rename(there, away);
  try {
    expect(await runWith(process.execPath, ['query', '--lake', 'lake-24', 'SELECT 1'])).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'atlas-lake: this needs DuckDB, and @duckdb/node-api is not installed: run npm install @duckdb/node-api\n',
    });
  } finally {
    await rename(away, there);
  }
});

test('the units for systemd name the installed command, and systemd accepts them', async ({ skip }) => {
  const version = await runIn(app, 'systemd-analyze', ['--version']);
  skip(version.code !== 0, 'systemd-analyze is not installed');
  const units = ['atlas-lake.service', 'atlas-lake.timer'];
  for (const unit of units) {
    const text = await readFile(path.join(app, 'node_modules/atlas-lake/deploy/systemd', unit), 'utf8');
    await writeFile(path.join(folder, unit), text.replaceAll('/opt/atlas-lake', app));
  }
  const verified = await runIn(folder, 'systemd-analyze', ['verify', '--man=no', ...units]);
  expect(verified).toEqual({ code: 0, stdout: '', stderr: '' });
});

test("cron's lines collect and check, and print nothing if all is well", async () => {
  const places = { '/opt/atlas-lake': app, '/var/lib/atlas-lake': folder, '/etc/atlas-lake': folder };
  const file = await readFile(path.join(app, 'node_modules/atlas-lake/deploy/cron/atlas-lake'), 'utf8');
  const text = Object.entries(places).reduce((all, [there, here]) => all.replaceAll(there, here), file);
  const commands = [...text.matchAll(/^(?:[\d*/]+ ){5}atlas-lake (.*)$/gm)].map(
    ([, command = '']) => command,
  );
  expect(commands).toHaveLength(2);
  const { clientId, clientSecret } = simulator.credentials;
  const variables = [
    `MONGODB_ATLAS_BASE_URL=${simulator.url}`,
    `MONGODB_ATLAS_CLIENT_ID=${clientId}`,
    `MONGODB_ATLAS_CLIENT_SECRET=${clientSecret}`,
  ];
  await writeFile(path.join(folder, 'environment'), `${variables.join('\n')}\n`);
  for (const command of commands) {
    const finished = await runIn(folder, '/bin/sh', ['-c', command]);
    expect({ command, ...finished }).toEqual({ command, code: 0, stdout: '', stderr: '' });
  }
}, 900_000);

describe('a deployment from an installed package', () => {
  test('says in one line which packages it needs', async () => {
    const script = 'node_modules/atlas-lake/dist/infra/app.js';
    const { code, stdout, stderr } = await runIn(app, process.execPath, [script]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^atlas-lake: .*aws-cdk-lib is not installed: run npm install [^\n]+\n$/);
    const [, named = ''] = /npm install (.*)\n/.exec(stderr) ?? [];
    expect(named.split(' ').sort()).toEqual(Object.keys(packageJson.peerDependencies).sort());
  });

  test('with these packages, writes the templates of a clone', async () => {
    const { devDependencies, peerDependencies } = packageJson;
    const versions = new Map(Object.entries(devDependencies));
    await install(
      app,
      Object.keys(peerDependencies).map((name) => `${name}@${versions.get(name)}`),
    );
    const configuration = { alarms: { email: 'data-team@example.com' } };
    // As docs/how-to/run-on-a-server.md says.
    const cdkJson = {
      app: 'node node_modules/atlas-lake/dist/infra/app.js',
      versionReporting: false,
      context: { 'atlas-lake': configuration },
    };
    await writeFile(path.join(app, 'cdk.json'), JSON.stringify(cdkJson));
    const synthesis = await runIn(app, 'npx', ['cdk', 'synth', '--quiet']);
    expect(synthesis).toMatchObject({ code: 0 });
    const clone = await synthesizeAssembly(configuration);
    try {
      for (const stack of ['AtlasLakeStore', 'AtlasLakeAnalysis', 'AtlasLakeCollector']) {
        const file = `${stack}.template.json`;
        const [mine, its] = await Promise.all(
          [path.join(app, 'cdk.out'), clone.folder].map((place) => template(path.join(place, file))),
        );
        expect(mine).toEqual(its);
      }
    } finally {
      await clone.remove();
    }
  }, 900_000);
});

/** Reads a template without the hashes of bundles, which contain the names of the source files. */
async function template(file: string): Promise<unknown> {
  return JSON.parse((await readFile(file, 'utf8')).replaceAll(/[0-9a-f]{64}/g, 'hash'));
}
