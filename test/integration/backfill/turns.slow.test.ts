import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LakeStore } from '../../../cli/backfill/lake-store.ts';
import { HOUR, MINUTE } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { deleteObjects, verified } from '../../support/backfilled-lake.ts';
import { compare, identity } from '../../support/expected-rows.ts';
import { lakeViolations } from '../../support/lake-check.ts';
import { tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';

const NAME = 'disk_measurements';
const DAY_START = T - 12 * HOUR;
const PERIOD = { from: DAY_START, to: DAY_START + 24 * HOUR };
const LAST = DAY_START + 25 * HOUR;
const GOOD = { missing: [], unexpected: [], twice: [] };

let scenario: Scenario;
/** The rows before objects were deleted. */
let all: string[];
beforeEach(async () => {
  const cluster = { name: 'c', nodes: [{}], databases: [], disks: ['data', 'journal'] };
  const organisation = createOrganisation({ projects: [{ name: 'p', clusters: [cluster] }] });
  const config = { datasets: { [NAME]: { backfill: 'PT0S' } } };
  scenario = await startScenario({ organisation, start: DAY_START, config });
  for (let at = DAY_START; at <= LAST; at += HOUR) await scenario.tick(at, [NAME]);
  all = (await tableRows(scenario.bucket, NAME)).map(identity);
  await deleteObjects(
    scenario.bucket,
    NAME,
    (key, index) => key.includes('dt=2026-03-02') && index % 4 === 1,
  );
});
afterEach(() => scenario.close());

/** Returns a store that does something else before the first call of a method. */
function before<Part extends 'cursors' | 'lake'>(
  part: Part,
  method: keyof LakeStore[Part],
  act: () => Promise<unknown>,
): (store: LakeStore) => LakeStore {
  let isFirst = true;
  return (store) => ({
    ...store,
    [part]: new Proxy(store[part], {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        if (name !== method) return value.bind(target);
        return async (...args: unknown[]) => {
          const isNow = isFirst;
          isFirst = false;
          if (isNow) await act();
          return value.apply(target, args);
        };
      },
    }),
  });
}

/** Returns a store in which the first object of the lake takes six minutes. */
function slowly(store: LakeStore): LakeStore {
  let isFirst = true;
  const lake = new Proxy(store.lake, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        if (isFirst && name === 'read' && String(args[0]).startsWith(`${NAME}/`)) {
          isFirst = false;
          scenario.simulator.clock.advance(6 * MINUTE);
        }
        return value.apply(target, args);
      };
    },
  });
  return { ...store, lake };
}

async function expectAllOnce(): Promise<void> {
  const rows = await tableRows(scenario.bucket, NAME);
  const known = new Set(all);
  // Later ticks may have added rows of a later time.
  expect(
    compare(
      rows.filter((row) => known.has(identity(row))),
      all,
    ),
  ).toMatchObject(GOOD);
  expect(await lakeViolations(scenario.bucket)).toEqual([]);
}

test('rows that another backfill wrote before this one had the lease are not written again', async () => {
  const store = before('cursors', 'putHeader', () => scenario.backfill(NAME, PERIOD));
  const [result] = await scenario.backfill(NAME, PERIOD, { store });
  expect(result?.findings.absent).toBe(0);
  await expectAllOnce();
});

test('a run that takes the lease while a backfill writes makes it read the day again', async () => {
  // The collector of the command line takes any lease.
  const store = before('lake', 'create', () => scenario.tick(LAST + HOUR, [NAME]));
  const [result] = await scenario.backfill(NAME, PERIOD, { store });
  expect(result?.failures).toEqual([]);
  await expectAllOnce();
  expect((await verified(scenario, LAST)).findings).toEqual([]);
});

test('a backfill goes on after a run in which reading the lake took all of the time', async () => {
  const [result] = await scenario.backfill(NAME, PERIOD, { store: slowly });
  expect(result?.failures).toEqual([]);
  expect(result?.findings.absent).toBeGreaterThan(0);
  await expectAllOnce();
  // It has waited for the collector in between.
  expect(scenario.simulator.clock.now() - LAST).toBeGreaterThan(15 * MINUTE);
});

test('a target that fails leaves its objects missing, until a repetition reads it', async () => {
  scenario.simulator.faults.add({ kind: 'status', status: 400, pattern: /journal\/measurements/ });
  const [failed] = await scenario.backfill(NAME, PERIOD);
  expect(failed).toMatchObject({ replacedObjects: 0 });
  expect((failed?.failures.length ?? 0) + (failed?.findings.refusals.size ?? 0)).toBeGreaterThan(0);
  expect((await verified(scenario, LAST)).findings.map(({ problem }) => problem)).toEqual(['missing']);
  scenario.simulator.faults.clear();
  await scenario.backfill(NAME, PERIOD);
  await expectAllOnce();
  expect((await verified(scenario, LAST)).findings).toEqual([]);
});
