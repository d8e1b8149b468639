import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { describe, expect } from 'vitest';
import { declarations } from '../../../functions/declarations.ts';
import { test } from '../../support/cli-test.ts';
import { runCli } from '../../support/run-cli.ts';

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

describe.concurrent('erase', () => {
  test.for<[string[], RegExp]>([
    [['--user', 'ann'], /there is no lake in/],
    [['--user', ''], /option '--user <name>' has an empty value/],
    [['--user', 'ann', '--bucket', 'b'], /use --bucket, --cursor-table and --work-group together/],
    [[], /--user/],
  ])('refuses %j', async ([args, says], { lake }) => {
    const { code, stderr } = await runCli(['erase', '--lake', lake, ...args]);
    expect(stderr).toMatch(says);
    expect(code).toBe(2);
  });
});

test.concurrent.for([
  ['collect', '--help'],
  ['collect', '-h'],
  ['help', 'collect'],
])('%s %s names every dataset with its schedule', async (args) => {
  const { code, stdout } = await runCli(args);
  expect(code).toBe(0);
  const [, list = ''] = stdout.split('\nDatasets:\n');
  const lines = list.trimEnd().split('\n');
  expect(lines.map((line) => line.trim().split(' ')[0])).toEqual(declarations.map(({ name }) => name));
  expect(lines).toContain('  access_logs            due every 10 min');
  expect(lines).toContain('  cost_usage             due every 6 h');
  expect(list).toMatch(
    /audit_logs {13}due every 5 min, only if it is named or the configuration enables it\n/,
  );
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
});
