import { afterEach, describe, expect, it } from 'vitest';
import type { AlertConfigurationId, AlertId } from '../../../shared/ids.ts';
import { json, PROJECT, ScriptedAtlas } from './scripted-atlas.ts';

let atlas: ScriptedAtlas;
afterEach(() => atlas.stop());

const CONFIGURATION = '5efda6aea3f2ed2e7dd6ce06' as AlertConfigurationId;
const ALERT = '5efdb5dd5b306e51e2e9b05b' as AlertId;
const GROUP = `/api/atlas/v2/groups/${PROJECT}`;
const PAGE = 'itemsPerPage=500&pageNum=1';
const links = [{ href: `http://localhost:8080${GROUP}`, rel: 'self' }];

/** Configurations in the recorded shapes of Atlas, with keys in its order. */
const configurations = [
  {
    created: '2020-07-02T09:19:42Z',
    enabled: true,
    eventTypeName: 'REPLICATION_OPLOG_WINDOW_RUNNING_OUT',
    groupId: PROJECT,
    id: CONFIGURATION,
    links,
    matchers: [],
    notifications: [
      {
        delayMin: 0,
        emailEnabled: true,
        intervalMin: 60,
        notifierId: '63698b66955c5b772dcf27d9',
        roles: ['GROUP_OWNER'],
        smsEnabled: false,
        typeName: 'GROUP',
      },
    ],
    threshold: { operator: 'LESS_THAN', threshold: 1, units: 'HOURS' },
    updated: '2020-07-02T09:19:42Z',
  },
  {
    created: '2026-01-29T22:01:16Z',
    enabled: false,
    eventTypeName: 'OUTSIDE_METRIC_THRESHOLD',
    groupId: PROJECT,
    id: '697bd8ac1bdd60ca3314d009',
    links,
    matchers: [],
    metricThreshold: {
      metricName: 'SEARCH_MAX_FIELDS_INDEXED',
      mode: 'AVERAGE',
      operator: 'GREATER_THAN',
      threshold: 1000.0,
      units: 'RAW',
    },
    notifications: [],
    severityOverride: 'WARNING',
    updated: '2026-01-29T22:01:16Z',
  },
  {
    created: '2025-07-30T10:44:44Z',
    enabled: true,
    eventTypeName: 'NO_PRIMARY',
    groupId: PROJECT,
    id: '6889f79cbb47702dfd1be26a',
    links,
    matchers: [],
    notifications: [
      { delayMin: 0, intervalMin: 5, notifierId: '6889f79cbb47702dfd1be265', typeName: 'GROUP' },
    ],
    updated: '2025-07-30T10:44:44Z',
  },
];

/** An alert that Atlas still updates years after it was resolved. */
const closed = {
  alertConfigId: '5efdb59f93fc35705f337179',
  created: '2020-07-02T10:24:29Z',
  eventTypeName: 'USERS_WITHOUT_MULTI_FACTOR_AUTH',
  groupId: PROJECT,
  id: ALERT,
  lastNotified: '2026-08-07T08:49:09Z',
  links,
  orgId: 'a0123456789abcdef012345a',
  resolved: '2022-03-16T18:39:26Z',
  status: 'CLOSED',
  updated: '2026-08-07T08:49:09Z',
};

/** An alert with fields that are in no reference. */
const open = {
  acknowledgedUntil: '2126-01-01T00:00:00Z',
  acknowledgementComment: 'Silenced.',
  acknowledgingUsername: 'hello@example.com',
  alertConfigId: CONFIGURATION,
  clusterId: '6a793f5cc0eb9e7a177147ed',
  clusterName: 'orders',
  created: '2026-08-10T03:00:00Z',
  currentValue: { number: 3.5, units: 'RAW' },
  eventTypeName: 'A_KIND_OF_TOMORROW',
  groupId: PROJECT,
  hostnameAndPort: 'atlas-abc123-shard-00-00.q1w2e3.mongodb.net:27017',
  id: '6a57d5e0e11c836e9d065a49',
  links,
  metricName: 'CONNECTIONS',
  replicaSetName: 'atlas-abc123-shard-0',
  status: 'OPEN',
  updated: '2026-08-10T03:04:00Z',
  userAlias: 'orders-shard-00-00.q1w2e3.mongodb.net',
};

async function start(responses: Record<string, unknown>) {
  atlas = await ScriptedAtlas.start((request, response) => {
    const body = responses[request.url?.replace(GROUP, '') ?? ''];
    json(response, body === undefined ? 404 : 200, body ?? {});
  });
  return atlas.session();
}

function withoutLinks({ links: _, ...document }: Record<string, unknown>) {
  return document;
}

describe('listAlertConfigurations and getAlertConfiguration', () => {
  it('return thresholds of every kind, and whole documents', async () => {
    const session = await start({
      [`/alertConfigs?${PAGE}`]: { links, results: configurations, totalCount: 106 },
    });
    const found = await session.listAlertConfigurations(PROJECT);
    expect(found.items).toMatchObject([
      {
        id: CONFIGURATION,
        enabled: true,
        metricName: null,
        operator: 'LESS_THAN',
        threshold: 1,
        thresholdUnits: 'HOURS',
        severityOverride: null,
        created: Date.UTC(2020, 6, 2, 9, 19, 42),
      },
      {
        enabled: false,
        metricName: 'SEARCH_MAX_FIELDS_INDEXED',
        threshold: 1000,
        severityOverride: 'WARNING',
      },
      {
        eventTypeName: 'NO_PRIMARY',
        metricName: null,
        operator: null,
        threshold: null,
        thresholdUnits: null,
      },
    ]);
    // Compares the keys in their order.
    expect(found.items.map(({ document }) => JSON.stringify(document))).toEqual(
      configurations.map((document) => JSON.stringify(withoutLinks(document))),
    );
  });

  it('request one configuration by id', async () => {
    const session = await start({ [`/alertConfigs/${CONFIGURATION}`]: configurations[0] });
    expect(await session.getAlertConfiguration(PROJECT, CONFIGURATION)).toMatchObject({ id: CONFIGURATION });
  });
});

