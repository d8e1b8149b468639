import { afterEach, expect, test } from 'vitest';
import { DAY, MINUTE } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts';
import { tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';

const organisation = createOrganisation({
  projects: [
    {
      name: 'one',
      clusters: [],
      alertConfigurations: [
        { name: 'primary', eventTypeName: 'NO_PRIMARY' },
        { name: 'down', eventTypeName: 'HOST_DOWN' },
      ],
      alerts: [
        { configuration: 'primary', created: T - 3 * DAY },
        { configuration: 'down', created: T + 2 * MINUTE },
      ],
    },
  ],
});

let scenario: Scenario;
let proxy: FaultProxy;
afterEach(async () => {
  await scenario.close();
  await proxy.close();
});

test('a configuration that Atlas refuses to read is a named failure of a partial run, and the others are collected', async () => {
  scenario = await startScenario({
    organisation,
    start: T,
    async front(simulator) {
      proxy = await startFaultProxy(simulator.url);
      return proxy.endpoint;
    },
  });
  const [project] = organisation.projects;
  const refused = `/alertConfigs/${project?.alertConfigurations[0]?.id}/alerts`;
  const answerAgain = proxy.alter(
    ({ path }) => path.includes(refused),
    (answer) => {
      const report = { error: 400, errorCode: 'INVALID_ALERT_CONFIG', reason: 'Bad Request', detail: 'x' };
      return { ...answer, status: 400, body: Buffer.from(JSON.stringify(report)) };
    },
  );
  const changes = async () => (await tableRows(scenario.bucket, 'alerts')).map((row) => row['change']);

  for (const minutes of [0, 5]) {
    const [run] = await scenario.tick(T + minutes * MINUTE, ['alerts']);
    expect(run).toMatchObject({
      outcome: 'partial',
      remaining: 0,
      failures: [{ target: `${project?.id}${refused}` }],
    });
    expect(await changes()).toHaveLength(minutes === 0 ? 1 : 2);
  }
  expect(await tableRows(scenario.bucket, 'alert_configurations')).toHaveLength(2);
  answerAgain();
  expect(await scenario.tick(T + 10 * MINUTE, ['alerts'])).toMatchObject([{ outcome: 'complete' }]);
  expect(await changes()).toEqual(['opened', 'opened']);
});
