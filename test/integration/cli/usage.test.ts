import { once } from 'node:events';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { afterAll, test as base, beforeAll, describe, expect } from 'vitest';
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

interface Fixtures {
  simulator: Simulator;
  /** An environment with correct credentials. */
  good: Record<string, string>;
  folder: string;
  /** A folder that does not exist yet. */
  lake: string;
  /** Checks for one line on stderr, nothing on stdout, exit code 2, and no new folder. */
  expectRefused(args: string[], environment: Record<string, string>, says: RegExp): Promise<void>;
}

function environmentOf({ url, credentials }: Simulator): Record<string, string> {
  return {
    MONGODB_ATLAS_BASE_URL: url,
    MONGODB_ATLAS_CLIENT_ID: credentials.clientId,
    MONGODB_ATLAS_CLIENT_SECRET: credentials.clientSecret,
  };
}

/** Each test has a simulator of its own, so that tests can run at the same time: most of them wait for a process. */
const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads a fixture's dependencies from the pattern
  simulator: async ({}, use) => {
    const simulator = await startSimulator({ organisation, now: Date.parse(T), rateLimits: false });
    await use(simulator);
    await simulator.close();
  },
  good: ({ simulator }, use) => use(environmentOf(simulator)),
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads a fixture's dependencies from the pattern
  folder: async ({}, use) => {
    const folder = await makeTemporaryFolder();
    await use(folder);
    await rm(folder, { recursive: true, force: true });
  },
  lake: ({ folder }, use) => use(path.join(folder, 'new')),
  expectRefused: ({ folder, lake }, use) =>
    use(async (args, environment, says) => {
      const { code, stdout, stderr } = await runCli(['collect', '--lake', lake, ...args], environment);
      expect(stderr).toMatch(says);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
      expect(stderr).not.toMatch(/\n {4}at /);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(await readdir(folder)).not.toContain('new');
    }),
});

/** Two datasets, where it does not matter which: all of them take longer. */
const ONLY = MEASUREMENTS.flatMap((name) => ['--dataset', name]);

/** Returns the lines that stay the same on a slow machine: without those that say every ten seconds that work goes on. */
function linesOfRuns(stdout: string): string[] {
  return stdout
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('… '));
}

