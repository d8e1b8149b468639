import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { type Simulator, startSimulator } from '../../../simulator/server.ts';
import { runCli } from '../../support/run-cli.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';

const T = '2026-03-02T12:00:00Z';
const NAME = 'disk_measurements';

const organisation = createOrganisation({
  projects: ['first', 'second'].map((name) => ({
    name,
    clusters: [{ name: 'c', nodes: 1, databases: [], disks: ['data'] }],
  })),
});
const [first = '', second = ''] = organisation.projects.map(({ id }) => id);

let simulator: Simulator;
let folder: string;
let good: { clientId: string; clientSecret: string };
let wrong: typeof good;

/** Runs a command with credentials and a configuration. */
async function run(args: readonly string[], credentials: unknown, configuration: unknown = {}) {
  const [secret, config] = ['credentials.json', 'config.json'].map((name) => path.join(folder, name));
  if (!secret || !config) throw new Error('no files');
  await writeFile(secret, JSON.stringify(credentials));
  await writeFile(config, JSON.stringify(configuration));
  return runCli([...args, '--dataset', NAME, '--lake', path.join(folder, 'lake'), '--config', config], {
    MONGODB_ATLAS_BASE_URL: simulator.url,
    ATLAS_LAKE_CREDENTIALS_FILE: secret,
  });
}

const backfill = (credentials: unknown, configuration: unknown = {}, args: readonly string[] = []) =>
  run(['backfill', '--from', '2026-03-01', '--to', T, ...args], credentials, configuration);

beforeAll(async () => {
  simulator = await startSimulator({ organisation, now: Date.parse(T), rateLimits: false });
  folder = await makeTemporaryFolder();
  good = { clientId: simulator.credentials.clientId, clientSecret: simulator.credentials.clientSecret };
  wrong = { ...good, clientSecret: 'wrong' };
  const collect = ['collect', '--quiet', '--at', T];
  const done = { code: 0, stderr: '' };
  expect(await run(collect, { acme: good }, { projects: [first] })).toMatchObject(done);
  expect(await run(collect, { globex: good }, { projects: [second] })).toMatchObject(done);
});
afterAll(async () => {
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

const FAILED =
  /^credential (\w+) failed: requestToken: Atlas refuses .*; check its entry among the credentials; .*\n$/;

describe('a credential that Atlas refuses', () => {
  test.each([
    ['acme', first, second],
    ['globex', second, first],
  ])('fails only its own projects: %s', async (name, failed, read) => {
    const credentials = { acme: good, globex: good, [name]: wrong };
    const { code, stdout, stderr } = await backfill(credentials, {}, ['--json']);
    expect(stderr).toMatch(FAILED);
    expect(FAILED.exec(stderr)?.[1]).toBe(name);
    expect(code).toBe(1);
    const { projects } = JSON.parse(stdout);
    expect(projects).toMatchObject([{ project: first }, { project: second }]);
    const of = (id: string) => projects.find(({ project }: { project: string }) => project === id);
    expect(of(failed)).toMatchObject({ rowsThereAlready: 0, failures: [{ target: `credential ${name}` }] });
    expect(of(read)).toMatchObject({ failures: [] });
    expect(of(read).rowsThereAlready).toBeGreaterThan(0);
  });

  test('ends the command with one line if no other has projects', async () => {
    const { code, stdout, stderr } = await backfill({ acme: wrong, globex: wrong });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /^atlas-lake: no credential works: acme: .*; globex: .*\. Check the credentials\n$/,
    );
  });
});

test('a credential that is no longer there fails only its own projects, and says what to do', async () => {
  const { code, stderr } = await backfill({ globex: good });
  expect(code).toBe(1);
  expect(stderr).toBe(
    'credential acme failed: readCredentials: there is no credential with the name acme; check its entry among the credentials; if it is no longer there, put it back, let another one collect its projects once, or exclude them\n',
  );
  expect(await backfill({ globex: good }, { excludeProjects: [first] })).toMatchObject({
    code: 0,
    stderr: '',
  });
});

describe('a project that the configuration excludes is not read, because its rows may have been removed', () => {
  test.each([
    ['by excludeProjects', { excludeProjects: [second] }],
    ['by projects', { projects: [first] }],
  ])('%s', async (_, configuration) => {
    const both = { acme: good, globex: good };
    const { code, stdout } = await backfill(both, configuration, ['--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).projects).toMatchObject([{ project: first }]);
    expect(await backfill(both, configuration, ['--project', second])).toMatchObject({
      code: 2,
      stderr: `atlas-lake: the configuration excludes ${second}: change projects or excludeProjects first\n`,
    });
  });

  test('and neither is any, if all are', async () => {
    const { code, stderr } = await backfill({ acme: good }, { excludeProjects: [first, second] });
    expect(code).toBe(2);
    expect(stderr).toBe(
      `atlas-lake: the configuration excludes everything of ${NAME}: change projects or excludeProjects first\n`,
    );
  });
});
