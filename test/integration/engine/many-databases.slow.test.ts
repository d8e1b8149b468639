import { afterEach, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import {
  compare,
  DATABASES,
  exactly,
  expectedRows,
  settledAt,
  targetsOf,
} from '../../support/expected-rows.ts';
import { tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';

let scenario: Scenario;
afterEach(() => scenario.close());

/** At PT1M their watermarks would exceed 4 MB, DynamoDB's limit for a transaction, if all series were counted. */
const COUNT = 1_200;

test('a process with more databases than a transaction can hold is collected, and continues', async () => {
  const databases = Array.from({ length: COUNT }, (_, number) => `tenant${number}`);
  const organisation = createOrganisation({
    databaseSampling: MINUTE,
    projects: [{ name: 'one', clusters: [{ name: 'c', nodes: 1, databases }] }],
  });
  const size = { capacity: 10_000, refill: 10_000 };
  scenario = await startScenario({
    organisation,
    start: T,
    simulator: { rateLimits: { sizes: { monitoring: size } } },
    config: { datasets: { database_measurements: { granularity: 'PT1M', backfill: 'PT30M' } } },
  });
  const minutely = { ...DATABASES, granularity: 'PT1M', interval: MINUTE } as const;
  for (const tick of [T, T + 20 * MINUTE]) {
    const runs = await scenario.tick(tick, ['database_measurements']);
    expect(runs).toMatchObject([{ outcome: 'complete', targets: COUNT, failedTargets: 0 }]);
    const expected = targetsOf(organisation, minutely).flatMap((target) =>
      expectedRows(organisation, target, {
        granularity: 'PT1M',
        from: T - HOUR / 2,
        to: settledAt(minutely, tick),
        readAt: tick,
      }),
    );
    expect(compare(await tableRows(scenario.bucket, 'database_measurements'), expected)).toEqual(
      exactly(expected),
    );
  }
}, 180_000);
