import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AtlasCredentials } from '../../../shared/atlas/api.ts';
import type { CredentialSet } from '../../../shared/atlas/clients.ts';
import { HOUR, MINUTE } from '../../../shared/durations.ts';
import { parseCredentials } from '../../../shared/worker/credentials.ts';
import { createOrganisation, type Organisation } from '../../../simulator/organisation.ts';
import { type Simulator, startSimulator } from '../../../simulator/server.ts';
import { type AccountsFront, startAccountsFront } from '../../support/accounts-front.ts';
import { compare, DISKS, exactly, expectedOf } from '../../support/expected-rows.ts';
import { lakeViolations } from '../../support/lake-check.ts';
import { tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';

const TICK = 20 * MINUTE;

/** The lists of projects, but nothing of one project. */
const LIST = /^\/api\/atlas\/v2\/groups\?/;

const account = (name: string) => ({ clientId: `mdb_sa_id_${name}`, clientSecret: `mdb_sa_sk_${name}` });
const credentialOf = (name: string): AtlasCredentials => ({ kind: 'service-account', ...account(name) });

let scenario: Scenario;
let front: AccountsFront;
let credentials: CredentialSet;
let accounts: Array<{ clientId: string; clientSecret: string; projects?: string[] }>;

const set = (...names: string[]) => {
  credentials = new Map(names.map((name) => [name, credentialOf(name)]));
};

/** Runs the ticks of disks from one time to another, both included. */
async function ticks(from: number, to: number): Promise<void> {
  for (let at = from; at <= to; at += TICK) await scenario.tick(at, ['disk_measurements']);
}

const rowsOf = async (table: string, { id }: { id: string }) =>
  (await tableRows(scenario.bucket, table)).filter((row) => row['project_id'] === id);

const shape = (name: string) => ({
  name,
  clusters: [{ name: `${name}-cluster`, nodes: [{}], databases: ['orders'], disks: ['data'] }],
});

afterEach(async () => {
  await scenario.close();
  await front.close();
});

describe('two credentials', () => {
  let organisation: Organisation;
  let ours: { id: string };
  let shared: { id: string };
  let theirs: { id: string };

  /** Expects the disks of a project, of every tick up to the last, exactly once and without a gap. */
  async function expectComplete(project: { id: string }, last: number, first = T): Promise<void> {
    const of = { ...organisation, projects: organisation.projects.filter(({ id }) => id === project.id) };
    const expected = expectedOf(of, DISKS, { first, last, backfill: 2 * HOUR });
    expect(expected.length).toBeGreaterThan(1_000);
    expect(compare(await rowsOf(DISKS.table, project), expected)).toEqual(exactly(expected));
    expect(await rowsOf('collection_gaps', project)).toEqual([]);
  }

  beforeEach(async () => {
    organisation = createOrganisation({ projects: [shape('ours'), shape('shared'), shape('theirs')] });
    const [first, second, third] = organisation.projects;
    if (!first || !second || !third) throw new Error('the organisation lacks a project');
    [ours, shared, theirs] = [first, second, third];
    accounts = [
      { ...account('acme'), projects: [ours.id, shared.id] },
      { ...account('globex'), projects: [shared.id, theirs.id] },
    ];
    set('acme', 'globex');
    scenario = await startScenario({
      organisation,
      start: T,
      config: { datasets: { disk_measurements: { backfill: 'PT2H' } } },
      credentials: () => credentials,
      simulator: { clients: { serviceAccounts: accounts } },
      front: async ({ url }) => {
        front = await startAccountsFront(new Map(accounts.map(({ clientId }) => [clientId, url])));
        return front.url;
      },
    });
  });

  test('collect the projects of both, and one that both list once', async () => {
    await ticks(T, T + HOUR);
    for (const project of [ours, shared, theirs]) await expectComplete(project, T + HOUR);
    expect(scenario.dispatched).toMatchObject([
      { projects: [ours.id, shared.id, theirs.id], failed: [], unlisted: [], orphaned: [] },
    ]);
    expect(await lakeViolations(scenario.bucket)).toEqual([]);
  });

  test.each([
    ['is revoked', () => revoke('globex'), 'AtlasAuthenticationError'],
    ['cannot list its projects', () => front.fail('mdb_sa_id_globex', LIST, 503), 'AtlasApiError'],
    ['is not complete', () => half('globex'), 'AtlasConfigurationError'],
  ])('go on when one %s: nothing vanishes, and nothing is lost or written twice', async (_, begin, error) => {
    await ticks(T, T + HOUR);
    const end = await begin();
    // Long enough for a project that is really missing to count as absent.
    await ticks(T + HOUR + TICK, T + 5 * HOUR);
    expect(scenario.dispatched).toMatchObject([
      { failed: [{ credential: 'globex', error: { name: error } }], unlisted: [], orphaned: [] },
    ]);
    for (const project of [ours, shared]) await expectComplete(project, T + 5 * HOUR);
    end();
    await ticks(T + 5 * HOUR + TICK, T + 6 * HOUR);
    expect(scenario.dispatched).toMatchObject([{ failed: [], unlisted: [], orphaned: [] }]);
    for (const project of [ours, shared, theirs]) await expectComplete(project, T + 6 * HOUR);
    const notes = (await tableRows(scenario.bucket, 'collection_runs')).map((row) => String(row['notes']));
    expect(notes.join()).not.toContain("not in Atlas's list");
    expect(await lakeViolations(scenario.bucket)).toEqual([]);
  });

  test('keep a known project that a list which cannot be read had, and send nothing with a refused one', async () => {
    await ticks(T, T);
    const end = front.fail('mdb_sa_id_globex', LIST, 503);
    await ticks(T + TICK, T + TICK);
    expect(scenario.dispatched).toMatchObject([{ projects: [ours.id, shared.id, theirs.id] }]);
    end();
    revoke('globex');
    await ticks(T + 2 * TICK, T + 2 * TICK);
    expect(scenario.dispatched).toMatchObject([{ projects: [ours.id, shared.id] }]);
  });

  test('tell a project that left one list from one whose list cannot be read', async () => {
    await ticks(T, T);
    accounts[0]?.projects?.shift();
    revoke('globex');
    await ticks(T + TICK, T + 2 * HOUR);
    expect(scenario.dispatched).toMatchObject([
      {
        projects: [shared.id],
        unlisted: [{ subject: { id: ours.id }, credential: 'acme', isCertain: true }],
      },
    ]);
  });

  test('end the tick with their names when none works', async () => {
    revoke('acme');
    revoke('globex');
    await expect(ticks(T, T)).rejects.toThrow(/^no credential works: acme: .*; globex: /);
  });

  test('are one that gets a second beside it: its projects continue, without a duplicate', async () => {
    credentials = new Map([[null, credentialOf('acme')]]);
    await ticks(T, T + HOUR);
    credentials = new Map([
      [null, credentialOf('acme')],
      ['globex', credentialOf('globex')],
    ]);
    await ticks(T + HOUR + TICK, T + 2 * HOUR);
    for (const project of [ours, shared]) await expectComplete(project, T + 2 * HOUR);
    expect(await lakeViolations(scenario.bucket)).toEqual([]);
    expect(await rowsOf('disk_measurements', theirs)).not.toEqual([]);
  });

  test('are one that gets a name: its projects continue, without a duplicate', async () => {
    credentials = new Map([[null, credentialOf('acme')]]);
    await ticks(T, T + HOUR);
    set('acme');
    await ticks(T + HOUR + TICK, T + 2 * HOUR);
    expect(scenario.dispatched).toMatchObject([{ unlisted: [], orphaned: [] }]);
    for (const project of [ours, shared]) await expectComplete(project, T + 2 * HOUR);
    expect(await lakeViolations(scenario.bucket)).toEqual([]);
  });

  test('of which one is removed: its projects are reported, get no run, and continue when it is back', async () => {
    await ticks(T, T);
    set('acme');
    await ticks(T + TICK, T + 5 * HOUR);
    expect(scenario.dispatched).toMatchObject([
      { projects: [ours.id, shared.id], orphaned: [{ subject: { id: theirs.id }, credential: 'globex' }] },
    ]);
    expect(scenario.warnings).toContain(
      'projects or organisations whose credential is unknown or no longer there, and that no list that can be read has',
    );
    set('acme', 'globex-new');
    credentials = new Map([...credentials, ['globex-new', credentialOf('globex')]]);
    await ticks(T + 5 * HOUR + TICK, T + 6 * HOUR);
    expect(scenario.dispatched).toMatchObject([{ orphaned: [] }]);
    for (const project of [ours, shared, theirs]) await expectComplete(project, T + 6 * HOUR);
  });

  test('of which the configuration expects a third: it is reported by its name', async () => {
    await scenario.close();
    await front.close();
    scenario = await startScenario({
      organisation,
      start: T,
      credentials: () => credentials,
      config: { credentials: ['acme', 'initech'] },
      simulator: { clients: { serviceAccounts: accounts } },
    });
    await ticks(T, T);
    expect(scenario.dispatched).toMatchObject([
      {
        failed: [
          { credential: 'initech', error: { message: expect.stringContaining('with the name initech') } },
        ],
      },
    ]);
  });
});

test('credentials of two organisations collect the resources of both', async () => {
  const others = createOrganisation({ projects: [shape('theirs')] });
  const other: Simulator = await startSimulator({
    organisation: others,
    now: T,
    rateLimits: false,
    clients: { serviceAccounts: [account('globex')] },
  });
  set('acme', 'globex');
  const organisation = createOrganisation({ projects: [shape('ours')] });
  organisation.id = 'a'.repeat(24);
  scenario = await startScenario({
    organisation,
    start: T,
    credentials: () => credentials,
    simulator: { clients: { serviceAccounts: [account('acme')] } },
    front: async ({ url }) => {
      front = await startAccountsFront(
        new Map([
          ['mdb_sa_id_acme', url],
          ['mdb_sa_id_globex', other.url],
        ]),
      );
      return front.url;
    },
  });
  for (const at of [T, T + HOUR]) {
    other.clock.set(at);
    const runs = await scenario.tick(at, ['inventory']);
    expect(runs.map(({ outcome }) => outcome)).toEqual(runs.map(() => 'complete'));
  }
  const rows = await tableRows(scenario.bucket, 'inventory');
  const ofOrganisations = rows.filter((row) => row['project_id'] === null);
  expect(new Set(ofOrganisations.map((row) => row['org_id']))).toEqual(new Set([organisation.id, others.id]));
  expect(await lakeViolations(scenario.bucket)).toEqual([]);
  await other.close();
});

/** Changes the secret of an account in Atlas. Returns a function that changes it back. */
function revoke(name: string): () => void {
  const { clientId, clientSecret } = account(name);
  const found = accounts.find((one) => one.clientId === clientId);
  if (!found) throw new Error(`no account ${name}`);
  found.clientSecret = 'another';
  scenario.simulator.faults.expireTokens();
  return () => {
    found.clientSecret = clientSecret;
  };
}

/** Replaces an entry of the secret by one that is not complete. Returns a function that puts it back. */
async function half(name: string): Promise<() => void> {
  const before = credentials;
  credentials = new Map([...credentials, ...parseCredentials(`{"${name}":{}}`, 'the secret')]);
  // A collector that has already read the credential goes on with it.
  await scenario.restart();
  return () => {
    credentials = before;
  };
}
