import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AtlasSession } from '../../../shared/atlas/api.ts';
import { createAtlasClient } from '../../../shared/atlas/client.ts';
import type { Listing } from '../../../shared/atlas/listing.ts';
import { HOUR } from '../../../shared/durations.ts';
import { isAlertConfigurationId, isProjectId, processId } from '../../../shared/ids.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { type Simulator, startSimulator } from '../../../simulator/server.ts';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts';
import { QUIET } from '../../support/quiet-log.ts';
import { T } from '../../support/times.ts';
import { SkippingClock } from '../../unit/atlas/fake-clock.ts';
import { type Change, changed, fieldNames } from './change.ts';
import { projectShape } from './organisation.ts';

/** Replaces and removes each field of the first item of each list. The other items arrive, and the first is not absent. */

const shape = projectShape('victim', ['a', 'b', 'c']);
const [cluster] = shape.clusters ?? [];
const organisation = createOrganisation({
  projects: [
    { ...shape, clusters: cluster ? [{ ...cluster, nodes: 3, disks: ['data', 'log'] }, { name: 'w' }] : [] },
    projectShape('bystander', ['a']),
  ],
});
const [victim] = organisation.projects;

function required<Text extends string>(text: string | undefined, is: (text: string) => text is Text): Text {
  if (text === undefined || !is(text)) throw new Error('the organisation lacks something');
  return text;
}

const project = required(victim?.id, isProjectId);
const process = processId(victim?.processes[0]?.id ?? '');
const configuration = required(victim?.alertConfigurations[0]?.id, isAlertConfigurationId);

type Keyed = Listing<{ id?: unknown; name?: unknown } | string>;

const LISTS: Array<[name: string, about: RegExp, read: (atlas: AtlasSession) => Promise<Keyed>]> = [
  ['projects', /\/groups\?/, (atlas) => atlas.listProjects()],
  ['clusters', /\/clusters\?/, (atlas) => atlas.listClusters(project)],
  ['processes', /\/processes\?/, (atlas) => atlas.listProcesses(project)],
  ['databases', /\/databases\?/, (atlas) => atlas.listDatabases(project, process)],
  ['disks', /\/disks\?/, (atlas) => atlas.listDisks(project, process)],
  ['alert configurations', /\/alertConfigs\?/, (atlas) => atlas.listAlertConfigurations(project)],
  [
    'alerts of a configuration',
    /\/alerts\?/,
    (atlas) => atlas.listAlertsOfConfiguration(project, configuration),
  ],
  ['alerts', /\/alerts\?/, (atlas) => atlas.listAlertsSince(project, 'OPEN', T - 30 * 24 * HOUR)],
  [
    'resources',
    /\/clusters\?/,
    (atlas) =>
      atlas.listResources({
        resourceType: 'cluster',
        segments: ['groups', project, 'clusters'],
        query: [],
        version: '2024-08-05',
        response: 'pages',
        id: 'id',
        limit: { set: 'Clusters', scope: 'project', id: project },
      }),
  ],
];

const VALUES = [
  'null',
  '7',
  '""',
  '"NaN"',
  '{}',
  '[7]',
  '"x\\ud800"',
  JSON.stringify('x'.repeat(400)),
  'NaN',
];

let simulator: Simulator;
let proxy: FaultProxy;

beforeAll(async () => {
  simulator = await startSimulator({ organisation, now: T, rateLimits: false });
  proxy = await startFaultProxy(simulator.url);
});

afterAll(async () => {
  await proxy.close();
  await simulator.close();
});

function keyOf(item: { id?: unknown; name?: unknown } | string): string {
  return typeof item === 'string' ? item : String(item.id ?? item.name);
}

describe.each(LISTS)('%s', (name, about, read) => {
  test('a broken item does not count as absent, and the other items arrive', async () => {
    const { clientId, clientSecret } = simulator.credentials;
    const client = createAtlasClient({
      baseUrl: proxy.endpoint,
      credentials: async () => ({ kind: 'service-account', clientId, clientSecret }),
      clock: new SkippingClock(T),
      random: () => 0.5,
      reserve: 0,
      log: QUIET,
    });
    const session = () => client.session({ deadline: Number.POSITIVE_INFINITY });
    let body = '';
    let stop = proxy.alter(
      ({ path }) => about.test(path),
      (answer) => {
        body = answer.body.toString();
        return answer;
      },
    );
    const whole = await read(session());
    stop();
    const [first, ...others] = whole.items.map(keyOf);
    const fields = fieldNames(body).filter((field) => field.startsWith('results/'));
    expect(fields.length).toBeGreaterThan(0);
    const changes: Change[] = fields.flatMap((field): Change[] => [
      { kind: 'remove', field, element: 0 },
      ...VALUES.map((text): Change => ({ kind: 'replace', field, element: 0, text })),
    ]);
    for (const change of changes) {
      stop = proxy.alter(
        ({ path }) => about.test(path),
        (answer) => ({ ...answer, body: Buffer.from(changed(answer.body.toString(), change)) }),
      );
      const spoilt = session();
      const { items, unreadable, hasUnknown } = await read(spoilt);
      stop();
      const found = items.map(keyOf);
      const what = `${name}: ${JSON.stringify(change)}`;
      expect(found, what).toEqual(expect.arrayContaining(others));
      const isPresent = found.includes(first ?? '') || unreadable.has(first ?? '') || hasUnknown;
      // A changed key that is a valid name makes another item.
      expect(isPresent || found.length === whole.items.length, what).toBe(true);
      expect(spoilt.remarks.unreadableItems > 0, what).toBe(found.length < whole.items.length);
    }
    await client.close();
  });
});
