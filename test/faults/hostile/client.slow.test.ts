import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AtlasCredentials, AtlasSession } from '../../../shared/atlas/api.ts';
import { halves } from '../../../shared/atlas/authentication/credentials.ts';
import { createAtlasClient } from '../../../shared/atlas/client.ts';
import { AtlasError, AtlasThrottledError } from '../../../shared/atlas/errors.ts';
import { HOUR, MINUTE } from '../../../shared/durations.ts';
import {
  isAlertConfigurationId,
  isAlertId,
  isOrganisationId,
  isProjectId,
  processId,
} from '../../../shared/ids.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { type Simulator, startSimulator } from '../../../simulator/server.ts';
import { type FaultProxy, type ProxiedResponse, startFaultProxy } from '../../support/fault-proxy.ts';
import { T } from '../../support/times.ts';
import { SkippingClock } from '../../unit/atlas/fake-clock.ts';
import { CANARY, change, changed } from './change.ts';
import { SHAPE } from './organisation.ts';
import { expectCleanPrototypes } from './prototypes.ts';

/**
 * Tests the real client with answers that have one wrong part. Each ends in a usable value or in one of the client's own
 * errors.
 */

const NOW = T;

const organisation = createOrganisation(SHAPE);
const [first] = organisation.projects;
const project = required(first?.id, isProjectId);
const process = processId(required(first?.processes[0]?.id));
const hostname = required(first?.processes[0]?.userAlias);
const cluster = required(first?.clusters[0]?.name);
const configuration = required(first?.alertConfigurations[0]?.id, isAlertConfigurationId);
const alert = required(first?.alerts[0]?.id, isAlertId);
const window = { granularity: 'PT5M', start: NOW - HOUR, end: NOW } as const;

function required(text: string | undefined): string;
function required<Id extends string>(text: string | undefined, is: (text: string) => text is Id): Id;
function required(text: string | undefined, is = (_: string) => true): string {
  if (text === undefined || !is(text)) throw new Error('the organisation lacks something');
  return text;
}

/** Every operation, with arguments for which the simulator has data. */
const OPERATIONS: Record<
  Exclude<keyof AtlasSession, 'traffic' | 'remarks' | 'learnTime' | 'now' | 'latest'>,
  (atlas: AtlasSession) => Promise<unknown>
> = {
  listProjects: (atlas) => atlas.listProjects(),
  listClusters: (atlas) => atlas.listClusters(project),
  listProcesses: (atlas) => atlas.listProcesses(project),
  listDatabases: (atlas) => atlas.listDatabases(project, process),
  listDisks: (atlas) => atlas.listDisks(project, process),
  databaseMeasurements: (atlas) => atlas.databaseMeasurements(project, process, 'a', window),
  diskMeasurements: (atlas) => atlas.diskMeasurements(project, process, 'data', window),
  processMeasurements: (atlas) => atlas.processMeasurements(project, process, window),
  searchMeasurements: (atlas) => atlas.searchMeasurements(project, process, window),
  listAlertConfigurations: (atlas) => atlas.listAlertConfigurations(project),
  getAlertConfiguration: (atlas) => atlas.getAlertConfiguration(project, configuration),
  listAlertsOfConfiguration: (atlas) => atlas.listAlertsOfConfiguration(project, configuration),
  listAlertsSince: (atlas) => atlas.listAlertsSince(project, 'OPEN', NOW - 30 * 24 * HOUR),
  getAlert: (atlas) => atlas.getAlert(project, alert),
  rankedNamespaces: (atlas) =>
    atlas.rankedNamespaces(project, process, { start: NOW - 2 * HOUR, end: NOW - HOUR }),
  namespaceMeasurements: (atlas) =>
    atlas.namespaceMeasurements(project, process, 'a', 'c', { start: NOW - 2 * HOUR, end: NOW - HOUR }),
  readLog: (atlas) =>
    atlas.readLog(project, { hostname, logName: 'mongodb' }, { start: NOW - HOUR, end: NOW }, () => ({
      add: () => true,
    })),
  accessHistory: (atlas) => atlas.accessHistory(project, hostname, { start: NOW - HOUR, end: NOW }),
  slowQueries: (atlas) => atlas.slowQueries(project, process, { start: NOW - HOUR, end: NOW }),
  suggestedIndexes: (atlas) => atlas.suggestedIndexes(project, cluster, { start: NOW - 24 * HOUR, end: NOW }),
  removableIndexes: (atlas) => atlas.removableIndexes(project, cluster),
  schemaAdvice: (atlas) => atlas.schemaAdvice(project, cluster),
  queryShapes: (atlas) => atlas.queryShapes(project, cluster, { start: NOW - 2 * HOUR, end: NOW - HOUR }),
  listEvents: (atlas) =>
    atlas.listEvents({ kind: 'project', id: project }, { start: NOW - HOUR, end: NOW }, 1),
  costUsage: (atlas) =>
    atlas.costUsage(required(organisation.id, isOrganisationId), {
      from: Date.UTC(2026, 0, 1),
      to: Date.UTC(2026, 1, 1),
      of: {},
    }),
  listResources: (atlas) =>
    atlas.listResources({
      resourceType: 'project',
      segments: ['groups'],
      query: [],
      version: '2023-01-01',
      response: 'pages',
      id: 'id',
      limit: { set: 'Projects', scope: 'project', id: project },
    }),
};

