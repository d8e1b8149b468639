import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startLocalAwsServices } from '../../../local-aws/aws.ts';
import { startSimulator } from '../../../simulator/server.ts';
import { type CliResult, runCli } from '../../support/run-cli.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';

const MAIN = fileURLToPath(new URL('../../../cli/main.js', import.meta.url));
const CREDENTIALS = { MONGODB_ATLAS_CLIENT_ID: 'mdb_sa_id_x', MONGODB_ATLAS_CLIENT_SECRET: 'mdb_sa_sk_x' };

/** Anyone but root cannot write to a folder of mode 555. Tests in a container run as root. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

let folder: string;
/** A lake without objects, which only its owner may change. */
let readOnly: string;
beforeAll(async () => {
  folder = await makeTemporaryFolder();
  await chmod(folder, 0o755);
  readOnly = path.join(folder, 'read-only');
  await mkdir(path.join(readOnly, 'lake'), { recursive: true });
  const services = await startLocalAwsServices({ folder: readOnly });
  await services.close();
  for (const name of await readdir(readOnly)) await chmod(path.join(readOnly, name), 0o555);
  await chmod(readOnly, 0o555);
});
afterAll(async () => {
  await chmod(readOnly, 0o755);
  for (const name of await readdir(readOnly)) await chmod(path.join(readOnly, name), 0o755);
  await rm(folder, { recursive: true, force: true });
});

/** Runs the command line through a shell, whose script gets it as "$@". */
async function shell(script: string, args: readonly string[], user: object = {}): Promise<CliResult> {
  const child = spawn('/bin/sh', ['-c', script, 'sh', process.execPath, MAIN, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, ...CREDENTIALS },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    output.stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output.stderr += chunk.toString();
  });
  await once(child, 'close');
  return { code: child.exitCode, ...output };
}

