import { once } from 'node:events';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { datasets } from '../../../functions/datasets.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { type Simulator, startSimulator } from '../../../simulator/server.ts';
import { runCli, startCli } from '../../support/run-cli.ts';
import { MEASUREMENTS } from '../../support/scenario.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';

const T = '2026-03-02T12:00:00Z';
const organisation = createOrganisation({
  projects: [{ name: 'one', clusters: [{ name: 'c', nodes: 1, databases: ['a'], disks: ['data'] }] }],
});
const project = organisation.projects[0]?.id ?? '';

let simulator: Simulator;
let folder: string;
beforeAll(async () => {
  simulator = await startSimulator({ organisation, now: Date.parse(T), rateLimits: false });
});
afterAll(() => simulator.close());
beforeEach(async () => {
  folder = await makeTemporaryFolder();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const good = (): Record<string, string> => ({
  MONGODB_ATLAS_BASE_URL: simulator.url,
  MONGODB_ATLAS_CLIENT_ID: simulator.credentials.clientId,
  MONGODB_ATLAS_CLIENT_SECRET: simulator.credentials.clientSecret,
});

const lake = () => path.join(folder, 'new');

/** Two datasets, where it does not matter which: all of them take longer. */
const ONLY = MEASUREMENTS.flatMap((name) => ['--dataset', name]);

/** Checks for one line on stderr, nothing on stdout, exit code 2, and no new folder. */
async function expectRefused(args: string[], environment: Record<string, string>, says: RegExp) {
  const { code, stdout, stderr } = await runCli(['collect', '--lake', lake(), ...args], environment);
  expect(stderr).toMatch(says);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).not.toMatch(/\n {4}at /);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(await readdir(folder)).not.toContain('new');
}

describe('a usage error prints one line with advice, exits with 2 and writes nothing', () => {
  test('no credentials', () => expectRefused([], {}, /set MONGODB_ATLAS_CLIENT_ID and/));

  test('incomplete credentials', () =>
    expectRefused([], { MONGODB_ATLAS_CLIENT_ID: 'x' }, /MONGODB_ATLAS_CLIENT_SECRET is not set/));

  test('wrong service account credentials', () =>
    expectRefused([], { ...good(), MONGODB_ATLAS_CLIENT_SECRET: 'wrong' }, /Check the credentials/));

  test('a wrong API key', () => {
    const { MONGODB_ATLAS_BASE_URL = '' } = good();
    const key = { MONGODB_ATLAS_PUBLIC_API_KEY: 'public', MONGODB_ATLAS_PRIVATE_API_KEY: 'wrong' };
    return expectRefused([], { MONGODB_ATLAS_BASE_URL, ...key }, /Check the credentials/);
  });

  test('an unreachable server', () =>
    expectRefused(
      [],
      { ...good(), MONGODB_ATLAS_BASE_URL: 'http://127.0.0.1:9' },
      /Check MONGODB_ATLAS_BASE_URL/,
    ));

  test('a server without https', () =>
    expectRefused([], { ...good(), MONGODB_ATLAS_BASE_URL: 'http://atlas.example' }, /https/));

  test('an invalid base URL', () =>
    expectRefused([], { ...good(), MONGODB_ATLAS_BASE_URL: 'atlas' }, /Check MONGODB_ATLAS_BASE_URL/));

  test('a web server other than Atlas', async () => {
    const server = createServer((_, answer) =>
      answer.writeHead(404, { 'content-type': 'text/html' }).end('<p>'),
    );
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await expectRefused(
      [],
      { ...good(), MONGODB_ATLAS_BASE_URL: `http://127.0.0.1:${port}` },
      /Check MONGODB_ATLAS_BASE_URL/,
    );
    server.close();
  });

  test('an invalid project id', () => expectRefused(['--project', 'p1'], good(), /"p1" is not a project id/));

  test('a project that the credentials cannot read', () =>
    expectRefused(['--project', '0'.repeat(24)], good(), /cannot read project 0{24}/));

  test('an unknown dataset', () =>
    expectRefused(
      ['--dataset', 'tables'],
      good(),
      /unknown dataset "tables": choose from database_measurements/,
    ));

  test('an unreadable configuration', () =>
    expectRefused(['--config', path.join(folder, 'none.json')], good(), /cannot read the configuration/));

  test.each([
    ['{', /not JSON/],
    ['{"rateReserve": 2}', /rateReserve/],
    ['{"projekts": []}', /projekts/],
    ['{"redact": {"access_logs": {"username": "hash"}}}', /set ATLAS_LAKE_REDACTION_KEY/],
  ])('an invalid configuration: %s', async (text, says) => {
    const file = path.join(folder, 'config.json');
    await writeFile(file, text);
    await expectRefused(['--config', file], good(), says);
  });

  test('an invalid time', () => expectRefused(['--at', 'noon'], good(), /"noon" is not an ISO 8601 time/));

  test('an unknown option', async () => {
    const { code, stderr } = await runCli(['collect', '--lakes', 'x']);
    expect(code).toBe(2);
    expect(stderr).toContain("unknown option '--lakes'");
  });

  test('status of a missing lake', async () => {
    const { code, stderr } = await runCli(['status', '--lake', lake()]);
    expect({ code, lines: stderr.trimEnd().split('\n').length }).toEqual({ code: 2, lines: 1 });
    expect(stderr).toContain('there is no lake in');
  });
});

test('a temporary outage of Atlas exits with 1', async () => {
  const endFault = simulator.faults.add({ kind: 'status', status: 503, operation: 'listProjects' });
  const { code, stderr } = await runCli(['collect', '--at', T, '--lake', lake()], good());
  endFault();
  expect(code).toBe(1);
  expect(stderr).toMatch(/^atlas-lake: listProjects: Atlas answered 503.*Try again later\n$/);
});

test('an unreadable project does not stop the others and exits with 1', async () => {
  const results = [7, { id: 'x' }, { id: project, name: 'one', orgId: '' }];
  const endFault = simulator.faults.add({
    kind: 'wrong-shape',
    operation: 'listProjects',
    body: { results, links: [{ href: 'x' }], totalCount: 3 },
  });
  const { code, stdout, stderr } = await runCli(['collect', '--at', T, '--lake', lake(), ...ONLY], good());
  endFault();
  expect(code).toBe(1);
  expect(stdout.trimEnd().split('\n')).toHaveLength(MEASUREMENTS.length);
  expect(stdout).toMatch(new RegExp(`disk_measurements +${project} 1 targets, \\d+ rows.*: complete`));
  expect(stderr).toBe('the list of projects: 3 items cannot be read; see the log\n');
});

describe('collect', () => {
  test('prints only one JSON summary on stdout with --json', async () => {
    const { code, stdout, stderr } = await runCli(
      ['collect', '--at', T, '--lake', lake(), '--project', project, '--json'],
      good(),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    const summary = JSON.parse(stdout);
    expect(summary).toMatchObject({ tick: '2026-03-02T12:00:00.000Z', lake: lake(), complete: true });
    expect(summary.runs.map(({ dataset }: { dataset: string }) => dataset)).toEqual(
      datasets.flatMap(({ name, subjects = ['project'] }) => subjects.map(() => name)).sort(),
    );
    for (const run of summary.runs) {
      expect([project, organisation.id]).toContain(run.project);
      expect(run).toMatchObject({ outcome: 'complete', failures: [] });
    }
  });

  test('prints one line for each dataset and project without a terminal', async () => {
    const { code, stdout } = await runCli(['collect', '--at', T, '--lake', lake()], good());
    expect(code).toBe(0);
    const runs = datasets.flatMap(({ subjects = ['project'] }) => subjects);
    expect(stdout.trimEnd().split('\n')).toHaveLength(runs.length);
    expect(stdout).toMatch(/database_measurements +[0-9a-f]{24} 1 targets, \d+ rows, \d+ requests: complete/);
  });

  test('works with an API key', async () => {
    const { publicKey, privateKey } = simulator.credentials;
    const { code } = await runCli(['collect', '--at', T, '--lake', lake(), ...ONLY], {
      MONGODB_ATLAS_BASE_URL: simulator.url,
      MONGODB_ATLAS_PUBLIC_API_KEY: publicKey,
      MONGODB_ATLAS_PRIVATE_API_KEY: privateKey,
    });
    expect(code).toBe(0);
  });

  test('locks the lake, so that a second collect is refused until the first ends', async () => {
    simulator.requests.reset();
    simulator.faults.add({ kind: 'stall', pattern: /measurements/ });
    const first = startCli(['collect', '--at', T, '--lake', lake(), ...ONLY], good());
    while (!simulator.requests.list.some(({ path: seen }) => seen.includes('measurements'))) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const second = await runCli(['collect', '--at', T, '--lake', lake(), ...ONLY], good());
    expect(second.code).toBe(2);
    expect(second.stderr).toMatch(/^atlas-lake: .*in use/);
    first.child.kill('SIGKILL');
    await first.result;
    simulator.faults.clear();
    // A killed process releases its lock.
    expect((await runCli(['collect', '--at', T, '--lake', lake(), ...ONLY], good())).code).toBe(0);
  });

  test('exits with 130 and a message on Ctrl-C', async () => {
    simulator.faults.add({ kind: 'stall', pattern: /measurements/ });
    simulator.requests.reset();
    const running = startCli(['collect', '--at', T, '--lake', lake(), ...ONLY], good());
    while (!simulator.requests.list.some(({ path: seen }) => seen.includes('measurements'))) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    running.child.kill('SIGINT');
    const { code, stderr } = await running.result;
    simulator.faults.clear();
    expect(code).toBe(130);
    expect(stderr).toContain('Interrupted');
  });
});

describe('status', () => {
  test('shows how far each dataset is committed, as a table and as JSON', async () => {
    await runCli(['collect', '--at', T, '--lake', lake(), ...ONLY], good());
    const table = await runCli(['status', '--lake', lake()]);
    expect(table.code).toBe(0);
    expect(table.stdout).toContain('2026-03-02 11:35Z');
    expect(table.stdout).toContain('2026-03-02 11:50Z');
    const json = JSON.parse((await runCli(['status', '--lake', lake(), '--json'])).stdout);
    const ofSeries = json.filter(({ dataset }: { dataset: string }) => MEASUREMENTS.includes(dataset));
    expect(ofSeries).toMatchObject([
      {
        dataset: 'database_measurements',
        project,
        targets: 1,
        committedUpTo: '2026-03-02T11:35:00.000Z',
        gaps: 0,
      },
      {
        dataset: 'disk_measurements',
        project,
        targets: 1,
        committedUpTo: '2026-03-02T11:50:00.000Z',
        gaps: 0,
      },
    ]);
    const targets = await runCli(['status', '--lake', lake(), '--targets']);
    expect(targets.stdout).toContain(`${organisation.projects[0]?.processes[0]?.id}/data`);
  });
});

describe('erase', () => {
  test('reports that a person is not in the lake and changes nothing', async () => {
    await runCli(['collect', '--at', T, '--lake', lake(), ...ONLY], good());
    const { code, stdout, stderr } = await runCli(['erase', '--user', 'ann', '--lake', lake()]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '"ann" is not in the lake.\n', stderr: '' });
  });

  test.each([
    [['--user', 'ann'], /there is no lake in/],
    [['--user', ''], /--user needs a name/],
    [['--user', 'ann', '--bucket', 'b'], /use --bucket and --cursor-table together/],
    [[], /--user/],
  ])('refuses %j', async (args, says) => {
    const { code, stderr } = await runCli(['erase', '--lake', lake(), ...args]);
    expect(stderr).toMatch(says);
    expect(code).toBe(2);
  });
});