const account = { clientId: 'mdb_sa_id_SeCrEt1', clientSecret: 'mdb_sa_sk_SeCrEt2' };
const key = { publicKey: 'SeCrEt3', privateKey: 'SeCrEt4-4000-8000' };
const credentials: AtlasCredentials[] = [
  { kind: 'service-account', ...account },
  { kind: 'api-key', ...key },
];

let simulator: Simulator;
let proxy: FaultProxy;

beforeAll(async () => {
  const clients = { serviceAccounts: [account], apiKeys: [key] };
  simulator = await startSimulator({ organisation, now: NOW, rateLimits: false, clients });
  proxy = await startFaultProxy(simulator.url);
});

afterAll(async () => {
  await proxy.close();
  await simulator.close();
});

/** Returns the outcome of one call if all answers of the API, or all answers for a token, are changed. */
async function outcomeOf(about: {
  operation: keyof typeof OPERATIONS;
  kind: AtlasCredentials;
  part: 'token' | 'api';
  change: (answer: ProxiedResponse) => ProxiedResponse;
}): Promise<{ value: unknown } | { error: unknown }> {
  const clock = new SkippingClock(NOW);
  const client = createAtlasClient({
    baseUrl: proxy.endpoint,
    credentials: async () => about.kind,
    clock,
    random: () => 0.5,
    reserve: 0.2,
    log: { debug: () => {}, info: expectLoggable, warn: expectLoggable },
  });
  const stop = proxy.alter(
    ({ path }) => path.startsWith('/api/oauth/') === (about.part === 'token'),
    about.change,
  );
  try {
    const session = client.session({ deadline: NOW + 5 * MINUTE });
    return await OPERATIONS[about.operation](session).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
  } finally {
    stop();
    await client.close();
  }
}

/** Checks that a log contains nothing from the server except two cleaned headers about a withdrawal. */
function expectLoggable(message: string, fields: Record<string, unknown> = {}): void {
  const { deprecation, sunset, ...rest } = fields;
  expect(JSON.stringify({ message, ...rest })).not.toContain(CANARY);
  for (const header of [deprecation, sunset]) expectOneLine(String(header));
}

function expectOneLine(text: string): void {
  expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  expect(text.isWellFormed()).toBe(true);
  expect(text.length).toBeLessThan(1_500);
}

