import { afterEach, describe, expect, test } from 'vitest';
import { DAY, HOUR } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import type { Fault } from '../../../simulator/server.ts';
import {
  expectedNamespaces,
  NAMESPACE_MEASUREMENTS,
  RANKS,
} from '../../support/expected-ranked-namespaces.ts';
import { tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { lakeTime, T } from '../../support/times.ts';
import { collect, expectLake, hourly } from './support.ts';

let scenario: Scenario;
afterEach(() => scenario.close());

const organisation = createOrganisation({
  projects: [
    {
      name: 'p',
      clusters: [
        { name: 'c', nodes: 2, databases: [{ name: 'shop', collections: ['carts', 'items', 'orders'] }] },
      ],
    },
  ],
});
const broken = organisation.projects[0]?.processes[1]?.id ?? '';
const items: Fault = { kind: 'status', status: 500, processId: broken, pattern: /items/ };
const all: Fault = { kind: 'status', status: 500, processId: broken, operation: 'namespaceMeasurements' };
const gaps = () => tableRows(scenario.bucket, 'collection_gaps');

/** Returns the expected rows without the measurements that a condition excludes. */
function without(ticks: readonly number[], isLost: (row: Record<string, unknown>) => boolean) {
  const { ranks, measurements } = expectedNamespaces(organisation, ticks);
  return { ranks, measurements: measurements.filter((row) => !isLost(JSON.parse(row))) };
}

describe('a namespace whose measurements always fail', () => {
  test('becomes a gap of each hour, and its process stays about six hours behind', async () => {
    scenario = await startScenario({ organisation, start: T });
    const endFault = scenario.simulator.faults.add(items);
    const ticks = hourly(30);
    const lags: number[] = [];
    for (const tick of ticks) {
      const [run] = await scenario.tick(tick, [RANKS]);
      expect(run).toMatchObject({ outcome: 'partial', failedTargets: 1 });
      lags.push((run?.lagSeconds ?? 0) / 3600);
    }
    // The first run begins six hours back.
    expect(Math.max(...lags)).toBeLessThanOrEqual(13);
    expect(lags.at(-1)).toBeLessThanOrEqual(8);
    endFault();
    const next = T + 30 * HOUR;
    expect(await collect(scenario, [next])).toEqual(['complete']);
    const found = await gaps();
    const lost = new Set(found.map(({ ts }) => ts));
    expect(lost.size).toBeGreaterThan(15);
    for (const gap of found) {
      expect(gap).toMatchObject({
        target: broken,
        reason: 'measurements that Atlas does not give: shop.items (500 UNEXPECTED_ERROR)',
      });
      expect(gap['ts']).toSatisfy((ts: string) => ts <= lakeTime(next - 7 * HOUR));
    }
    const hourOf = (row: Record<string, unknown>) => `${String(row['ts']).slice(0, 13)}:00:00.000`;
    const isLost = (row: Record<string, unknown>) =>
      row['process_id'] === broken && row['namespace'] === 'shop.items' && lost.has(hourOf(row));
    await expectLake(scenario, without([...ticks, next], isLost));
  });

  test('is not lost if Atlas returns it within six hours, or after a long time in which it returned none', async () => {
    scenario = await startScenario({ organisation, start: T });
    const first = hourly(6);
    let endFault = scenario.simulator.faults.add(items);
    await collect(scenario, first);
    endFault();
    endFault = scenario.simulator.faults.add(all);
    const second = hourly(30, T + 6 * HOUR);
    await collect(scenario, second);
    endFault();
    expect(await collect(scenario, [T + 36 * HOUR])).toEqual(['complete']);
    expect(await gaps()).toEqual([]);
    await expectLake(
      scenario,
      without([...first, ...second, T + 36 * HOUR], () => false),
    );
  });

  test('is not lost when the collector first meets it after an outage of its own', async () => {
    scenario = await startScenario({ organisation, start: T });
    await collect(scenario, [T]);
    const back = T + 2 * DAY - 4 * HOUR;
    const endFault = scenario.simulator.faults.add(items);
    expect(await collect(scenario, [back])).toEqual(['partial']);
    endFault();
    expect(await collect(scenario, [back + HOUR])).toEqual(['complete']);
    expect(await gaps()).toEqual([]);
    await expectLake(
      scenario,
      without([T, back, back + HOUR], () => false),
    );
  });
});

test('rankings are read although no measurements are given for days', async () => {
  scenario = await startScenario({ organisation, start: T });
  scenario.simulator.faults.add(all);
  const ticks = hourly(60);
  await collect(scenario, ticks);
  const rows = await tableRows(scenario.bucket, RANKS);
  const newest = rows.filter(({ process_id }) => process_id === broken).map(({ ts }) => String(ts));
  expect(newest.sort().at(-1)).toSatisfy((ts: string) => ts >= lakeTime(T + 18 * HOUR));
  for (const { reason } of await gaps())
    expect(reason).toMatch(/^measurements that Atlas does not give: shop\./);
});

test.each<[string, Record<string, unknown>]>([
  ['without a name', {}],
  ['whose points are no list', { name: 'WRONG', dataPoints: 7 }],
])('a series %s is a gap of its hour, and the other series are written', async (_, series) => {
  scenario = await startScenario({ organisation, start: T });
  const dataPoints = [{ timestamp: new Date(T - 2 * HOUR).toISOString(), value: 1 }];
  const measurements = [series, { name: 'GOOD', dataPoints }];
  scenario.simulator.faults.add({
    ...{ kind: 'wrong-shape', pattern: /items/, processId: broken },
    body: { granularity: 'PT10M', measurements },
  });
  expect(await collect(scenario, [T])).toEqual(['partial']);
  const rows = await tableRows(scenario.bucket, NAMESPACE_MEASUREMENTS);
  expect(rows.filter(({ measurement }) => measurement === 'GOOD')).toHaveLength(1);
  const reason = 'measurements that Atlas does not give: shop.items (1 series or points cannot be read)';
  expect(new Set((await gaps()).map((gap) => gap['reason']))).toEqual(new Set([reason]));
  expect((await gaps()).map(({ ts }) => ts)).toContain(lakeTime(T - 2 * HOUR));
});
