import { afterEach, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../../../shared/durations.ts';
import { createOrganisation, type OrganisationOptions } from '../../../simulator/organisation.ts';
import { compare, exactly, expectedRows, SEARCH, settledAt, targetsOf } from '../../support/expected-rows.ts';
import { lakeViolations } from '../../support/lake-check.ts';
import { tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';

const TICK = 30 * MINUTE;
const BACKFILL = 2 * HOUR;

/** A project with a cluster that has Atlas Search from a time on, and one that never has it. */
function organisationWith(from: number, more: OrganisationOptions = {}) {
  return createOrganisation({
    ...more,
    projects: [
      {
        name: 'p',
        clusters: [
          { name: 'searched', nodes: 1, search: { from } },
          { name: 'plain', nodes: 1 },
        ],
      },
    ],
  });
}

let scenario: Scenario;
afterEach(() => scenario.close());

async function start(organisation: ReturnType<typeof createOrganisation>): Promise<void> {
  const config = { datasets: { search_measurements: { backfill: 'PT2H' } } };
  scenario = await startScenario({ organisation, start: T, config });
}

/** Runs the ticks up to a time, and returns how many requests each process got. */
async function runUntil(last: number): Promise<Map<string, number>> {
  const before = scenario.simulator.requests.list.length;
  for (let tick = T; tick <= last; tick += TICK) {
    const runs = await scenario.tick(tick, [SEARCH.table]);
    expect(runs).toMatchObject([{ outcome: 'complete', failedTargets: 0 }]);
    expect(runs[0]?.lagSeconds).toBeLessThan(1800);
  }
  const counts = new Map<string, number>();
  for (const { operation, path } of scenario.simulator.requests.list.slice(before)) {
    if (operation !== 'searchMeasurements') continue;
    const process = decodeURIComponent(path.split('/')[7] ?? '');
    counts.set(process, (counts.get(process) ?? 0) + 1);
  }
  return counts;
}

const notes = async (): Promise<string> =>
  (await tableRows(scenario.bucket, 'collection_runs')).map((row) => row['notes'] ?? '').join('\n');

async function expectRows(organisation: ReturnType<typeof createOrganisation>, last: number): Promise<void> {
  const rows = targetsOf(organisation, SEARCH).flatMap((target) =>
    expectedRows(organisation, target, {
      granularity: 'PT1M',
      from: T - BACKFILL,
      to: settledAt(SEARCH, last),
      readAt: last,
    }),
  );
  expect(rows.length).toBeGreaterThan(0);
  expect(compare(await tableRows(scenario.bucket, SEARCH.table), rows)).toEqual(exactly(rows));
  expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
  expect(await lakeViolations(scenario.bucket)).toEqual([]);
}

test.each(['empty', 'refused'] as const)(
  'a host without Atlas Search, whose response is %s, is asked once in four hours, with a note',
  async (withoutSearch) => {
    const organisation = organisationWith(T - 10 * HOUR, { withoutSearch });
    await start(organisation);
    const counts = await runUntil(T + 8 * HOUR);
    const [searched = '', plain = ''] = organisation.projects[0]?.processes.map(({ id }) => id) ?? [];
    // 17 ticks, and at first the time before. A host without it gets the first request and two more.
    expect(Object.fromEntries(counts)).toEqual({ [searched]: 17, [plain]: 3 });
    await expectRows(organisation, T + 8 * HOUR);
    expect(await notes()).toContain(
      'a process has no values of Atlas Search; it is asked again in four hours',
    );
  },
);

test.each(['empty', 'refused'] as const)(
  'Atlas Search that begins, where the response was %s before, is collected from its first value',
  async (withoutSearch) => {
    const organisation = organisationWith(T + 75 * MINUTE, { withoutSearch });
    await start(organisation);
    await runUntil(T + 6 * HOUR);
    await expectRows(organisation, T + 6 * HOUR);
  },
);

test('a refusal of a host that had values is a note, and its values are read when Atlas gives them again', async () => {
  const organisation = organisationWith(T - 10 * HOUR);
  await start(organisation);
  await runUntil(T);
  const end = scenario.simulator.faults.add({
    kind: 'status',
    operation: 'searchMeasurements',
    status: 400,
    errorCode: 'ATLAS_SEARCH_DEPLOYMENT_DOES_NOT_EXIST',
  });
  const runs = await scenario.tick(T + HOUR, [SEARCH.table]);
  expect(runs).toMatchObject([{ outcome: 'complete', failedTargets: 0 }]);
  end();
  await scenario.tick(T + 6 * HOUR, [SEARCH.table]);
  await expectRows(organisation, T + 6 * HOUR);
});

test('a host that Atlas does not know is a failure', async () => {
  const organisation = organisationWith(T - 10 * HOUR);
  await start(organisation);
  scenario.simulator.faults.add({ kind: 'host-not-found' });
  expect(await scenario.tick(T, [SEARCH.table])).toMatchObject([{ outcome: 'failed', failedTargets: 2 }]);
});