describe.concurrent('a usage error prints one line with advice, exits with 2 and writes nothing', () => {
  test('no credentials', ({ expectRefused }) => expectRefused([], {}, /set MONGODB_ATLAS_CLIENT_ID and/));

  test('incomplete credentials', ({ expectRefused }) =>
    expectRefused([], { MONGODB_ATLAS_CLIENT_ID: 'x' }, /MONGODB_ATLAS_CLIENT_SECRET is not set/));

  test('wrong service account credentials', ({ good, expectRefused }) =>
    expectRefused([], { ...good, MONGODB_ATLAS_CLIENT_SECRET: 'wrong' }, /Check the credentials/));

  test('a wrong API key', ({ good, expectRefused }) => {
    const { MONGODB_ATLAS_BASE_URL = '' } = good;
    const key = { MONGODB_ATLAS_PUBLIC_API_KEY: 'public', MONGODB_ATLAS_PRIVATE_API_KEY: 'wrong' };
    return expectRefused([], { MONGODB_ATLAS_BASE_URL, ...key }, /Check the credentials/);
  });

  test('an unreachable server', ({ good, expectRefused }) =>
    expectRefused(
      [],
      { ...good, MONGODB_ATLAS_BASE_URL: 'http://127.0.0.1:9' },
      /Check MONGODB_ATLAS_BASE_URL/,
    ));

  test('a server without https', ({ good, expectRefused }) =>
    expectRefused([], { ...good, MONGODB_ATLAS_BASE_URL: 'http://atlas.example' }, /https/));

  test('an invalid base URL', ({ good, expectRefused }) =>
    expectRefused([], { ...good, MONGODB_ATLAS_BASE_URL: 'atlas' }, /Check MONGODB_ATLAS_BASE_URL/));

  test('a web server other than Atlas', async ({ good, expectRefused }) => {
    const server = createServer((_, answer) =>
      answer.writeHead(404, { 'content-type': 'text/html' }).end('<p>'),
    );
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await expectRefused(
      [],
      { ...good, MONGODB_ATLAS_BASE_URL: `http://127.0.0.1:${port}` },
      /Check MONGODB_ATLAS_BASE_URL/,
    );
    server.close();
  });

  test('an invalid project id', ({ good, expectRefused }) =>
    expectRefused(['--project', 'p1'], good, /"p1" is not a project id/));

  test('a project that the credentials cannot read', ({ good, expectRefused }) =>
    expectRefused(['--project', '0'.repeat(24)], good, /cannot read project 0{24}/));

  test('an unknown dataset', ({ good, expectRefused }) =>
    expectRefused(
      ['--dataset', 'tables'],
      good,
      /unknown dataset "tables": choose from database_measurements/,
    ));

  test('an unreadable configuration', ({ good, folder, expectRefused }) =>
    expectRefused(['--config', path.join(folder, 'none.json')], good, /cannot read the configuration/));

  test.for<[string, RegExp]>([
    ['{', /not JSON/],
    ['{"rateReserve": 2}', /rateReserve/],
    ['{"projekts": []}', /projekts/],
    ['{"redact": {"access_logs": {"username": "hash"}}}', /set ATLAS_LAKE_REDACTION_KEY/],
  ])('an invalid configuration: %s', async ([text, says], { good, folder, expectRefused }) => {
    const file = path.join(folder, 'config.json');
    await writeFile(file, text);
    await expectRefused(['--config', file], good, says);
  });

  test('an invalid time', ({ good, expectRefused }) =>
    expectRefused(['--at', 'noon'], good, /"noon" is not an ISO 8601 time/));

  test('an unknown option', async () => {
    const { code, stderr } = await runCli(['collect', '--lakes', 'x']);
    expect(code).toBe(2);
    expect(stderr).toContain("unknown option '--lakes'");
  });

  test('status of a missing lake', async ({ lake }) => {
    const { code, stderr } = await runCli(['status', '--lake', lake]);
    expect({ code, lines: stderr.trimEnd().split('\n').length }).toEqual({ code: 2, lines: 1 });
    expect(stderr).toContain('there is no lake in');
  });
});

test.concurrent('a temporary outage of Atlas exits with 1', async ({ simulator, good, lake }) => {
  simulator.faults.add({ kind: 'status', status: 503, operation: 'listProjects' });
  const { code, stderr } = await runCli(['collect', '--at', T, '--lake', lake], good);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^atlas-lake: listProjects: Atlas answered 503.*Try again later\n$/);
});

test.concurrent('an unreadable project does not stop the others and exits with 1', async ({
  simulator,
  good,
  lake,
}) => {
  const results = [7, { id: 'x' }, { id: project, name: 'one', orgId: '' }];
  simulator.faults.add({
    kind: 'wrong-shape',
    operation: 'listProjects',
    body: { results, links: [{ href: 'x' }], totalCount: 3 },
  });
  const { code, stdout, stderr } = await runCli(['collect', '--at', T, '--lake', lake, ...ONLY], good);
  expect(code).toBe(1);
  expect(linesOfRuns(stdout)).toHaveLength(MEASUREMENTS.length);
  expect(stdout).toMatch(new RegExp(`disk_measurements +${project} 1 target, [\\d,]+ rows.*: complete`));
  expect(stderr).toBe('the list of projects: 3 items cannot be read; see the log\n');
});