describe('alerts', () => {
  it('are returned with the fields of their kind, and as whole documents', async () => {
    const session = await start({
      [`/alertConfigs/${CONFIGURATION}/alerts?${PAGE}`]: { links, results: [open], totalCount: 1 },
      [`/alerts?status=CLOSED&${PAGE}`]: { links, results: [closed], totalCount: 1 },
      [`/alerts/${ALERT}`]: closed,
    });
    const expected = {
      id: ALERT,
      configuration: '5efdb59f93fc35705f337179',
      status: 'CLOSED',
      eventTypeName: 'USERS_WITHOUT_MULTI_FACTOR_AUTH',
      created: Date.UTC(2020, 6, 2, 10, 24, 29),
      updated: Date.UTC(2026, 7, 7, 8, 49, 9),
      resolved: Date.UTC(2022, 2, 16, 18, 39, 26),
      lastNotified: Date.UTC(2026, 7, 7, 8, 49, 9),
      acknowledgedUntil: null,
      acknowledgingUsername: null,
      acknowledgementComment: null,
      clusterName: null,
      replicaSetName: null,
      hostnameAndPort: null,
      metricName: null,
      currentValue: null,
      currentUnits: null,
      document: withoutLinks(closed),
    };
    expect(await session.getAlert(PROJECT, ALERT)).toEqual(expected);
    expect((await session.listAlertsSince(PROJECT, 'CLOSED', expected.created)).items).toEqual([expected]);
    expect((await session.listAlertsSince(PROJECT, 'CLOSED', expected.created + 1)).items).toEqual([]);
    const [found] = (await session.listAlertsOfConfiguration(PROJECT, CONFIGURATION)).items;
    expect(found).toMatchObject({
      acknowledgedUntil: Date.UTC(2126, 0, 1),
      acknowledgingUsername: 'hello@example.com',
      clusterName: 'orders',
      replicaSetName: 'atlas-abc123-shard-0',
      hostnameAndPort: open.hostnameAndPort,
      metricName: 'CONNECTIONS',
      currentValue: 3.5,
      currentUnits: 'RAW',
    });
    expect(JSON.stringify(found?.document)).toBe(JSON.stringify(withoutLinks(open)));
  });

  it.each([
    [{ id: '../groups' }, 'id: expected 24 hexadecimal digits', null],
    [{ id: ALERT.toUpperCase() }, 'id: expected 24 hexadecimal digits', null],
    [{ created: undefined }, 'created: expected string', open.id],
    [{ created: '2026-02-30T00:00:00Z' }, 'created: expected a time', open.id],
    [{ status: '' }, 'status: expected a name, got an empty string', open.id],
  ])('that are unreadable are skipped, but remain known: %j', async (fields, problem, id) => {
    const session = await start({
      [`/alertConfigs/${CONFIGURATION}/alerts?${PAGE}`]: { results: [{ ...open, ...fields }, closed] },
    });
    expect(await session.listAlertsOfConfiguration(PROJECT, CONFIGURATION)).toMatchObject({
      items: [{ id: closed.id }],
      unreadable: new Set(id === null ? [] : [id]),
      hasUnknown: id === null,
    });
    const note = `listAlertsOfConfiguration: an item cannot be read and was skipped: results[0].${problem}`;
    expect(session.remarks).toMatchObject({ unreadableItems: 1, notes: new Set([note]) });
  });

  it.each([
    [{ alertConfigId: 7 }, 'alertConfigId: expected 24 hexadecimal digits', { configuration: null }],
    [{ eventTypeName: undefined }, null, { eventTypeName: null }],
    [{ resolved: 'yesterday' }, 'resolved: expected a time', { resolved: null }],
    [{ currentValue: { number: 'NaN' } }, 'currentValue.number: expected number', { currentValue: null }],
    [{ currentValue: 7 }, 'currentValue: expected object', { currentValue: null }],
  ])('have null for unreadable fields, and keep their documents: %j', async (fields, problem, expected) => {
    const session = await start({ [`/alerts/${ALERT}`]: { ...closed, ...fields } });
    expect(await session.getAlert(PROJECT, ALERT)).toMatchObject({
      ...expected,
      document: JSON.parse(JSON.stringify(fields)),
    });
    const notes = problem === null ? [] : [`getAlert: a value was read as null: ${problem}`];
    expect(session.remarks).toMatchObject({ unreadableItems: 0, notes: new Set(notes) });
  });

  it('are null if requested by id and unreadable', async () => {
    const session = await start({ [`/alerts/${ALERT}`]: { ...closed, status: 7 } });
    expect(await session.getAlert(PROJECT, ALERT)).toBeNull();
    expect(session.remarks.unreadableItems).toBe(1);
  });
});
