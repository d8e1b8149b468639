import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { judge } from '../../../cli/check/verdict.ts';
import { withLakeDatabase } from '../../../cli/duckdb/lake-database.ts';
import { datasets } from '../../../functions/datasets.ts';
import { lockLake } from '../../../local-aws/lock.ts';
import { parseConfig } from '../../../shared/config.ts';
import { HOUR } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { type Simulator, startSimulator } from '../../../simulator/server.ts';
import { runCli } from '../../support/run-cli.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';

const organisation = createOrganisation({
  projects: [{ name: 'one', clusters: [{ name: 'c', nodes: 1, databases: ['a'], disks: ['data'] }] }],
});

let lake: string;
let simulator: Simulator;

/** What is collected by default. */
const collected = datasets.filter(({ isOptional }) => !isOptional);

const collect = (secret?: string) =>
  runCli(['collect', '--json', '--lake', lake], {
    MONGODB_ATLAS_BASE_URL: simulator.url,
    MONGODB_ATLAS_CLIENT_ID: simulator.credentials.clientId,
    MONGODB_ATLAS_CLIENT_SECRET: secret ?? simulator.credentials.clientSecret,
  });
const check = (...args: readonly string[]) => runCli(['check', '--lake', lake, ...args]);

beforeAll(async () => {
  lake = await makeTemporaryFolder();
  simulator = await startSimulator({ organisation, now: Date.now(), running: true, rateLimits: false });
});
afterAll(async () => {
  await simulator.close();
  await rm(lake, { recursive: true, force: true });
});

describe('check', () => {
  test('says that nothing can be told before the first collection', async () => {
    const nothing = await check();
    expect(nothing).toMatchObject({ code: 2, stdout: '' });
    expect(nothing.stderr).toMatch(/^atlas-lake: there is no lake in .*\n$/);
  });

  test('says that all is well after a collection, while a collector has locked the lake', async () => {
    expect((await collect()).code).toBe(0);
    const lock = await lockLake(lake);
    try {
      const { code, stdout, stderr } = await check();
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/^All is well: \d+ datasets are collected, all up to .*Z or later\.\n/);
      expect(stdout).toContain(` ${collected.length} datasets `);
      expect(await check('--quiet')).toEqual({ code: 0, stdout: '', stderr: '' });
      const status = await runCli(['status', '--lake', lake]);
      expect(status.code).toBe(0);
      expect(status.stdout).toMatch(/^alerts +one +1 /m);
    } finally {
      await lock.release();
    }
  });

  test('prints one JSON object', async () => {
    const { code, stdout } = await check('--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ lake, verdict: 'well', problems: [] });
  });

  test('says after six hours without a run which datasets stopped', async () => {
    const now = Date.now() + 6 * HOUR;
    const { verdict, problems } = await withLakeDatabase(lake, (connection) =>
      judge(connection, { lake, config: parseConfig({}, datasets), now }),
    );
    expect(verdict).toBe('wrong');
    // Costs and index suggestions are due every six hours only.
    const due = collected.filter(({ everyMinutes }) => everyMinutes < 360).map(({ name }) => name);
    expect(problems.map(({ kind, dataset }) => `${kind} ${dataset}`)).toEqual(
      due.map((name) => `stopped ${name}`),
    );
    expect(problems[0]?.message).toMatch(
      /^database_measurements: no run for 6\.\d h, it is due every 20 min/,
    );
  });

  test('says that the last collection failed because its credential was revoked', async () => {
    expect((await collect('revoked')).code).toBe(2);
    const { code, stdout } = await check();
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^Something is wrong: 1 problem\.\n- the last collect, \d min ago, failed: .*credentials/,
    );
  });

  test('names the day whose objects were deleted', async () => {
    expect((await collect()).code).toBe(0);
    const table = path.join(lake, 'lake', 'disk_measurements');
    const [day = ''] = (await readdir(table)).sort();
    await rm(path.join(table, day), { recursive: true });
    const { code, stdout } = await check();
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Something is wrong: 1 problem\.\n/);
    expect(stdout).toContain(`- disk_measurements of ${day.slice('dt='.length)}: `);
  });
});
