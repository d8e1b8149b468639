import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { datasets } from '../../../functions/datasets.ts';
import { startSimulator } from '../../../simulator/server.ts';
import { environmentOf, ONLY, organisation, project, T, test } from '../../support/cli-test.ts';
import { runCli, startCli } from '../../support/run-cli.ts';
import { MEASUREMENTS } from '../../support/scenario.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';

/** Returns the lines that stay the same on a slow machine: without those that say every ten seconds that work goes on. */
function linesOfRuns(stdout: string): string[] {
  return stdout
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('… '));
}

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
  expect(stdout).toMatch(/disk_measurements +one 1 target, [\d,]+ rows.*: complete/);
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
    expect(stdout).toMatch(/database_measurements +\S+ 1 target, [\d,]+ rows, [\d,]+ requests: complete/);
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
    expect(table.stdout).toContain('2026-03-02 11:50Z');
    expect(table.stdout).toContain('2026-03-02 11:58Z');
    const json = JSON.parse((await runCli(['status', '--lake', lake, '--json'])).stdout);
    const ofSeries = json.filter(({ dataset }: { dataset: string }) => MEASUREMENTS.includes(dataset));
    expect(ofSeries).toMatchObject([
      {
        dataset: 'database_measurements',
        project,
        targets: 1,
        committedUpTo: '2026-03-02T11:50:00.000Z',
        gaps: 0,
      },
      {
        dataset: 'disk_measurements',
        project,
        targets: 1,
        committedUpTo: '2026-03-02T11:58:00.000Z',
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