function expectFit(outcome: { value: unknown } | { error: unknown }, used: AtlasCredentials): void {
  expectCleanPrototypes();
  if ('value' in outcome) {
    // The lake's files, the cursors and paths are made of this.
    expect(JSON.stringify(outcome.value)).toBeTypeOf('string');
    return;
  }
  const { error } = outcome;
  expect(error).toBeInstanceOf(AtlasError);
  if (!(error instanceof AtlasError)) return;
  expectOneLine(error.message);
  const shown = inspect(error, { depth: 10 });
  for (const half of halves(used)) expect(shown).not.toContain(half);
  // The bucket is closed until this time, and a continuation waits for it.
  if (error instanceof AtlasThrottledError) expect(error.retryAt).toBeLessThan(NOW + 2 * HOUR);
}

const call = {
  operation: fc.constantFrom(...(Object.keys(OPERATIONS) as Array<keyof typeof OPERATIONS>)),
  kind: fc.constantFrom(...credentials),
};

test('a document with a changed field ends in a usable value or a client error', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ ...call, part: fc.constantFrom('token', 'api', 'api', 'api'), change }),
      async ({ change, ...rest }) => {
        const alter = (answer: ProxiedResponse) => ({
          ...answer,
          body: Buffer.from(changed(answer.body.toString(), change)),
        });
        expectFit(await outcomeOf({ ...rest, change: alter }), rest.kind);
      },
    ),
    { numRuns: 1_000 },
  );
});

const HEADERS = [
  ...['ratelimit-limit', 'ratelimit-remaining', 'retry-after', 'x-error-code', 'deprecation', 'sunset'],
  ...['location', 'www-authenticate', 'content-type', 'content-encoding', 'set-cookie', '__proto__'],
];

const headerValue = fc.oneof(
  fc.constantFrom('', '-1', '0', '1', '999999999', '1e9', '0x10', 'NaN', 'Infinity', '99999999999999999999'),
  fc.constantFrom(
    'Wed, 21 Oct 2099 07:28:00 GMT',
    'gzip',
    'br, gzip',
    'deflate',
    'chunked',
    `http://${CANARY}/`,
  ),
  fc.constantFrom(
    'Digest realm="", nonce="',
    'Digest nonce="\\"',
    'Basic realm="x"',
    `Digest nonce="${CANARY}", qop="auth"`,
  ),
  // A header can contain Latin-1 without control characters.
  fc.string({
    unit: fc
      .integer({ min: 0x20, max: 0xff })
      .filter((code) => code < 0x7f || code > 0x9f)
      .map((code) => String.fromCharCode(code)),
    maxLength: 60,
  }),
  fc.constant(CANARY.padEnd(4_000, 'x')),
);

const errorDocument = fc.record(
  {
    errorCode: fc.constantFrom('RATE_LIMITED_TOKEN_BUCKET', 'HOST_NOT_FOUND', `${CANARY}\n`, 7, null),
    parameters: fc.oneof(
      fc.tuple(fc.constant('p'), fc.oneof(fc.double(), fc.constantFrom(1e300, -1, 3e9, '5', null))),
      fc.json(),
    ),
    detail: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(`${CANARY}\r\n`, 7, {})),
    reason: fc.oneof(fc.string({ unit: 'binary' }), fc.constant('mdb_sa_sk_SeCrEt2 SeCrEt4-4000-8000')),
    error: fc.constantFrom('invalid_client', 401, null, {}),
  },
  { requiredKeys: [] },
);

test('an answer with any status, headers and body ends in a usable value or a client error', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        ...call,
        part: fc.constantFrom('token', 'api'),
        status: fc.oneof(
          fc.constantFrom(200, 204, 301, 400, 401, 403, 404, 429, 500, 503),
          fc.integer({ min: 200, max: 999 }),
        ),
        headers: fc.dictionary(fc.constantFrom(...HEADERS), headerValue, { maxKeys: 4 }),
        body: fc.oneof(
          fc.constant(undefined),
          errorDocument.map((document) => Buffer.from(JSON.stringify(document))),
          fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        ),
      }),
      async ({ status, headers, body, ...rest }) => {
        const alter = (answer: ProxiedResponse) => ({
          status,
          headers: { ...answer.headers, ...headers },
          body: body ?? answer.body,
        });
        expectFit(await outcomeOf({ ...rest, change: alter }), rest.kind);
      },
    ),
    { numRuns: 1_000 },
  );
});
