import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { judge, judgeBucket } from '../../../cli/check/verdict.ts';
import { withLakeDatabase } from '../../../cli/duckdb/lake-database.ts';
import { BUCKET, CURSOR_TABLE, connectLocalAws } from '../../../cli/local-aws.ts';
import { datasets } from '../../../functions/datasets.ts';
import { startLocalAwsServices } from '../../../local-aws/aws.ts';
import { lockLake } from '../../../local-aws/lock.ts';
import { parseConfig } from '../../../shared/config.ts';
import { parseConfiguration } from '../../../shared/deployment/configuration.ts';
import { HOUR } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { type Simulator, startSimulator } from '../../../simulator/server.ts';
import { quotedOutputs, shapeOf } from '../../support/readme-examples.ts';
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

  describe('of a lake in S3', () => {
    const TABLES = ['--bucket', BUCKET, '--cursor-table', CURSOR_TABLE];
    let aws: Awaited<ReturnType<typeof startLocalAwsServices>>;
    beforeAll(async () => {
      aws = await startLocalAwsServices({ folder: lake });
    });
    afterAll(() => aws.close());
    const checkBucket = (...args: readonly string[]) =>
      runCli(['check', ...TABLES, ...args], aws.environment);

    test('says that all is well, and what it did not check', async () => {
      const { code, stdout, stderr } = await checkBucket();
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/^All is well: \d+ datasets are collected, all up to .*Z or later\.\n/);
      expect(stdout).toContain(` ${collected.length} datasets `);
      const [quoted] = (await quotedOutputs('docs/runbook.md')).filter(({ command }) =>
        command.includes('check --bucket'),
      );
      expect(quoted?.lines).toHaveLength(4);
      expect(stdout.split('\n').map(shapeOf)).toEqual(
        expect.arrayContaining(quoted?.lines.map(shapeOf) ?? []),
      );
      // The inventory was read, because it has a service account.
      expect(stdout).not.toContain('Credentials: unknown');
      expect(await checkBucket('--quiet')).toEqual({ code: 0, stdout: '', stderr: '' });
    });

    test('prints one JSON object', async () => {
      const { code, stdout } = await checkBucket('--json');
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ lake: `s3://${BUCKET}`, verdict: 'well', problems: [] });
    });

    test('finds what the check of the folder finds, in a time when all datasets have stopped', async () => {
      const now = Date.now() + 12 * HOUR;
      const config = parseConfig({}, datasets);
      const local = await connectLocalAws(
        { environment: aws.environment, close: async () => {} },
        { bucket: BUCKET, table: CURSOR_TABLE },
      );
      try {
        const inS3 = await judgeBucket(
          { s3: local.s3, dynamodb: local.dynamodb, bucket: BUCKET, table: CURSOR_TABLE },
          { config, datasets, now },
        );
        const inFolder = await withLakeDatabase(lake, (connection) =>
          judge(connection, { lake, config, datasets, now }),
        );
        const kinds = ({ problems }: typeof inS3) =>
          problems.map(({ kind, dataset }) => `${kind} ${dataset}`);
        expect(kinds(inS3)).toEqual(kinds(inFolder));
        expect(kinds(inS3).length).toBeGreaterThan(5);
        expect(inS3.problems.map(({ message }) => message).join()).not.toContain('run collect');
      } finally {
        await local.close();
      }
    });

    test('names objects of the last commits that are missing', async () => {
      const table = path.join(lake, BUCKET, 'collection_runs');
      await rename(table, `${table}-elsewhere`);
      try {
        const { code, stdout, stderr } = await checkBucket();
        expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
        expect(stdout).toMatch(/^Something is wrong: /);
        expect(stdout).toMatch(
          /^- collection_runs of .*: \d+ objects are missing, the first is collection_runs\//m,
        );
      } finally {
        await rename(`${table}-elsewhere`, table);
      }
    });

    test.each([['--bucket'], ['--cursor-table']])('is refused with only %s', async (option) => {
      const { code, stderr } = await runCli(['check', option, 'x'], aws.environment);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^atlas-lake: use --bucket and --cursor-table together, .*\n$/);
    });
  });

  test('does not call a dataset stopped that the deployment collects once a day', async () => {
    const now = Date.now() + 20 * HOUR;
    const { functions: config, datasets: daily } = parseConfiguration(
      { datasets: Object.fromEntries(datasets.map(({ name }) => [name, { every: 'P1D' }])) },
      datasets,
    );
    const judged = (scheduled: typeof datasets) =>
      withLakeDatabase(lake, (connection) => judge(connection, { lake, config, datasets: scheduled, now }));
    const stopped = async (scheduled: typeof datasets) =>
      (await judged(scheduled)).problems.filter(({ kind }) => kind === 'stopped');
    expect(await stopped(datasets)).not.toEqual([]);
    expect(await stopped(daily)).toEqual([]);
  });

  test('says after six hours without a run which datasets stopped', async () => {
    const now = Date.now() + 6 * HOUR;
    const { verdict, problems } = await withLakeDatabase(lake, (connection) =>
      judge(connection, { lake, config: parseConfig({}, datasets), datasets, now }),
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
