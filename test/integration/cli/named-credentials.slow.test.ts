import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect } from 'vitest';
import { project, T, test } from '../../support/cli-test.ts';
import { runCli } from '../../support/run-cli.ts';

const DISKS = ['--dataset', 'disk_measurements', '--at', T];

describe.concurrent('a file with several credentials', () => {
  test('is collected as far as its credentials work, with one line about the other', async ({
    simulator,
    folder,
    lake,
  }) => {
    const { clientId, clientSecret } = simulator.credentials;
    const file = path.join(folder, 'credentials.json');
    const environment = { MONGODB_ATLAS_BASE_URL: simulator.url, ATLAS_LAKE_CREDENTIALS_FILE: file };
    const good = { clientId, clientSecret };
    await writeFile(file, JSON.stringify({ acme: { ...good, clientSecret: 'wrong' }, globex: good }));
    const { code, stdout, stderr } = await runCli(
      ['collect', '--lake', lake, ...DISKS, '--json'],
      environment,
    );
    expect(stderr).toMatch(
      /^credential acme could not list its projects: requestToken: Atlas refuses .*; check its entry among the credentials\n$/,
    );
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      complete: false,
      runs: [{ project, outcome: 'complete' }],
      failedCredentials: [{ credential: 'acme' }],
      orphaned: [],
    });
    const check = await runCli(['check', '--lake', lake, '--json'], environment);
    expect(check.stdout).toContain('credential acme could not list its projects');

    await writeFile(file, JSON.stringify({ globex: good }));
    expect(await runCli(['collect', '--lake', lake, ...DISKS, '--quiet'], environment)).toMatchObject({
      code: 0,
      stderr: '',
    });

    // The organisation is that of all tests, which run at the same time.
    simulator.faults.add({ kind: 'project-unlisted', projectId: project });
    await writeFile(file, JSON.stringify({ initech: good }));
    const gone = await runCli(['collect', '--lake', lake, ...DISKS, '--quiet'], environment);
    expect(gone.stderr).toBe(
      `no list that can be read has project ${project}, and credential globex, which listed it, is no longer there: put it back, or add the id to excludeProjects\n`,
    );
    expect(gone.code).toBe(1);
  });

  test('none of which works ends the command with one line that names each', async ({
    simulator,
    folder,
    expectRefused,
  }) => {
    const file = path.join(folder, 'credentials.json');
    await writeFile(file, '{"acme":{"clientId":"a","clientSecret":"b"},"globex":{"clientId":"a"}}');
    await expectRefused(
      DISKS,
      { MONGODB_ATLAS_BASE_URL: simulator.url, ATLAS_LAKE_CREDENTIALS_FILE: file },
      /^atlas-lake: no credential works: acme: .*; globex: .* must hold .*\. Check the credentials$/m,
    );
  });

  test('that cannot be used is refused in one line', async ({ folder, good, expectRefused }) => {
    const file = path.join(folder, 'credentials.json');
    await expectRefused(
      DISKS,
      { ATLAS_LAKE_CREDENTIALS_FILE: file },
      /cannot read ATLAS_LAKE_CREDENTIALS_FILE: ENOENT/,
    );
    await expectRefused(DISKS, { ...good, ATLAS_LAKE_CREDENTIALS_FILE: file }, /unset one of them/);
    await writeFile(file, 'mdb_sa_sk_secret');
    await expectRefused(
      DISKS,
      { ATLAS_LAKE_CREDENTIALS_FILE: file },
      /credentials\.json must be JSON that holds (?!.*mdb_sa_sk)/,
    );
  });
});
