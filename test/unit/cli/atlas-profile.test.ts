import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { atlasEnvironment } from '../../../cli/atlas-environment.ts';
import { readConfig } from '../../../cli/collector-config.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';

const PROFILES = `
[default]
  org_id = "5efda6aea3f2ed2e7dd6ce00"
  public_api_key = "public"
  private_api_key = "private"
  ops_manager_url = "https://cloud.mongodb.com/"
  service = "cloud"

[staging]
  client_id = "mdb_sa_id_1"
  client_secret = "mdb_sa_sk_1"
  ops_manager_url = "https://cloud-staging.example.com/"

[incomplete]
  public_api_key = "public"
`;

let folder: string;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function store(name: string, text: string): Promise<void> {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
}

const environment = (variables: Record<string, string> = {}) =>
  atlasEnvironment({ XDG_CONFIG_HOME: folder, ...variables });

/** Reads the connection, with the only credential in place of the function that reads it. */
const connection = async (variables: Record<string, string> = {}) => {
  const { credentials, ...others } = await environment(variables);
  return { ...others, credentials: Object.fromEntries(await credentials()) };
};

describe('without credentials in the environment', () => {
  test('the default profile of the Atlas CLI is used', async () => {
    await store('atlascli/config.toml', PROFILES);
    expect(await connection()).toEqual({
      baseUrl: 'https://cloud.mongodb.com',
      credentials: { null: { kind: 'api-key', publicKey: 'public', privateKey: 'private' } },
    });
  });

  test('a profile that MONGODB_ATLAS_PROFILE names is used, with its service account and address', async () => {
    await store('atlascli/config.toml', PROFILES);
    expect(await connection({ MONGODB_ATLAS_PROFILE: 'staging' })).toEqual({
      baseUrl: 'https://cloud-staging.example.com',
      credentials: {
        null: { kind: 'service-account', clientId: 'mdb_sa_id_1', clientSecret: 'mdb_sa_sk_1' },
      },
    });
    const elsewhere = { MONGODB_ATLAS_PROFILE: 'staging', MONGODB_ATLAS_BASE_URL: 'https://other.example' };
    expect((await environment(elsewhere)).baseUrl).toBe('https://other.example');
  });

  test.each([
    ['no configuration of the Atlas CLI', null, {}, /^no Atlas credentials: set /],
    [
      'a profile that does not exist',
      PROFILES,
      { MONGODB_ATLAS_PROFILE: 'live' },
      /has no profile "live" in /,
    ],
    ['an inherited name', PROFILES, { MONGODB_ATLAS_PROFILE: 'constructor' }, /has no profile "constructor"/],
    [
      'a profile with half a key',
      PROFILES,
      { MONGODB_ATLAS_PROFILE: 'incomplete' },
      /_PRIVATE_API_KEY is not set/,
    ],
    ['a file that is not TOML', 'private_api_key = "secret', {}, /config\.toml is not TOML: repair it/],
  ])('%s is one line of advice without a secret', async (_, file, variables, says) => {
    if (file !== null) await store('atlascli/config.toml', file);
    const error = await environment(variables).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ name: 'UsageFailure', message: expect.stringMatching(says) });
    expect(String(error)).not.toMatch(/secret"|\n/);
  });
});

test('credentials in the environment go before every profile', async () => {
  await store('atlascli/config.toml', PROFILES);
  const own = { MONGODB_ATLAS_PUBLIC_API_KEY: 'a', MONGODB_ATLAS_PRIVATE_API_KEY: 'b' };
  expect(await connection({ ...own, MONGODB_ATLAS_PROFILE: 'staging' })).toEqual({
    baseUrl: 'https://cloud.mongodb.com',
    credentials: { null: { kind: 'api-key', publicKey: 'a', privateKey: 'b' } },
  });
});

test("the user's configuration is read if no file is named, and a named file goes before it", async () => {
  const variables = { XDG_CONFIG_HOME: folder };
  expect((await readConfig(undefined, variables)).config.excludeProjects).toEqual([]);
  await store('atlas-lake/config.json', '{"excludeProjects": ["5efda6aea3f2ed2e7dd6ce00"]}');
  expect((await readConfig(undefined, variables)).config.excludeProjects).toEqual([
    '5efda6aea3f2ed2e7dd6ce00',
  ]);
  await store('named.json', '{}');
  expect((await readConfig(path.join(folder, 'named.json'), variables)).config.excludeProjects).toEqual([]);
});

test('the configuration of a deployment is read with its schedules, and its other fields are checked', async () => {
  await store(
    'deployed.json',
    JSON.stringify({
      alarms: { email: 'data-team@example.com' },
      network: 'managed',
      datasets: {
        disk_measurements: { every: 'P1D', concurrency: 20, expireAfterDays: 800, settle: 'PT5M' },
      },
    }),
  );
  const { config, datasets } = await readConfig(path.join(folder, 'deployed.json'));
  expect(config.datasets).toEqual({ disk_measurements: { settle: 'PT5M' } });
  const every = (name: string) => datasets.find((dataset) => dataset.name === name)?.everyMinutes;
  expect(every('disk_measurements')).toBe(24 * 60);
  expect(every('process_measurements')).toBe(10);
  const wrong = path.join(folder, 'wrong.json');
  for (const [text, says] of [
    ['{"alarm": {}}', 'Unrecognized key: "alarm"'],
    ['{"alarms": {"mail": "a@example.com"}}', 'alarms: Unrecognized key: "mail"'],
    ['{"datasets": {"disk_measurements": {"evry": "P1D"}}}', 'disk_measurements: Unrecognized key: "evry"'],
    ['{"datasets": {"disk_measurements": {"every": "PT7M"}}}', 'every: expected a duration that divides'],
    ['[]', 'the configuration: expected an object'],
  ] as const) {
    await store('wrong.json', text);
    await expect(readConfig(wrong)).rejects.toThrow(says);
  }
});