describe.concurrent('collect', () => {
  test('prints only one JSON summary on stdout with --json', async ({ good, lake }) => {
    const { code, stdout, stderr } = await runCli(
      ['collect', '--at', T, '--lake', lake, '--project', project, '--json'],
      good,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    const summary = JSON.parse(stdout);
    expect(summary).toMatchObject({ tick: '2026-03-02T12:00:00.000Z', lake, complete: true });
    expect(summary.runs.map(({ dataset }: { dataset: string }) => dataset)).toEqual(
      datasets
        .filter(({ isOptional }) => !isOptional)
        .flatMap(({ name, subjects = ['project'] }) => subjects.map(() => name))
        .sort(),
    );
    for (const run of summary.runs) {
      expect([project, organisation.id]).toContain(run.project);
      expect(run).toMatchObject({ outcome: 'complete', failures: [] });
    }
  });

  test('prints one line for each dataset and project without a terminal', async ({ good, lake }) => {
    const { code, stdout } = await runCli(['collect', '--at', T, '--lake', lake, ...ONLY], good);
    expect(code).toBe(0);
    expect(linesOfRuns(stdout)).toHaveLength(MEASUREMENTS.length);
    expect(stdout).toMatch(
      /database_measurements +[0-9a-f]{24} 1 target, [\d,]+ rows, [\d,]+ requests: complete/,
    );
  });

  test('works with an API key', async ({ simulator, lake }) => {
    const { publicKey, privateKey } = simulator.credentials;
    const { code } = await runCli(['collect', '--at', T, '--lake', lake, ...ONLY], {
      MONGODB_ATLAS_BASE_URL: simulator.url,
      MONGODB_ATLAS_PUBLIC_API_KEY: publicKey,
      MONGODB_ATLAS_PRIVATE_API_KEY: privateKey,
    });
    expect(code).toBe(0);
  });

  test('locks the lake, so that a second collect is refused until the first ends', async ({
    simulator,
    good,
    lake,
  }) => {
    simulator.faults.add({ kind: 'stall', pattern: /measurements/ });
    const first = startCli(['collect', '--at', T, '--lake', lake, ...ONLY], good);
    while (!simulator.requests.list.some(({ path: seen }) => seen.includes('measurements'))) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const second = await runCli(['collect', '--at', T, '--lake', lake, ...ONLY], good);
    expect(second.code).toBe(2);
    expect(second.stderr).toMatch(/^atlas-lake: .*in use/);
    first.child.kill('SIGKILL');
    await first.result;
    simulator.faults.clear();
    // A killed process releases its lock.
    expect((await runCli(['collect', '--at', T, '--lake', lake, ...ONLY], good)).code).toBe(0);
  });

  test('exits with 130 and a message on Ctrl-C', async ({ simulator, good, lake }) => {
    simulator.faults.add({ kind: 'stall', pattern: /measurements/ });
    const running = startCli(['collect', '--at', T, '--lake', lake, ...ONLY], good);
    while (!simulator.requests.list.some(({ path: seen }) => seen.includes('measurements'))) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    running.child.kill('SIGINT');
    const { code, stderr } = await running.result;
    expect(code).toBe(130);
    expect(stderr).toContain('Interrupted');
  });
});

describe.concurrent('a lake with one tick', () => {
  let lake: string;
  beforeAll(async () => {
    lake = await makeTemporaryFolder();
    const simulator = await startSimulator({ organisation, now: Date.parse(T), rateLimits: false });
    const { code } = await runCli(['collect', '--at', T, '--lake', lake, ...ONLY], environmentOf(simulator));
    await simulator.close();
    expect(code).toBe(0);
  });
  afterAll(() => rm(lake, { recursive: true, force: true }));

  test('status shows how far each dataset is committed, as a table and as JSON', async () => {
    const table = await runCli(['status', '--lake', lake]);
    expect(table.code).toBe(0);
    expect(table.stdout).toContain('2026-03-02 11:35Z');
    expect(table.stdout).toContain('2026-03-02 11:50Z');
    const json = JSON.parse((await runCli(['status', '--lake', lake, '--json'])).stdout);
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
    const targets = await runCli(['status', '--lake', lake, '--targets']);
    expect(targets.stdout).toContain(`${organisation.projects[0]?.processes[0]?.id}/data`);
  });

  test('erase reports that a person is not in the lake', async () => {
    const { code, stdout, stderr } = await runCli(['erase', '--user', 'ann', '--lake', lake]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '"ann" is not in the lake.\n', stderr: '' });
  });
});

describe.concurrent('erase', () => {
  test.for<[string[], RegExp]>([
    [['--user', 'ann'], /there is no lake in/],
    [['--user', ''], /--user needs a name/],
    [['--user', 'ann', '--bucket', 'b'], /use --bucket, --cursor-table and --work-group together/],
    [[], /--user/],
  ])('refuses %j', async ([args, says], { lake }) => {
    const { code, stderr } = await runCli(['erase', '--lake', lake, ...args]);
    expect(stderr).toMatch(says);
    expect(code).toBe(2);
  });
});
