import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { inspect } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AtlasCredentials } from '../../../shared/atlas/api.ts';
import { createAtlasClient } from '../../../shared/atlas/client.ts';
import { HOUR } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { type Simulator, startSimulator } from '../../../simulator/server.ts';
import { type FaultProxy, type SeenRequest, startFaultProxy } from '../../support/fault-proxy.ts';
import { QUIET } from '../../support/quiet-log.ts';
import { runCli } from '../../support/run-cli.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';
import { T } from '../../support/times.ts';
import { SkippingClock } from '../../unit/atlas/fake-clock.ts';

/** Searches everything that a run writes for its credentials and for proofs made of them. */

const account = { clientId: 'mdb_sa_id_0123456789abcdef', clientSecret: 'mdb_sa_sk_FeDcBa9876543210' };
const key = { publicKey: 'qzxjvkwp', privateKey: '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0' };

const KINDS: Array<[string, AtlasCredentials, Record<string, string>]> = [
  [
    'a service account',
    { kind: 'service-account', ...account },
    { MONGODB_ATLAS_CLIENT_ID: account.clientId, MONGODB_ATLAS_CLIENT_SECRET: account.clientSecret },
  ],
  [
    'an API key',
    { kind: 'api-key', ...key },
    { MONGODB_ATLAS_PUBLIC_API_KEY: key.publicKey, MONGODB_ATLAS_PRIVATE_API_KEY: key.privateKey },
  ],
];

const organisation = createOrganisation({
  projects: [{ name: 'one', clusters: [{ name: 'c', nodes: 1, databases: ['a'], disks: ['data'] }] }],
});

let folder: string;
let simulator: Simulator;
let proxy: FaultProxy;
/** Everything that was sent or issued: halves of credentials, tokens, and contents of Authorization headers. */
let secrets: Set<string>;

beforeEach(async () => {
  folder = await makeTemporaryFolder();
  const clients = { serviceAccounts: [account], apiKeys: [key] };
  simulator = await startSimulator({ organisation, now: T, rateLimits: false, clients });
  proxy = await startFaultProxy(simulator.url);
  secrets = new Set();
  proxy.alter(
    ({ path: target }) => target.startsWith('/api/oauth/'),
    (answer) => {
      const { access_token: token } = JSON.parse(answer.body.toString());
      if (typeof token === 'string') secrets.add(token);
      return answer;
    },
  );
});

afterEach(async () => {
  await proxy.close();
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

/** Notes the credentials or proof of a request. */
function note({ headers }: SeenRequest): void {
  const { authorization = '' } = headers;
  const [scheme = '', ...rest] = authorization.split(' ');
  if (scheme === 'Digest') {
    const response = /response="(\w+)"/.exec(authorization)?.[1];
    if (response) secrets.add(response);
  } else if (rest.length > 0) {
    secrets.add(rest.join(' '));
  }
}

function noteAll(): void {
  proxy.watch(
    (seen) => {
      note(seen);
      return false;
    },
    () => {},
  );
}

/** Returns every file below the folder as bytes, and gzip files as text too. */
async function written(): Promise<string[]> {
  const texts: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = await readFile(path.join(entry.parentPath, entry.name));
    texts.push(bytes.toString('latin1'));
    if (entry.name.endsWith('.gz')) texts.push(gunzipSync(bytes).toString());
  }
  return texts;
}

function expectClean(texts: readonly string[], used: AtlasCredentials): void {
  const { kind: _, ...halves } = used;
  const searched = [...secrets, ...Object.values(halves)];
  // There are two halves, and tokens or responses to challenges. Otherwise the search would find nothing.
  expect(searched.length).toBeGreaterThan(2);
  for (const text of texts) {
    for (const secret of searched) {
      for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]) {
        if (text.includes(form)) throw new Error(`found ${secret} in ${text.slice(0, 500)}`);
      }
    }
  }
}

/** Makes the server repeat the credentials in every part of its answer that people see. */
function echo(used: AtlasCredentials): void {
  noteAll();
  const { kind: _, ...halves } = used;
  proxy.alter(
    (seen) => seen.path.includes('/measurements?'),
    (answer, { headers }) => {
      const said = [headers.authorization, ...Object.values(halves)].join(' ');
      const document = { error: 403, errorCode: 'FORBIDDEN', detail: said, reason: said };
      return { ...answer, status: 403, body: Buffer.from(JSON.stringify(document)) };
    },
  );
}

describe.each(KINDS)('with %s', (_name, used, variables) => {
  const collect = (...more: string[]) =>
    runCli(['collect', '--at', new Date(T).toISOString(), '--lake', path.join(folder, 'lake'), ...more], {
      ...variables,
      MONGODB_ATLAS_BASE_URL: proxy.endpoint,
    });

  test('a run that succeeds leaks no credentials', async () => {
    noteAll();
    const quiet = await collect('--json');
    const loud = await collect('--verbose');
    expect([quiet.code, loud.code]).toEqual([0, 0]);
    const texts = [quiet.stdout, quiet.stderr, loud.stdout, loud.stderr, ...(await written())];
    expect(texts.join('').length).toBeGreaterThan(10_000);
    expectClean(texts, used);
  });

  test('a run leaks no credentials if requests fail with answers that repeat them', async () => {
    echo(used);
    const quiet = await collect();
    const loud = await collect('--verbose');
    expect([quiet.code, loud.code]).toEqual([1, 1]);
    expect(loud.stderr).toContain('[redacted]');
    expectClean([quiet.stdout, quiet.stderr, loud.stdout, loud.stderr, ...(await written())], used);
  });

  test('a run that Atlas refuses leaks no credentials', async () => {
    noteAll();
    const tokens = simulator.faults.add({
      kind: 'status',
      operation: 'token',
      status: 401,
      errorCode: 'invalid_client',
    });
    simulator.faults.add({ kind: 'status', status: 401, errorCode: 'UNAUTHORIZED' });
    const first = await collect('--verbose');
    tokens();
    const second = await collect('--verbose');
    for (const { code } of [first, second]) expect(code).toBe(2);
    expectClean(
      [first, second].flatMap(({ stdout, stderr }) => [stdout, stderr]).concat(await written()),
      used,
    );
  });

  test('thrown errors and their causes contain no credentials', async () => {
    echo(used);
    const client = createAtlasClient({
      baseUrl: proxy.endpoint,
      credentials: async () => used,
      clock: new SkippingClock(T),
      random: () => 0.5,
      reserve: 0.2,
      log: QUIET,
    });
    const session = client.session({ deadline: Number.POSITIVE_INFINITY });
    const [project] = (await session.listProjects()).items;
    if (!project) throw new Error('no project');
    const [process] = (await session.listProcesses(project.id)).items;
    if (!process) throw new Error('no process');
    const window = { granularity: 'PT1M', start: T - HOUR, end: T } as const;
    const error: unknown = await session
      .diskMeasurements(project.id, process.id, 'data', window)
      .catch((thrown: unknown) => thrown);
    await client.close();
    expect(error).toBeInstanceOf(Error);
    expectClean([inspect(error, { depth: 20, showHidden: true }), JSON.stringify(error)], used);
  });
});
