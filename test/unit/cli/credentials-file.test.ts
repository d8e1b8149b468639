import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { atlasEnvironment } from '../../../cli/atlas-environment.ts';
import { UsageFailure } from '../../../cli/failure.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';

const account = (name: string) => ({ clientId: name, clientSecret: 'secret' });

async function fileWith(content: string): Promise<string> {
  const folder = await makeTemporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'credentials.json');
  await writeFile(file, content);
  return file;
}

test('a file of credentials that cannot be read in the middle keeps its last content until it can', async () => {
  const file = await fileWith(JSON.stringify({ acme: account('first') }));
  const { credentials } = await atlasEnvironment({ ATLAS_LAKE_CREDENTIALS_FILE: file });
  const first = new Map([['acme', { kind: 'service-account', ...account('first') }]]);
  expect(await credentials()).toEqual(first);
  for (const content of ['', '{"acme": {"clientId": "se', '{}']) {
    await writeFile(file, content);
    expect(await credentials()).toEqual(first);
  }
  await rm(file);
  expect(await credentials()).toEqual(first);
  await writeFile(file, JSON.stringify({ acme: account('second'), globex: {} }));
  const second = await credentials();
  expect(second.get('acme')).toMatchObject({ clientId: 'second' });
  expect([...second.keys()]).toEqual(['acme', 'globex']);
});

test('a file of credentials that cannot be read at the start is a usage failure', async () => {
  const file = await fileWith('{');
  await expect(atlasEnvironment({ ATLAS_LAKE_CREDENTIALS_FILE: file })).rejects.toThrow(UsageFailure);
});
