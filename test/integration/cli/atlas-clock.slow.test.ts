import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY, HOUR } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { type Simulator, startSimulator } from '../../../simulator/server.ts';
import { runCli } from '../../support/run-cli.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';
import { T } from '../../support/times.ts';

const DATASET = 'disk_measurements';

const shape = (name: string) => ({
  name,
  clusters: [{ name: 'c', nodes: [{}], databases: [], disks: ['data'] }],
});
const organisation = createOrganisation({ projects: [shape('one'), shape('two')] });
const [one, two] = organisation.projects;

let simulator: Simulator;
let folder: string;
beforeAll(async () => {
  simulator = await startSimulator({ organisation, now: T, rateLimits: false });
  folder = await makeTemporaryFolder();
});
afterAll(async () => {
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs `collect` at a time of Atlas's clock. */
async function collect(atlas: number, args: readonly string[], lake = 'lake') {
  simulator.clock.set(atlas);
  const result = await runCli(
    ['collect', '--json', '--lake', path.join(folder, lake), '--dataset', DATASET, ...args],
    {
      MONGODB_ATLAS_BASE_URL: simulator.url,
      MONGODB_ATLAS_CLIENT_ID: simulator.credentials.clientId,
      MONGODB_ATLAS_CLIENT_SECRET: simulator.credentials.clientSecret,
    },
  );
  return { ...result, summary: result.stdout === '' ? null : JSON.parse(result.stdout) };
}

const at = (instant: number) => ['--at', new Date(instant).toISOString()];

describe("collect by Atlas's clock", () => {
  test('refuses a later --at with one line, one JSON object and exit code 2, and writes nothing', async () => {
    const { code, stderr, stdout } = await collect(T, at(T + 365 * DAY), 'refused');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual({ error: stderr.trimEnd(), exitCode: 2 });
    expect(stderr).toMatch(/^atlas-lake: --at "2027-.*" is later than Atlas's clock, which shows 2026-03-02/);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(await readdir(folder)).not.toContain('refused');
  });

  test('accepts an --at in the past and at the present time', async () => {
    const past = await collect(T + HOUR, at(T), 'past');
    expect([past.code, past.summary.runs[0].outcome]).toEqual([0, 'complete']);
    const present = await collect(T + HOUR, at(T + HOUR), 'past');
    expect([present.code, present.summary.runs[0].rows > 0]).toEqual([0, true]);
  });

  test("collects up to Atlas's time when the machine's clock is ahead", async () => {
    const { code, summary } = await collect(T, [], 'ahead');
    expect(code).toBe(0);
    expect(Math.abs(Date.parse(summary.tick) - T)).toBeLessThan(2_000);
    const later = await collect(T + HOUR, [], 'ahead');
    expect(later.summary.runs[0].rows).toBeGreaterThan(0);
  });
});

describe('a project that cannot be read', () => {
  test('is reported with exit code 1, and other projects are collected', async () => {
    const typo = '0'.repeat(24);
    const { code, stderr, summary } = await collect(
      T,
      ['--project', one?.id ?? '', '--project', typo, ...at(T)],
      'typo',
    );
    expect(code).toBe(1);
    expect(stderr).toContain(`cannot read project ${typo}`);
    expect(summary).toMatchObject({ complete: false, unreadable: [typo], unlisted: [] });
    expect(summary.runs.map((run: { outcome: string }) => run.outcome)).toEqual(['complete']);
  });

  test('is reported as no longer listed if it was collected before', async () => {
    const both = ['--project', one?.id ?? '', '--project', two?.id ?? ''];
    expect((await collect(T, [...both, ...at(T)], 'left')).code).toBe(0);
    const end = simulator.faults.add({ kind: 'project-not-found', projectId: two?.id ?? '' });
    const { code, stderr, summary } = await collect(T + HOUR, [...both, ...at(T + HOUR)], 'left');
    end();
    expect(code).toBe(1);
    expect(stderr).toContain(`Atlas has not listed project ${two?.id} since 2026-03-02T13:00`);
    expect(summary).toMatchObject({ unreadable: [], unlisted: [{ unit: 'project', id: two?.id }] });
    const back = await collect(T + 2 * HOUR, [...both, ...at(T + 2 * HOUR)], 'left');
    expect([back.code, back.summary.complete]).toEqual([0, true]);
  });
});
