import { afterEach, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../../../shared/durations.ts';
import { createOrganisation, type ProjectShape } from '../../../simulator/organisation.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';

const TICK = 5 * MINUTE;

const CONFIGURATIONS = Array.from({ length: 40 }, (_, index) => ({
  name: `c${index}`,
  eventTypeName: 'NO_PRIMARY',
}));

let scenario: Scenario;
afterEach(() => scenario.close());

async function start(project: Partial<ProjectShape>) {
  const organisation = createOrganisation({ projects: [{ name: 'p', clusters: [], ...project }] });
  scenario = await startScenario({ organisation, start: T });
  return organisation;
}

/** Collects one tick and returns its requests about alerts, by operation. */
async function requestsOf(tick: number): Promise<Record<string, number>> {
  scenario.simulator.requests.reset();
  expect(await scenario.tick(tick, ['alerts'])).toMatchObject([{ outcome: 'complete', failures: [] }]);
  const { token: _, listProjects: _projects, ...counts } = scenario.simulator.requests.counts();
  return counts;
}

test('40 configurations cost at most 60 requests an hour, and each of their lists is read once in four hours', async () => {
  const off = { name: 'off', eventTypeName: 'NO_PRIMARY', enabled: false };
  await start({ alertConfigurations: [...CONFIGURATIONS, off] });
  const first = { listAlertConfigurations: 1, listAlertsOfConfiguration: 40, listAlerts: 3 };
  expect(await requestsOf(T)).toEqual(first);

  const later: Record<string, number>[] = [];
  for (let tick = T + TICK; tick <= T + 4 * HOUR; tick += TICK) later.push(await requestsOf(tick));
  const sum = (operation: string) => later.reduce((total, counts) => total + (counts[operation] ?? 0), 0);
  const lists = sum('listAlertsOfConfiguration');
  expect(lists).toBe(40);
  expect((lists + sum('listAlertConfigurations') + sum('listAlerts')) / 4).toBeLessThanOrEqual(60);
  expect(new Set(later.flatMap(Object.keys)).size).toBe(3);
});

test('the list of a configuration is read when the lists of the project show something new of it', async () => {
  // Tracks from 12:01 on, is open from 12:06 on, closes at 12:16.
  const alert = { configuration: 'c7', created: T + MINUTE, opened: T + 6 * MINUTE, closed: T + 16 * MINUTE };
  const organisation = await start({ alertConfigurations: CONFIGURATIONS, alerts: [alert] });
  const id = organisation.projects[0]?.alertConfigurations.find(({ name }) => name === 'c7')?.id;
  const read: boolean[] = [];
  for (let tick = T; tick <= T + 20 * MINUTE; tick += TICK) {
    await requestsOf(tick);
    read.push(
      scenario.simulator.requests.list.some(({ path }) => path.endsWith(`/alertConfigs/${id}/alerts`)),
    );
  }
  expect(read).toEqual([true, true, true, false, false]);
});
