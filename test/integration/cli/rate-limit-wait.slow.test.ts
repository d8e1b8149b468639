import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { startSimulator } from '../../../simulator/server.ts';
import { runCli } from '../../support/run-cli.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';

test.each([
  ['the only credential', false],
  ['a credential with a name', true],
])('collect waits for the rate limit of the list of projects of %s, and says so', async (_, isNamed) => {
  const organisation = createOrganisation({
    projects: [{ name: 'one', clusters: [{ name: 'c', nodes: 1, databases: [], disks: ['data'] }] }],
  });
  const simulator = await startSimulator({ organisation, now: Date.now(), rateLimits: false });
  // The client then leaves the rest of the limit to others, for half a minute.
  simulator.faults.add({ kind: 'status', status: 429, operation: 'listProjects', retryAfter: 1, count: 1 });
  const lake = await makeTemporaryFolder();
  const { clientId, clientSecret } = simulator.credentials;
  const file = path.join(await makeTemporaryFolder(), 'credentials.json');
  await writeFile(file, JSON.stringify({ acme: { clientId, clientSecret } }));
  const { code, stdout, stderr } = await runCli(
    ['collect', '--lake', lake, '--dataset', 'disk_measurements'],
    {
      MONGODB_ATLAS_BASE_URL: simulator.url,
      ...(isNamed
        ? { ATLAS_LAKE_CREDENTIALS_FILE: file }
        : { MONGODB_ATLAS_CLIENT_ID: clientId, MONGODB_ATLAS_CLIENT_SECRET: clientSecret }),
    },
  );
  await simulator.close();
  await rm(lake, { recursive: true });
  await rm(path.dirname(file), { recursive: true });
  expect(stderr).toMatch(/^Atlas's rate limit is used up: waiting \d+ s, until \d\d:\d\d:\d\d UTC\n$/);
  expect(stdout).toMatch(/disk_measurements .*: complete\n$/);
  expect(code).toBe(0);
});