/** Checks that a failure is one line for a person, without a trace of the program's insides. */
function expectOneLine({ stderr }: CliResult): void {
  expect(stderr).toMatch(/^atlas-lake: .+\n$/);
  expect(stderr).not.toMatch(/\n {4}at |should not happen|report this line|\[object|undefined/);
}

describe.concurrent('a folder that may not be written', () => {
  test.for([
    ['collect'],
    ['collect', '--json'],
    ['verify'],
    ['compact'],
    ['erase', '--user', 'a', '--apply'],
    ['demo'],
  ])('%j fails with one line', async (args) => {
    const result = await shell('"$@"', [...args, '--lake', readOnly], NOBODY);
    expectOneLine(result);
    expect(result.code).toBe(2);
    expect(result.stdout === '').toBe(!args.includes('--json'));
    if (args.includes('--json')) expect(JSON.parse(result.stdout)).toMatchObject({ exitCode: 2 });
  });

  test.for([
    ['report', '-o'],
    ['query', 'SELECT 1', '-o'],
    ['query', 'SELECT 1', '--format', 'parquet', '-o'],
  ])('%j a file in it fails with one line', async (args) => {
    const file = path.join(readOnly, 'out');
    const result = await shell('"$@"', [...args, file, '--lake', readOnly], NOBODY);
    expectOneLine(result);
    expect(result.code).toBe(2);
  });

  test.for<[string, number]>([
    ['status', 0],
    ['check', 2],
  ])('%s needs no write access, and exits with %i for an empty lake', async ([command, code]) => {
    const result = await shell('"$@"', [command, '--lake', readOnly], NOBODY);
    expect(result).toMatchObject({ code, stderr: '' });
    expect(result.stdout).toMatch(
      command === 'check' ? /^Cannot tell: nothing was ever collected/ : /^dataset/,
    );
  });

  test('a lake in it cannot be created', async () => {
    const result = await shell('"$@"', ['collect', '--lake', path.join(readOnly, 'new')], NOBODY);
    expectOneLine(result);
    expect(result.code).toBe(2);
  });
});

describe.concurrent('output that cannot be written', () => {
  test.for([
    ['query'],
    ['query', 'FROM range(5)'],
    ['status'],
    ['check'],
    ['query', '-o', '/dev/full', 'SELECT 1'],
  ])('a full disk ends %j with one line', async (args) => {
    const lake = args.length === 1 && args[0] === 'query' ? [] : ['--lake', readOnly];
    const result = await shell('"$@" > /dev/full', [...args, ...lake], NOBODY);
    expectOneLine(result);
    expect(result.stderr).toContain('the disk is full');
    expect(result.code).not.toBe(0);
  });

  test.for([['query'], ['query', '--format', 'csv', 'FROM range(300000)'], ['--help']])(
    'a reader that stops reading %j is no failure',
    async (args) => {
      const result = await shell('"$@" | head -c 1', [
        ...args,
        ...(args.length > 1 ? ['--lake', readOnly] : []),
      ]);
      expect(result).toMatchObject({ code: 0, stderr: '' });
      expect(result.stdout).toHaveLength(1);
    },
  );
});

describe.concurrent('wrong use', () => {
  test('a port that is in use fails with one line', async () => {
    const simulator = await startSimulator({ now: 0 });
    const result = await runCli(['simulate', '--port', new URL(simulator.url).port]);
    await simulator.close();
    expectOneLine(result);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toContain('choose another with --port');
  });

  test.for(['collect', 'status', 'check', 'verify', 'compact', 'query', 'report', 'sql', 'demo'])(
    'a lake that is a file ends %s with one line',
    async (command) => {
      const file = path.join(folder, `file-${command}`);
      await writeFile(file, '');
      const sql = command === 'query' ? ['SELECT 1'] : [];
      const result = await runCli([command, ...sql, '--lake', file], CREDENTIALS);
      expectOneLine(result);
      expect(result).toMatchObject({ code: 2, stdout: '' });
    },
  );

  test('a wrong name of a bucket or table fails with one line, and one JSON object', async () => {
    const own = await makeTemporaryFolder();
    const { environment, close } = await startLocalAwsServices({ folder: own });
    try {
      const names = ['--bucket', 'typo', '--cursor-table', 'typo'];
      const verified = await runCli(['verify', ...names, '--json'], environment);
      expectOneLine(verified);
      expect(verified.code).toBe(2);
      expect(JSON.parse(verified.stdout)).toEqual({ error: verified.stderr.trimEnd(), exitCode: 2 });
      const checked = await runCli(['check', ...names, '--json'], environment);
      expectOneLine(checked);
      expect(checked.code).toBe(2);
      expect(JSON.parse(checked.stdout)).toEqual({ error: checked.stderr.trimEnd(), exitCode: 2 });
      const erased = await runCli(['erase', '--user', 'a', ...names, '--work-group', 'w'], environment);
      expectOneLine(erased);
      expect(erased.code).toBe(2);
    } finally {
      await close();
      await rm(own, { recursive: true });
    }
  });

  test.for<[string[], string | RegExp]>([
    [['collect', '--at', 'noon'], /"noon" is not/],
    [['status'], /there is no lake/],
    [['verify'], /there is no lake/],
    [['check'], /there is no lake/],
    [['erase', '--user', 'a'], /there is no lake/],
    [['status', '--wrong'], /unknown option '--wrong'/],
  ])('%j prints one JSON object with --json', async ([args, says]) => {
    const { code, stdout } = await runCli(
      [...args, '--json', '--lake', path.join(folder, 'none')],
      CREDENTIALS,
    );
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual({ error: expect.stringMatching(says), exitCode: 2 });
  });
});

test('collect --json prints one object when the list of projects fails', async () => {
  const simulator = await startSimulator({ now: Date.now(), rateLimits: false });
  simulator.faults.add({ kind: 'status', status: 503, operation: 'listProjects' });
  const result = await runCli(['collect', '--json', '--lake', path.join(folder, 'new')], {
    MONGODB_ATLAS_BASE_URL: simulator.url,
    MONGODB_ATLAS_CLIENT_ID: simulator.credentials.clientId,
    MONGODB_ATLAS_CLIENT_SECRET: simulator.credentials.clientSecret,
  });
  await simulator.close();
  expectOneLine(result);
  expect(result.code).toBe(1);
  expect(JSON.parse(result.stdout)).toEqual({ error: result.stderr.trimEnd(), exitCode: 1 });
});
