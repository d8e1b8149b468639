import { afterEach, describe, expect, test } from 'vitest';
import { createOrganisation, type ProjectShape } from '../../../simulator/organisation.ts';
import { DAY, HOUR, MINUTE } from '../../../simulator/time.ts';
import { T } from '../../support/times.ts';
import { type Api, results, startApi } from './api-client.ts';

let api: Api;

const project: ProjectShape = {
  name: 'p',
  clusters: [],
  alertConfigurations: [
    {
      name: 'metric',
      eventTypeName: 'OUTSIDE_METRIC_THRESHOLD',
      fields: { metricThreshold: { metricName: 'CONNECTIONS', threshold: 80, units: 'RAW' } },
      changes: [{ at: T + HOUR, fields: { enabled: false } }],
    },
    { name: 'plain', eventTypeName: 'NO_PRIMARY', deleted: T + 2 * HOUR },
  ],
  alerts: [
    { configuration: 'metric', created: T - 3 * HOUR },
    {
      configuration: 'metric',
      created: T - 2 * HOUR,
      acknowledged: { at: T - HOUR, until: T + 10 * MINUTE },
    },
    { configuration: 'plain', created: T - HOUR, opened: T + 5 * MINUTE },
    { configuration: 'plain', created: T - 5 * HOUR, closed: T - 4 * HOUR, dropped: T + DAY },
  ],
};

async function start(options: Partial<Parameters<typeof createOrganisation>[0]> = {}) {
  const organisation = createOrganisation({ projects: [project], ...options });
  const [first] = organisation.projects;
  if (!first) throw new Error('no project');
  api = await startApi({ organisation, now: T });
  const [metric, plain] = first.alertConfigurations.map(({ id }) => id);
  const [oldest, acknowledged, tracked, closed] = first.alerts.map(({ id }) => id);
  return { group: `/groups/${first.id}`, metric, plain, oldest, acknowledged, tracked, closed };
}

const ids = async (path: string) => results(await api.get(path)).map(({ id }) => id);

describe('alerts', () => {
  afterEach(() => api.simulator.close());

  test("are missing from the list of their configuration while acknowledged, but not from the project's", async () => {
    const { group, metric, oldest, acknowledged } = await start();
    expect(await ids(`${group}/alertConfigs/${metric}/alerts`)).toEqual([oldest]);
    expect(await ids(`${group}/alerts?status=OPEN`)).toEqual([oldest, acknowledged]);
    api.simulator.clock.set(T + 10 * MINUTE);
    expect(await ids(`${group}/alertConfigs/${metric}/alerts`)).toEqual([oldest, acknowledged]);
  });

  test('are listed by status', async () => {
    const { group, oldest, acknowledged, tracked, closed } = await start();
    expect(await ids(`${group}/alerts?status=TRACKING`)).toEqual([tracked]);
    expect(await ids(`${group}/alerts?status=CLOSED`)).toEqual([closed]);
    expect(await ids(`${group}/alerts`)).toEqual([closed, oldest, acknowledged, tracked]);
    expect(await api.refusal(`${group}/alerts?status=ENDED`)).toEqual([400, 'INVALID_ENUM_VALUE']);
    api.simulator.clock.set(T + 5 * MINUTE);
    expect(await ids(`${group}/alerts?status=TRACKING`)).toEqual([]);
  });

  test('are listed newest first if the organisation configures it', async () => {
    const { group, metric, plain, oldest, acknowledged } = await start({ alertOrder: 'newest-first' });
    expect(await ids(`${group}/alerts?status=OPEN`)).toEqual([acknowledged, oldest]);
    expect((await ids(`${group}/alertConfigs`)).toSorted()).toEqual([metric, plain].toSorted());
  });

  test('are cancelled when their configuration is disabled or deleted', async () => {
    const { group, metric, plain, oldest, tracked, closed } = await start();
    const document = async (id: string | undefined) => (await api.get(`${group}/alerts/${id}`)).document;
    api.simulator.clock.set(T + HOUR);
    expect(await ids(`${group}/alertConfigs/${metric}/alerts`)).toEqual([]);
    expect(await document(oldest)).toMatchObject({ status: 'CANCELLED', updated: '2026-03-02T13:00:00Z' });
    expect(await document(oldest)).not.toHaveProperty('resolved');
    expect((await document(tracked))['status']).toBe('OPEN');
    api.simulator.clock.set(T + 2 * HOUR);
    expect(await api.refusal(`${group}/alertConfigs/${plain}/alerts`)).toEqual([
      404,
      'ALERT_CONFIG_NOT_FOUND',
    ]);
    expect(await api.refusal(`${group}/alertConfigs/${plain}`)).toEqual([404, 'ALERT_CONFIG_NOT_FOUND']);
    expect((await document(tracked))['status']).toBe('CANCELLED');
    expect(await document(closed)).toMatchObject({ status: 'CLOSED', resolved: '2026-03-02T08:00:00Z' });
  });

  test('change with every evaluation, even long after their end', async () => {
    const { group, oldest, closed } = await start();
    const document = async (id: string | undefined) => (await api.get(`${group}/alerts/${id}`)).document;
    const before = await document(oldest);
    api.simulator.clock.advance(61 * MINUTE - 1);
    const after = await document(oldest);
    for (const field of ['updated', 'lastNotified', 'currentValue'])
      expect(after[field]).not.toEqual(before[field]);
    expect(await document(closed)).toMatchObject({ updated: '2026-03-02T08:00:00Z' });
    api.simulator.clock.set(T + 13 * HOUR);
    expect(await document(closed)).toMatchObject({ updated: '2026-03-03T00:00:00Z' });
  });

  test('respond with 404 before their creation and after they are dropped', async () => {
    const { group, oldest, closed } = await start();
    api.simulator.clock.set(T + DAY);
    expect(await api.refusal(`${group}/alerts/${closed}`)).toEqual([404, 'ALERT_NOT_FOUND']);
    expect(await ids(`${group}/alerts?status=CLOSED`)).toEqual([]);
    api.simulator.clock.set(T - 4 * HOUR);
    expect(await api.refusal(`${group}/alerts/${oldest}`)).toEqual([404, 'ALERT_NOT_FOUND']);
  });

  test('that recur are the same in every response, and end', async () => {
    const shape: ProjectShape = {
      ...project,
      alerts: [],
      recurringAlerts: [
        { configuration: 'plain', every: HOUR, phase: 10 * MINUTE, closedAfter: 20 * MINUTE },
      ],
    };
    const { group } = await start({ projects: [shape] });
    api.simulator.clock.set(T + 11 * MINUTE);
    const [id, ...others] = await ids(`${group}/alerts?status=OPEN`);
    expect(others).toEqual([]);
    api.simulator.clock.set(T + 30 * MINUTE);
    expect(await ids(`${group}/alerts?status=OPEN`)).toEqual([]);
    expect((await api.get(`${group}/alerts/${id}`)).document).toMatchObject({
      created: '2026-03-02T12:10:00Z',
      resolved: '2026-03-02T12:30:00Z',
      status: 'CLOSED',
    });
    // 30 days of recurring alerts.
    expect(await ids(`${group}/alerts?status=CLOSED&itemsPerPage=500&pageNum=2`)).toHaveLength(30 * 24 - 500);
  });
});

test('createOrganisation rejects an alert of an unknown configuration', () => {
  const alerts = [{ configuration: 'nothing', created: T }];
  expect(() => createOrganisation({ projects: [{ ...project, alerts }] })).toThrow(
    'there is no alert configuration nothing',
  );
});
