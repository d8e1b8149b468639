import { afterEach, describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../../shared/durations.ts';
import { createOrganisation, type ProjectShape } from '../../../simulator/organisation.ts';
import {
  expectedAlertRows,
  expectedChanges,
  foundChanges,
  withoutRevisions,
} from '../../support/expected-alerts.ts';
import { type LakeRow, tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { lakeTime, T } from '../../support/times.ts';

const TICK = 5 * MINUTE;

let scenario: Scenario;
afterEach(() => scenario.close());

const project: ProjectShape = {
  name: 'p',
  clusters: [],
  alertConfigurations: [
    {
      name: 'connections',
      eventTypeName: 'OUTSIDE_METRIC_THRESHOLD',
      fields: {
        metricThreshold: { metricName: 'CONNECTIONS', operator: 'GREATER_THAN', threshold: 80, units: 'RAW' },
      },
    },
    { name: 'primary', eventTypeName: 'NO_PRIMARY' },
  ],
};

/** One of everything that can happen to an alert. */
const lives: ProjectShape = {
  ...project,
  alerts: [
    // Old before the first run, and never ends.
    { configuration: 'primary', created: T - 300 * DAY },
    // Opened, acknowledged, unacknowledged, changed, closed, and opened again as a new alert.
    {
      configuration: 'connections',
      created: T + 7 * MINUTE + 3 * SECOND,
      fields: { clusterName: 'orders', replicaSetName: 'rs0', hostnameAndPort: 'h.example.net:27017' },
      acknowledged: { at: T + 12 * MINUTE + 31 * SECOND, comment: 'Looking.' },
      unacknowledged: T + 23 * MINUTE + 4 * SECOND,
      changes: [{ at: T + 31 * MINUTE, fields: { replicaSetName: 'rs1' } }],
      closed: T + 44 * MINUTE + 9 * SECOND,
    },
    {
      configuration: 'connections',
      created: T + 52 * MINUTE + 11 * SECOND,
      fields: { clusterName: 'orders' },
    },
    // Opens and closes between two runs.
    { configuration: 'primary', created: T + 16 * MINUTE, closed: T + 18 * MINUTE + 40 * SECOND },
    // Tracked before it opens, and acknowledged only for a while.
    {
      configuration: 'primary',
      created: T + 3 * MINUTE,
      opened: T + 8 * MINUTE,
      acknowledged: { at: T + 13 * MINUTE, until: T + 33 * MINUTE },
    },
    // Acknowledged before it is first observed, and closed while acknowledged.
    {
      configuration: 'primary',
      created: T - 3 * HOUR,
      acknowledged: { at: T - HOUR },
      closed: T + 27 * MINUTE,
    },
    // Cancelled by hand.
    { configuration: 'connections', created: T - HOUR, cancelled: T + 21 * MINUTE + 30 * SECOND },
    // Acknowledged and closed between two runs.
    {
      configuration: 'primary',
      created: T + 36 * MINUTE,
      acknowledged: { at: T + 37 * MINUTE },
      closed: T + 39 * MINUTE,
    },
    // Closed half an hour and two hours before the first run, which reads back one hour.
    { configuration: 'primary', created: T - 50 * MINUTE, closed: T - 30 * MINUTE },
    { configuration: 'primary', created: T - 3 * HOUR, closed: T - 2 * HOUR },
  ],
};

function ticks(from: number, to: number): number[] {
  return Array.from({ length: (to - from) / TICK + 1 }, (_, index) => from + index * TICK);
}

async function collect(instants: readonly number[]): Promise<void> {
  for (const at of instants) {
    const runs = await scenario.tick(at, ['alerts']);
    expect(runs).toMatchObject([{ outcome: 'complete', failures: [] }]);
  }
}

/** Collects the same ticks again with queues that have not seen them, as after a restart. */
async function collectAgain(instants: readonly number[]): Promise<void> {
  for (const at of instants) {
    await scenario.restart();
    await collect([at]);
  }
}

/** Compares whole rows both ways, in any order. */
async function expectExactly(expected: readonly LakeRow[]): Promise<LakeRow[]> {
  const rows = withoutRevisions(await tableRows(scenario.bucket, 'alerts'));
  const texts = (list: readonly LakeRow[]) => list.map((row) => JSON.stringify(row)).sort();
  expect(texts(rows)).toEqual(texts(expected));
  return rows;
}

describe('changes of alerts', () => {
  test.each(['oldest-first', 'newest-first'] as const)('are written row by row (%s)', async (alertOrder) => {
    const organisation = createOrganisation({ projects: [lives], alertOrder });
    const id = organisation.projects[0]?.id ?? '';
    scenario = await startScenario({ organisation, start: T });
    const runs = ticks(T, T + HOUR);
    await collect(runs);
    const rows = await expectExactly(expectedAlertRows(organisation, id, runs));

    // By hand, so that the arithmetic does not prove itself: the second alert, and the one between two runs.
    const story = (index: number) => {
      const alert = organisation.projects[0]?.alerts[index]?.id;
      return foundChanges(rows.filter((row) => row['alert_id'] === alert))
        .sort((a, b) => a.ts - b.ts || a.collected - b.collected)
        .map(({ change, ts, collected }) => [change, (ts - T) / SECOND, (collected - T) / MINUTE]);
    };
    expect(story(1)).toEqual([
      ['opened', 423, 10],
      ['acknowledged', 900, 15],
      ['unacknowledged', 1500, 25],
      ['updated', 2100, 35],
      ['closed', 2649, 45],
    ]);
    expect(story(3)).toEqual([
      ['opened', 960, 20],
      ['closed', 1120, 20],
    ]);
    expect(story(4)).toEqual([
      ['opened', 180, 5],
      ['updated', 600, 10],
      ['acknowledged', 900, 15],
      ['unacknowledged', 1980, 35],
    ]);
  });

  test('are not written again by the same tick or after a restart', async () => {
    const organisation = createOrganisation({ projects: [lives] });
    const id = organisation.projects[0]?.id ?? '';
    scenario = await startScenario({ organisation, start: T });
    const runs = ticks(T, T + HOUR);
    await collect(runs);
    await collectAgain([T + HOUR, T + HOUR]);
    await expectExactly(expectedAlertRows(organisation, id, runs));
  });

  test.each([
    ['back by half an hour', -30 * MINUTE],
    ['back by two days', -2 * DAY],
    ['forward by three days', 3 * DAY],
  ])('are written once by a collector whose clock is set %s for a while', async (_, jump) => {
    const organisation = createOrganisation({ projects: [lives] });
    const id = organisation.projects[0]?.id ?? '';
    let skew = 0;
    scenario = await startScenario({ organisation, start: T, skew: () => skew });
    const runs = ticks(T, T + HOUR);
    await collect(runs);
    const expected = expectedAlertRows(organisation, id, runs);
    skew = jump;
    await collect([T + HOUR + TICK, T + HOUR + 2 * TICK]);
    skew = 0;
    await collect([T + HOUR + 3 * TICK, T + HOUR + 4 * TICK]);
    await expectExactly(expected);
  });

  test('of ended alerts are not written again after a day, when they are forgotten, nor by a clock set back then', async () => {
    const organisation = createOrganisation({ projects: [lives] });
    const id = organisation.projects[0]?.id ?? '';
    let skew = 0;
    scenario = await startScenario({ organisation, start: T, skew: () => skew });
    const runs = [...ticks(T, T + HOUR), T + 2 * DAY, T + 2 * DAY + TICK];
    await collect(runs);
    const expected = expectedAlertRows(organisation, id, runs);
    await expectExactly(expected);
    skew = -2 * DAY;
    await collect([T + 2 * DAY + 2 * TICK, T + 2 * DAY + 3 * TICK]);
    await expectExactly(expected);
  });

  test('are found by id for acknowledged alerts, which no list has', async () => {
    const organisation = createOrganisation({
      projects: [
        {
          ...project,
          alerts: [
            {
              configuration: 'primary',
              created: T - HOUR,
              acknowledged: { at: T + 2 * MINUTE },
              unacknowledged: T + 12 * MINUTE,
              closed: T + 21 * MINUTE,
            },
            { configuration: 'primary', created: T - HOUR, acknowledged: { at: T + 2 * MINUTE } },
          ],
        },
      ],
    });
    const id = organisation.projects[0]?.id ?? '';
    scenario = await startScenario({ organisation, start: T });
    const runs = ticks(T, T + 25 * MINUTE);
    await collect([T]);
    scenario.simulator.faults.add({ kind: 'wrong-shape', operation: 'listAlerts', body: { results: [] } });
    await collect(runs.slice(1));
    await expectExactly(expectedAlertRows(organisation, id, runs));
    // In each of the five runs, because the list of their configuration is read only at its turn.
    expect(scenario.simulator.requests.counts()['getAlert']).toBe(5 + 5);
  });

  test('are complete after an outage, as far as Atlas still has them', async () => {
    const organisation = createOrganisation({ projects: [lives] });
    const id = organisation.projects[0]?.id ?? '';
    scenario = await startScenario({ organisation, start: T });
    const runs = [T, T + 5 * HOUR];
    await collect(runs);
    await expectExactly(expectedAlertRows(organisation, id, runs));
    expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
  });
});

test('writes rows for kinds of alerts inside and outside the reference', async () => {
  const kinds = [
    ...['URL_CONFIRMATION', 'SUCCESSFUL_DEPLOY', 'DEPLOYMENT_FAILURE', 'DEPLOYMENT_MODEL_CHANGE_SUCCESS'],
    ...['DEPLOYMENT_MODEL_CHANGE_FAILURE', 'REQUEST_RATE_LIMIT', 'LOG_FORWARDER_FAILURE'],
    ...['OUTSIDE_REALM_METRIC_THRESHOLD', 'SYNC_FAILURE', 'TRIGGER_FAILURE', 'TRIGGER_AUTO_RESUMED'],
    ...['MONGOTUNE_ALERT', 'A_KIND_OF_TOMORROW'],
  ];
  const organisation = createOrganisation({
    projects: [
      {
        name: 'p',
        clusters: [],
        alertConfigurations: kinds.map((kind) => ({ name: kind, eventTypeName: kind })),
        alerts: kinds.map((kind, index) => ({
          configuration: kind,
          created: T - index * MINUTE,
          fields: { aFieldOfTomorrow: { list: [1, { deep: true }] } },
        })),
      },
    ],
  });
  const id = organisation.projects[0]?.id ?? '';
  scenario = await startScenario({ organisation, start: T });
  await collect([T]);
  const expected = expectedAlertRows(organisation, id, [T]);
  expect(expected).toHaveLength(kinds.length);
  await expectExactly(expected);
});

describe('an alert that Atlas no longer knows', () => {
  test('becomes one gap, and is not followed any longer', async () => {
    const organisation = createOrganisation({
      projects: [
        {
          ...project,
          alerts: [
            { configuration: 'primary', created: T - HOUR, dropped: T + 7 * MINUTE },
            { configuration: 'primary', created: T - HOUR, dropped: T + 8 * MINUTE },
          ],
        },
      ],
    });
    const [first, second] = (organisation.projects[0]?.alerts ?? []).map(({ id }) => id).sort();
    const id = organisation.projects[0]?.id ?? '';
    scenario = await startScenario({ organisation, start: T });
    await collect(ticks(T, T + 20 * MINUTE));
    expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([
      {
        project_id: id,
        dataset: 'alerts',
        target: id,
        ts: lakeTime(T + 5 * MINUTE),
        gap_end: lakeTime(T + 10 * MINUTE),
        reason: `open alerts that Atlas no longer knows: ${first}, ${second}`,
        collected_at: lakeTime(T + 10 * MINUTE),
        cluster_name: null,
      },
    ]);
    expect(scenario.simulator.requests.counts()['getAlert']).toBe(2);
    expect((await tableRows(scenario.bucket, 'alerts')).map(({ change }) => change)).toEqual([
      'opened',
      'opened',
    ]);
  });

  test('continues where it was when it appears again', async () => {
    const organisation = createOrganisation({
      projects: [
        { ...project, alerts: [{ configuration: 'primary', created: T - HOUR, closed: T + 17 * MINUTE }] },
      ],
    });
    scenario = await startScenario({ organisation, start: T });
    await collect([T]);
    const endFault = [
      scenario.simulator.faults.add({
        kind: 'wrong-shape',
        operation: 'listAlertsOfConfiguration',
        body: { results: [] },
      }),
      scenario.simulator.faults.add({ kind: 'status', status: 404, operation: 'getAlert' }),
    ];
    await collect([T + TICK]);
    for (const undo of endFault) undo();
    await collect(ticks(T + 2 * TICK, T + 4 * TICK));
    const rows = await tableRows(scenario.bucket, 'alerts');
    expect(foundChanges(rows).map(({ change, ts }) => [change, (ts - T) / MINUTE])).toEqual([
      ['opened', -60],
      ['closed', 17],
    ]);
  });
});

test('finds alerts cancelled when their configuration is disabled or deleted', async () => {
  const organisation = createOrganisation({
    projects: [
      {
        name: 'p',
        clusters: [],
        alertConfigurations: [
          {
            name: 'disabled',
            eventTypeName: 'HOST_DOWN',
            changes: [{ at: T + 7 * MINUTE, fields: { enabled: false } }],
          },
          { name: 'deleted', eventTypeName: 'NO_PRIMARY', deleted: T + 8 * MINUTE },
        ],
        alerts: [
          { configuration: 'disabled', created: T - HOUR },
          { configuration: 'deleted', created: T - HOUR, acknowledged: { at: T - MINUTE } },
          { configuration: 'deleted', created: T + MINUTE },
        ],
      },
    ],
  });
  const id = organisation.projects[0]?.id ?? '';
  scenario = await startScenario({ organisation, start: T });
  const runs = ticks(T, T + 15 * MINUTE);
  await collect(runs);
  const rows = await expectExactly(expectedAlertRows(organisation, id, runs));
  expect(rows.filter(({ change }) => change === 'cancelled')).toHaveLength(3);
  expect(expectedChanges(organisation, id, runs).filter(({ change }) => change === 'cancelled')).toHaveLength(
    3,
  );
  expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
});
