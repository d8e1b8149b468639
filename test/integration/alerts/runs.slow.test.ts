import { afterEach, describe, expect, test } from 'vitest';
import { alertsDataset } from '../../../functions/alerts/collector.ts';
import { HOUR, MINUTE, SECOND } from '../../../shared/durations.ts';
import { createOrganisation, type OrganisationOptions } from '../../../simulator/organisation.ts';
import { expectedAlertRows, withoutRevisions } from '../../support/expected-alerts.ts';
import { type LakeRow, lakeObjects, tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';

const TICK = 5 * MINUTE;

let scenario: Scenario;
afterEach(() => scenario.close());

/** Returns alerts of one configuration in the hour before T; the first of them is the oldest. */
function manyAlerts(
  count: number,
  options: Partial<OrganisationOptions> = {},
  ends: (index: number) => object = () => ({}),
) {
  return createOrganisation({
    ...options,
    projects: [
      {
        name: 'many',
        clusters: [],
        alertConfigurations: [{ name: 'c', eventTypeName: 'NO_PRIMARY' }],
        alerts: Array.from({ length: count }, (_, index) => ({
          configuration: 'c',
          created: T - HOUR + Math.floor((index * 7) / 10) * SECOND,
          ...ends(index),
        })),
      },
    ],
  });
}

/** Counts how often each change of each alert is in the lake. */
function tally(rows: readonly LakeRow[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const key = `${row['alert_id']} ${row['change']}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

async function collect(at: number): Promise<void> {
  expect(await scenario.tick(at, ['alerts'])).toMatchObject([{ outcome: 'complete', failures: [] }]);
}

describe.each(['oldest-first', 'newest-first'] as const)('lists that are %s', (alertOrder) => {
  test('lose and repeat nothing when they shift while their pages are read', async () => {
    // 1,400 alerts are three pages. Between any two requests some of the first close, and others of the middle.
    const organisation = manyAlerts(1_400, { alertOrder }, (index) =>
      index % 3 === 0 ? { closed: T + (index % 97) * SECOND } : {},
    );
    const alerts = organisation.projects[0]?.alerts ?? [];
    let isShifting = false;
    scenario = await startScenario({
      organisation,
      start: T,
      simulator: {
        onRequest: ({ operation }) => {
          if (isShifting && operation !== 'token') scenario.simulator.clock.advance(9 * SECOND);
        },
      },
    });
    isShifting = true;
    await collect(T);
    isShifting = false;
    await collect(T + TICK);
    await collect(T + 2 * TICK);
    const expected = alerts.flatMap(({ id, end }) => [`${id} opened`, ...(end ? [`${id} closed`] : [])]);
    expect(tally(await tableRows(scenario.bucket, 'alerts'))).toEqual(
      new Map(expected.map((key) => [key, 1])),
    );
    expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
  });

  test('are read only at their newest end when they are long', async () => {
    // 5,000 that closed long ago, and one that opens and closes between two runs.
    const organisation = createOrganisation({
      alertOrder,
      projects: [
        {
          name: 'p',
          clusters: [],
          alertConfigurations: [{ name: 'c', eventTypeName: 'NO_PRIMARY' }],
          alerts: [
            ...Array.from({ length: 5_000 }, (_, index) => ({
              configuration: 'c',
              created: T - (6_000 - index) * HOUR,
              closed: T - (6_000 - index) * HOUR + MINUTE,
            })),
            { configuration: 'c', created: T + MINUTE, closed: T + 2 * MINUTE },
          ],
        },
      ],
    });
    const id = organisation.projects[0]?.id ?? '';
    scenario = await startScenario({ organisation, start: T });
    await collect(T);
    scenario.simulator.requests.reset();
    await collect(T + TICK);
    expect(withoutRevisions(await tableRows(scenario.bucket, 'alerts'))).toEqual(
      expectedAlertRows(organisation, id, [T, T + TICK]),
    );
    // One page each of tracking and open alerts. Of closed ones the first and last page, and the one beside the last if it
    // is short.
    expect(scenario.simulator.requests.counts()['listAlerts']).toBeLessThanOrEqual(6);
  });
});

describe.each([false, true])(
  'tracking alerts (left out of the lists of configurations: %s)',
  (hidesTracking) => {
    const HOURS_LATER = T + 4 * HOUR;
    const alert = (ends: object) => ({
      configuration: 'c',
      created: T + MINUTE,
      opened: T + 91 * MINUTE,
      ...ends,
    });

    test.each([
      ['opens and closes between two runs', alert({ closed: T + 94 * MINUTE }), ['opened', 'closed']],
      ['opens and closes hours later', alert({ closed: T + 200 * MINUTE }), ['opened', 'updated', 'closed']],
      [
        'is acknowledged, opens and closes',
        alert({ acknowledged: { at: T + HOUR }, closed: T + 94 * MINUTE }),
        ['opened', 'acknowledged', 'closed'],
      ],
      ['never opens and is cancelled', alert({ cancelled: T + 80 * MINUTE }), ['opened', 'cancelled']],
      ['never opens and closes', alert({ closed: T + 80 * MINUTE }), ['opened', 'closed']],
    ])('writes all changes of an alert that tracks for over an hour and %s', async (_, shape, changes) => {
      const organisation = createOrganisation({
        hidesTracking,
        projects: [
          {
            name: 'p',
            clusters: [],
            alertConfigurations: [{ name: 'c', eventTypeName: 'OUTSIDE_METRIC_THRESHOLD' }],
            alerts: [shape],
          },
        ],
      });
      scenario = await startScenario({ organisation, start: T });
      for (let at = T; at <= HOURS_LATER; at += TICK) await collect(at);
      const rows = await tableRows(scenario.bucket, 'alerts');
      expect(rows.map(({ change }) => change)).toEqual(changes);
      expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
    });
  },
);

test('two collectors that both consider the other dead write nothing twice and lose nothing', async () => {
  const organisation = manyAlerts(30, {}, (index) => (index % 2 === 0 ? { closed: T + 2 * MINUTE } : {}));
  const alerts = organisation.projects[0]?.alerts ?? [];
  scenario = await startScenario({ organisation, start: T });
  await collect(T);
  const rival = await scenario.rival();
  await rival.dispatch(alertsDataset, T + TICK);
  const outcomes = await Promise.allSettled([
    scenario.tick(T + TICK, ['alerts']),
    rival.work([alertsDataset]),
  ]);
  const lost = outcomes.filter(({ status }) => status === 'rejected').length + rival.crashes.length;
  expect(lost).toBeGreaterThanOrEqual(1);
  await scenario.restart();
  await collect(T + TICK);
  const expected = alerts.flatMap(({ id, end }) => [`${id} opened`, ...(end ? [`${id} closed`] : [])]);
  expect(tally(await tableRows(scenario.bucket, 'alerts'))).toEqual(new Map(expected.map((key) => [key, 1])));
  const objects = await lakeObjects(scenario.bucket);
  expect(new Set(objects.map(({ key }) => key)).size).toBe(objects.length);
});

/** Three alerts of two configurations. One of them closes, and is only found by its id. */
function threeAlerts() {
  return createOrganisation({
    projects: [
      {
        name: 'p',
        clusters: [],
        alertConfigurations: [
          { name: 'c', eventTypeName: 'NO_PRIMARY' },
          { name: 'd', eventTypeName: 'HOST_DOWN', created: T + MINUTE },
        ],
        alerts: [
          { configuration: 'c', created: T - 3 * HOUR, closed: T + MINUTE },
          { configuration: 'c', created: T + MINUTE },
          { configuration: 'c', created: T + MINUTE, closed: T + 2 * MINUTE },
        ],
      },
    ],
  });
}

test.each([
  ['the configurations', 'listAlertConfigurations'],
  ['the alerts of the project', 'listAlerts'],
])('a run that cannot read %s fails completely, and the next one catches up', async (_, operation) => {
  const organisation = threeAlerts();
  const id = organisation.projects[0]?.id ?? '';
  scenario = await startScenario({ organisation, start: T });
  await collect(T);
  const endFault = scenario.simulator.faults.add({ kind: 'status', status: 403, operation });
  expect(await scenario.tick(T + TICK, ['alerts'])).toMatchObject([
    { outcome: 'failed', failedTargets: 1, rows: 0 },
  ]);
  endFault();
  await collect(T + 2 * TICK);
  const found = withoutRevisions(await tableRows(scenario.bucket, 'alerts'));
  const keys = (rows: readonly LakeRow[]) => rows.map((row) => JSON.stringify(row)).sort();
  expect(keys(found)).toEqual(keys(expectedAlertRows(organisation, id, [T, T + 2 * TICK])));
  expect(await tableRows(scenario.bucket, 'alert_configurations')).toHaveLength(2);
});

test.each([
  ['the alerts of configurations', 'listAlertsOfConfiguration', 2],
  ['one alert', 'getAlert', 1],
])(
  'a run that cannot read %s collects the others, and the next one catches up',
  async (_, operation, failed) => {
    const organisation = threeAlerts();
    const [first, second, third] = organisation.projects[0]?.alerts ?? [];
    scenario = await startScenario({ organisation, start: T });
    await collect(T);
    const endFault = scenario.simulator.faults.add({ kind: 'status', status: 403, operation });
    expect(await scenario.tick(T + TICK, ['alerts'])).toMatchObject([
      { outcome: 'partial', failedTargets: failed },
    ]);
    const early = await tableRows(scenario.bucket, 'alerts');
    expect([...tally(early).keys()]).toEqual(
      expect.arrayContaining([`${second?.id} opened`, `${third?.id} closed`]),
    );
    endFault();
    await collect(T + 2 * TICK);
    const ended = [first, third].map((alert) => `${alert?.id} closed`);
    const opened = [first, second, third].map((alert) => `${alert?.id} opened`);
    const found = tally(await tableRows(scenario.bucket, 'alerts'));
    expect(found).toEqual(new Map([...opened, ...ended].map((key) => [key, 1])));
    expect(await tableRows(scenario.bucket, 'alert_configurations')).toHaveLength(2);
  },
);

test('a run without time left commits nothing, and the next one does all of it', async () => {
  const names = Array.from({ length: 40 }, (_, index) => `c${index}`);
  const organisation = createOrganisation({
    projects: [
      {
        name: 'p',
        clusters: [],
        alertConfigurations: names.map((name) => ({ name, eventTypeName: 'NO_PRIMARY' })),
        alerts: names.map((name) => ({ configuration: name, created: T - HOUR })),
      },
    ],
  });
  const id = organisation.projects[0]?.id ?? '';
  let isSlow = true;
  scenario = await startScenario({
    organisation,
    start: T,
    // Each response takes ten seconds, and a function has five minutes.
    simulator: { onRequest: () => isSlow && scenario.simulator.clock.advance(10 * SECOND) },
  });
  expect(await scenario.tick(T, ['alerts'])).toMatchObject([{ outcome: 'continued', remaining: 1, rows: 0 }]);
  expect(await tableRows(scenario.bucket, 'alerts')).toEqual([]);
  isSlow = false;
  await collect(T + 2 * TICK);
  const keys = (rows: readonly LakeRow[]) => rows.map((row) => JSON.stringify(row)).sort();
  expect(keys(withoutRevisions(await tableRows(scenario.bucket, 'alerts')))).toEqual(
    keys(expectedAlertRows(organisation, id, [T + 2 * TICK])),
  );
});
