import { afterEach, expect, test } from 'vitest';
import type { LakeStore } from '../../../cli/backfill/lake-store.ts';
import { HOUR } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { deleteObjects, verified } from '../../support/backfilled-lake.ts';
import { compare, identity } from '../../support/expected-rows.ts';
import { lakeViolations } from '../../support/lake-check.ts';
import { tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';

const NAME = 'disk_measurements';
const DAY_START = T - 12 * HOUR;

class Crash extends Error {}

/** The methods that change something. A death between two others is like one before the next of these. */
const WRITES = new Set(['putHeader', 'putTogether', 'create', 'createUnlessExists', 'empty']);

/** Returns a store whose n-th write to S3 or DynamoDB ends the process, before or after its effect. */
function crashing(store: LakeStore, crashAt: number, when: 'before' | 'after'): LakeStore {
  let calls = 0;
  const wrapped = <Part extends object>(part: Part): Part =>
    new Proxy(part, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name, target);
        if (typeof method !== 'function') return method;
        if (!WRITES.has(String(name))) return method.bind(target);
        return async (...args: unknown[]) => {
          calls += 1;
          const isLast = calls >= crashAt;
          if (isLast && when === 'before') throw new Crash();
          const result: unknown = await method.apply(target, args);
          if (isLast) throw new Crash();
          return result;
        };
      },
    });
  return { ...store, cursors: wrapped(store.cursors), lake: wrapped(store.lake) };
}

let scenario: Scenario;
afterEach(() => scenario.close());

test.each(['before', 'after'] as const)(
  'a backfill that dies %s any call is completed by its repetition',
  async (when) => {
    const cluster = { name: 'c', nodes: [{}], databases: [], disks: ['data'] };
    const organisation = createOrganisation({ projects: [{ name: 'p', clusters: [cluster] }] });
    const config = { datasets: { [NAME]: { backfill: 'PT0S' } } };
    scenario = await startScenario({ organisation, start: DAY_START, config });
    for (let at = DAY_START; at <= DAY_START + 25 * HOUR; at += HOUR) await scenario.tick(at, [NAME]);
    const period = { from: DAY_START, to: DAY_START + 24 * HOUR };
    const all = (await tableRows(scenario.bucket, NAME)).map(identity);
    const deleted = await deleteObjects(
      scenario.bucket,
      NAME,
      (key, index) => key.includes('dt=2026-03-02') && index % 5 === 0,
    );
    let crashes = 0;
    for (let call = 1; ; call += 1) {
      const work = scenario.backfill(NAME, period, {
        store: (store) => crashing({ ...store, breakLease: true }, call, when),
      });
      const outcome = await work.then(
        () => 'done',
        (error: unknown) => error,
      );
      if (outcome === 'done') break;
      crashes += 1;
    }
    expect(crashes).toBeGreaterThan(5);
    const rows = await tableRows(scenario.bucket, NAME);
    expect(compare(rows, all)).toMatchObject({ missing: [], unexpected: [], twice: [] });
    expect(await lakeViolations(scenario.bucket)).toEqual([]);
    const { findings, checked } = await verified(scenario, DAY_START + 25 * HOUR);
    expect(findings).toEqual([]);
    expect(checked.replaced).toBe(deleted);
  },
);
