import { readdir } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HOUR, MINUTE } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import {
  compare,
  DATABASES,
  DISKS,
  exactly,
  expectedRows,
  settledAt,
  targetsOf,
} from '../../support/expected-rows.ts';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts';
import { lakeViolations } from '../../support/lake-check.ts';
import { tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';
import { CANARY, type Change, change, changed, WORST_TEXTS } from './change.ts';
import { SHAPE } from './organisation.ts';
import { expectCleanPrototypes } from './prototypes.ts';

/** Runs every dataset for two projects. Atlas's answers about one of them are hostile. */

const organisation = createOrganisation(SHAPE);
const [victim = '', bystander = ''] = organisation.projects.map(({ id }) => id);

/** A part of the path of each kind of request about a project. */
const ANSWERS = [
  ...['/clusters?', '/processes?', '/databases?', '/disks?'],
  ...['/databases/a/measurements', '/databases/b/measurements', '/disks/data/measurements'],
  ...['/dbAccessHistory/', '/collStats/', '/alertConfigs?', '/alertConfigs/', '/alerts?', '/alerts/'],
];

interface Attack {
  about: string;
  /** Whether every answer of this kind in the run is changed, or only the first. */
  every: boolean;
  change: Change;
}

const attack: fc.Arbitrary<Attack> = fc.record({
  about: fc.constantFrom(...ANSWERS),
  every: fc.boolean(),
  change,
});

const config = {
  datasets: Object.fromEntries(
    [DATABASES.table, DISKS.table, 'access_logs', 'ranked_namespaces'].map((name) => [
      name,
      { backfill: 'PT2H' },
    ]),
  ),
};

/** Checks that INFO and above contain nothing from Atlas. DEBUG may, because people use it to find causes. */
function expectLoggable(...logged: unknown[]): void {
  expect(JSON.stringify(logged)).not.toContain(CANARY);
}

async function underAttack(attacks: readonly Attack[], only?: readonly string[]): Promise<void> {
  let proxy: FaultProxy | undefined;
  const scenario = await startScenario({
    organisation,
    start: T,
    config,
    log: { debug: () => {}, info: expectLoggable, warn: expectLoggable, error: expectLoggable },
    async front(simulator) {
      proxy = await startFaultProxy(simulator.url);
      return proxy.endpoint;
    },
  });
  try {
    let tick = T;
    for (const { about, every, change } of attacks) {
      let left = every ? Number.POSITIVE_INFINITY : 1;
      const stop = proxy?.alter(
        ({ path }) => {
          if (!path.includes(victim) || !path.includes(about) || left === 0) return false;
          left -= 1;
          return true;
        },
        (answer) => ({ ...answer, body: Buffer.from(changed(answer.body.toString(), change)) }),
      );
      await expectBystanderComplete(scenario, tick, only);
      stop?.();
      tick += HOUR;
    }
    // The hostile answers left nothing behind that breaks the next run.
    const runs = await expectBystanderComplete(scenario, tick, only);
    expect(runs.filter(({ outcome }) => outcome !== 'complete')).toEqual([]);
    await expectInOrder(scenario, tick, only);
  } finally {
    await scenario.close();
    await proxy?.close();
  }
}

async function expectBystanderComplete(scenario: Scenario, tick: number, only?: readonly string[]) {
  const runs = await scenario.tick(tick, only);
  const others = runs.filter(({ project }) => project === bystander);
  expect(others.length).toBeGreaterThan(0);
  for (const run of others) expect(run).toMatchObject({ outcome: 'complete' });
  expectCleanPrototypes();
  return runs;
}

async function expectInOrder(scenario: Scenario, last: number, only?: readonly string[]): Promise<void> {
  const beside = await readdir(path.dirname(scenario.bucket));
  expect(beside.sort()).toEqual(['.cursors', '.s3', 'lake']);
  expect(await lakeViolations(scenario.bucket)).toEqual([]);
  for (const kind of [DATABASES, DISKS]) {
    if (only && !only.includes(kind.table)) continue;
    const expected = targetsOf(organisation, kind)
      .filter(({ projectId }) => projectId === bystander)
      .flatMap((target) =>
        expectedRows(organisation, target, {
          granularity: kind.granularity,
          from: T - 2 * HOUR,
          to: settledAt(kind, last),
          readAt: last,
        }),
      );
    const rows = await tableRows(scenario.bucket, kind.table);
    const found = rows.filter((row) => row['project_id'] === bystander);
    expect(compare(found, expected)).toEqual(exactly(expected));
  }
}

/** The fields that the collector reads, with their answers and a dataset that requests these. */
const FIELDS: Array<[about: string, field: string, dataset: string]> = [
  ['/clusters?', 'results/name', 'database_measurements'],
  ['/clusters?', 'results/connectionStrings/standard', 'database_measurements'],
  ['/processes?', 'results/id', 'database_measurements'],
  ['/processes?', 'results/hostname', 'database_measurements'],
  ['/processes?', 'results/userAlias', 'database_measurements'],
  ['/processes?', 'results/typeName', 'database_measurements'],
  ['/processes?', 'results/replicaSetName', 'database_measurements'],
  ['/databases?', 'results/databaseName', 'database_measurements'],
  ['/disks?', 'results/partitionName', 'disk_measurements'],
  ['/measurements?', 'measurements/name', 'disk_measurements'],
  ['/measurements?', 'measurements/units', 'database_measurements'],
  ['/measurements?', 'measurements/dataPoints/timestamp', 'disk_measurements'],
  ['/measurements?', 'measurements/dataPoints/value', 'database_measurements'],
  ['/dbAccessHistory/', 'accessLogs/timestamp', 'access_logs'],
  ['/dbAccessHistory/', 'accessLogs/logLine', 'access_logs'],
  ['/dbAccessHistory/', 'accessLogs/username', 'access_logs'],
  ['/dbAccessHistory/', 'accessLogs/hostname', 'access_logs'],
  ['/dbAccessHistory/', 'accessLogs/failureReason', 'access_logs'],
  ['/collStats/namespaces', 'rankedNamespaces', 'ranked_namespaces'],
  ['/collStats/measurements', 'measurements/name', 'ranked_namespaces'],
  ['/collStats/measurements', 'granularity', 'ranked_namespaces'],
  ['/alertConfigs?', 'results/id', 'alerts'],
  ['/alertConfigs?', 'results/eventTypeName', 'alerts'],
  ['/alerts?', 'results/id', 'alerts'],
  ['/alerts?', 'results/status', 'alerts'],
  ['/alerts?', 'results/created', 'alerts'],
  ['/alerts?', 'results/clusterName', 'alerts'],
  ['/alerts?', 'results/acknowledgementComment', 'alerts'],
];

test.each(FIELDS)(
  'bad texts in %s %s of one project leave the other complete',
  async (about, field, dataset) => {
    const attacks = WORST_TEXTS.map(
      (text): Attack => ({ about, every: false, change: { kind: 'replace', field, element: 0, text } }),
    );
    await underAttack(attacks, [dataset]);
  },
);

test('random answers about one project leave the other complete and the lake valid', {
  timeout: 10 * MINUTE,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(attack, { minLength: 1, maxLength: 8 }), (attacks) => underAttack(attacks)),
    {
      numRuns: 40,
      interruptAfterTimeLimit: 100_000,
    },
  );
});
