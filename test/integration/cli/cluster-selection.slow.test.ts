import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { type Simulator, startSimulator } from '../../../simulator/server.ts';
import { runCli } from '../../support/run-cli.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';

const NOT_SELECTED =
  '1 cluster is not selected by the configuration, only their alerts, events, inventory and costs are collected: stock\n';
const NOTHING = /^the configuration selects none of the 2 clusters that Atlas lists, [^\n]*\n$/;

let folder: string;
let simulator: Simulator;

beforeAll(async () => {
  folder = await makeTemporaryFolder();
  const cluster = { nodes: 1, databases: ['a'], disks: ['data'] };
  const clusters = [
    { ...cluster, name: 'orders' },
    { ...cluster, name: 'stock' },
  ];
  const organisation = createOrganisation({ projects: [{ name: 'p', clusters }] });
  simulator = await startSimulator({ organisation, now: Date.now(), running: true, rateLimits: false });
});
afterAll(async () => {
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

async function run(command: string, lake: string, clusters: object, ...args: readonly string[]) {
  const config = path.join(folder, `${lake}.json`);
  await writeFile(
    config,
    JSON.stringify({ clusters, datasets: { process_measurements: { backfill: 'PT1H' } } }),
  );
  return runCli(
    [
      command,
      '--lake',
      path.join(folder, lake),
      ...(command === 'status' ? [] : ['--config', config]),
      ...args,
    ],
    {
      MONGODB_ATLAS_BASE_URL: simulator.url,
      MONGODB_ATLAS_CLIENT_ID: simulator.credentials.clientId,
      MONGODB_ATLAS_CLIENT_SECRET: simulator.credentials.clientSecret,
    },
  );
}

test('collect, status, check and the report say which cluster is not selected', async () => {
  const clusters = { exclude: ['st*'] };
  const collected = await run('collect', 'some', clusters);
  expect(collected).toMatchObject({ code: 0 });
  expect(collected.stderr).toContain(NOT_SELECTED);
  expect(await run('collect', 'some', clusters, '--quiet')).toMatchObject({ code: 0, stderr: '' });

  const { stdout: table } = await run('status', 'some', clusters);
  expect(table).toMatch(new RegExp(`\\n\\n${NOT_SELECTED}$`));
  const { stdout: json } = await run('status', 'some', clusters, '--json');
  const [disks] = JSON.parse(json).filter(
    ({ dataset }: { dataset: string }) => dataset === 'disk_measurements',
  );
  expect(disks).toMatchObject({
    targets: 1,
    clusters: { selected: ['orders'], deselected: ['stock'], unknown: 0 },
  });

  const { code, stdout } = await run('check', 'some', clusters);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^All is well: .* or later; 1 cluster is not selected\.\n/);
  expect(stdout).toContain(`\nClusters: ${NOT_SELECTED.trim()}.\n`);

  const page = path.join(folder, 'report.html');
  expect((await run('report', 'some', clusters, '--output', page)).code).toBe(0);
  expect(await readFile(page, 'utf8')).toContain(NOT_SELECTED.trim());
});

test('a selection of no cluster is reported in one line, and is not well', async () => {
  const clusters = { include: ['Orders'], includeTags: ['env=production'] };
  const { code, stderr } = await run(
    'collect',
    'none',
    clusters,
    '--quiet',
    '--dataset',
    'disk_measurements',
  );
  expect(code).toBe(0);
  expect(stderr).toMatch(NOTHING);
  const { stdout } = await run('check', 'none', clusters);
  expect(stdout).toMatch(/\n- the configuration selects none of the 2 clusters/);
  expect(stdout).toContain('\nClusters: clusters.include "Orders" matches none of 2 clusters.\n');
  expect((await run('status', 'none', clusters)).stdout).toMatch(/selects none of the 2 clusters/);
});

test('a wrong pattern is refused in one line that names it', async () => {
  const { code, stderr } = await run('collect', 'wrong', { includeTags: ['production'] });
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^atlas-lake: .*: clusters\.includeTags\.0: expected a tag such as env=production[^\n]*\n$/,
  );
});
