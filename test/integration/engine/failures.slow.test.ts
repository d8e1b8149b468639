import { afterEach, describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import type { Fault } from '../../../simulator/server.ts';
import {
  compare,
  DATABASES,
  DISKS,
  exactly,
  expectedOf,
  settledAt,
  targetsOf,
} from '../../support/expected-rows.ts';
import { tableRows } from '../../support/lake-files.ts';
import { MEASUREMENTS, type Scenario, startScenario } from '../../support/scenario.ts';
import { lakeTime, T } from '../../support/times.ts';

const TICK = 20 * MINUTE;

let scenario: Scenario;
afterEach(() => scenario.close());

const shape = {
  projects: [
    { name: 'one', clusters: [{ name: 'c', nodes: 3, databases: ['orders', 'stock'], disks: ['data'] }] },
    { name: 'two', clusters: [{ name: 'd', nodes: 1, databases: ['orders'], disks: ['data'] }] },
  ],
};
const organisation = createOrganisation(shape);
const [one, two] = organisation.projects.map(({ id }) => id);
const broken = organisation.projects[0]?.processes[1]?.id ?? '';

/** Little data, because what fails does not depend on it. */
const BACKFILL = 2 * HOUR;
const config = {
  datasets: {
    database_measurements: { backfill: 'PT2H' },
    disk_measurements: { backfill: 'PT2H' },
  },
};

/** Returns the rows of all targets except those of the broken process. */
function expectedWithoutBroken(kind: typeof DATABASES, last: number): string[] {
  return expectedOf(organisation, kind, { first: T, backfill: BACKFILL, last }).filter(
    (row) => !row.includes(`"${broken}"`),
  );
}

async function expectExactly(kind: typeof DATABASES, expected: string[]): Promise<void> {
  expect(compare(await tableRows(scenario.bucket, kind.table), expected)).toEqual(exactly(expected));
}

describe('one failing target does not stop the others', () => {
  test('a process that answers 404 is reported, and complete again when it answers', async () => {
    scenario = await startScenario({ organisation, start: T, config });
    const endFault = scenario.simulator.faults.add({ kind: 'host-not-found', processId: broken });
    const runs = await scenario.tick(T, MEASUREMENTS);
    for (const kind of [DATABASES, DISKS]) await expectExactly(kind, expectedWithoutBroken(kind, T));
    expect(runs.filter(({ project }) => project === one)).toMatchObject([
      { dataset: 'database_measurements', outcome: 'partial', failedTargets: 1 },
      { dataset: 'disk_measurements', outcome: 'partial', failedTargets: 1 },
    ]);
    expect(runs.filter(({ project }) => project === two).map(({ outcome }) => outcome)).toEqual([
      'complete',
      'complete',
    ]);
    const reported = (await tableRows(scenario.bucket, 'collection_runs')).filter(
      (row) => row['project_id'] === one,
    );
    expect(reported).toMatchObject([
      { outcome: 'partial', failed_targets: 1 },
      { outcome: 'partial', failed_targets: 1 },
    ]);
    endFault();
    await scenario.tick(T + TICK, MEASUREMENTS);
    for (const kind of [DATABASES, DISKS]) {
      const others = expectedWithoutBroken(kind, T + TICK);
      // Its first run is the second tick, which is where its hours end and its minutes begin.
      const its = expectedOf(organisation, kind, {
        first: T + TICK,
        backfill: BACKFILL,
        last: T + TICK,
      }).filter((row) => row.includes(`"${broken}"`));
      await expectExactly(kind, [...others, ...its]);
    }
  });

  test.each<[string, Omit<Fault, 'processId'>]>([
    ['a permanent 500', { kind: 'status', status: 500 }],
    ['503 with HTML', { kind: 'status', status: 503, html: true }],
    ['truncated bodies', { kind: 'cut-body' }],
    ['truncated chunked bodies', { kind: 'cut-chunked' }],
    ['bodies that are not JSON', { kind: 'not-json' }],
    ['responses of another shape', { kind: 'wrong-shape' }],
    ['connections that break', { kind: 'reset' }],
    ['403', { kind: 'status', status: 403 }],
  ])('%s', async (_, fault) => {
    scenario = await startScenario({ organisation, start: T, config });
    await scenario.tick(T, MEASUREMENTS);
    const endFault = scenario.simulator.faults.add({ ...fault, processId: broken });
    const runs = await scenario.tick(T + TICK, MEASUREMENTS);
    for (const kind of [DATABASES, DISKS]) {
      const its = expectedOf(organisation, kind, { first: T, backfill: BACKFILL, last: T }).filter((row) =>
        row.includes(`"${broken}"`),
      );
      await expectExactly(kind, [...expectedWithoutBroken(kind, T + TICK), ...its]);
    }
    expect(runs.filter(({ project }) => project === one)).toMatchObject([
      { outcome: 'partial', failedTargets: 2 },
      { outcome: 'partial', failedTargets: 1 },
    ]);
    endFault();
    await scenario.tick(T + 2 * TICK, MEASUREMENTS);
    for (const kind of [DATABASES, DISKS]) {
      await expectExactly(
        kind,
        expectedOf(organisation, kind, { first: T, backfill: BACKFILL, last: T + 2 * TICK }),
      );
    }
  });
});

describe('a temporary failure is retried within the run', () => {
  test.each<[string, Fault]>([
    ['a burst of 500', { kind: 'status', status: 500, count: 3 }],
    ['a burst of 502', { kind: 'status', status: 502, count: 3 }],
    ['a burst of 503 with HTML', { kind: 'status', status: 503, html: true, count: 3 }],
    ['a 503 with Retry-After', { kind: 'status', status: 503, retryAfter: 2, count: 1 }],
    ['a truncated body', { kind: 'cut-body', count: 2 }],
    ['a body that is not JSON', { kind: 'not-json', count: 2 }],
    ['a connection that breaks', { kind: 'reset', count: 2 }],
  ])('%s', async (_, fault) => {
    scenario = await startScenario({ organisation, start: T, config });
    scenario.simulator.faults.add({ ...fault, pattern: /measurements/ });
    const runs = await scenario.tick(T, MEASUREMENTS);
    expect(new Set(runs.map(({ outcome }) => outcome))).toEqual(new Set(['complete']));
    for (const kind of [DATABASES, DISKS]) {
      await expectExactly(kind, expectedOf(organisation, kind, { first: T, backfill: BACKFILL, last: T }));
    }
  });

  test('expired tokens', async () => {
    scenario = await startScenario({ organisation, start: T, config });
    await scenario.tick(T, MEASUREMENTS);
    scenario.simulator.faults.expireTokens();
    const runs = await scenario.tick(T + TICK, MEASUREMENTS);
    expect(new Set(runs.map(({ outcome }) => outcome))).toEqual(new Set(['complete']));
  });
});

test('a project whose processes cannot be listed fails alone, and has a failed row in collection_runs', async () => {
  scenario = await startScenario({ organisation, start: T, config });
  scenario.simulator.faults.add({
    kind: 'status',
    status: 500,
    operation: 'listProcesses',
    projectId: one ?? '',
  });
  const runs = await scenario.tick(T, ['disk_measurements']);
  expect(runs.find(({ project }) => project === one)).toMatchObject({ outcome: 'failed', rows: 0 });
  expect(runs.find(({ project }) => project === two)).toMatchObject({ outcome: 'complete' });
  const rows = await tableRows(scenario.bucket, 'collection_runs');
  expect(rows.find((row) => row['project_id'] === one)).toMatchObject({
    outcome: 'failed',
    failed_targets: 1,
  });
});

test('an unreadable list of processes is reported, and known processes are collected', async () => {
  scenario = await startScenario({ organisation, start: T, config });
  await scenario.tick(T, MEASUREMENTS);
  scenario.simulator.faults.add({ kind: 'wrong-shape', operation: 'listProcesses', projectId: one ?? '' });
  const runs = await scenario.tick(T + TICK, MEASUREMENTS);
  for (const kind of [DATABASES, DISKS]) {
    await expectExactly(
      kind,
      expectedOf(organisation, kind, { first: T, backfill: BACKFILL, last: T + TICK }),
    );
  }
  expect(runs.filter(({ project }) => project === one)).toMatchObject([
    { dataset: 'database_measurements', outcome: 'partial', failures: [{ target: one }] },
    { dataset: 'disk_measurements', outcome: 'partial', failures: [{ target: one }] },
  ]);
  // A list that could not be read does not make anything missing.
  scenario.simulator.faults.clear();
  const next = await scenario.tick(T + 2 * TICK, MEASUREMENTS);
  expect(new Set(next.map(({ outcome }) => outcome))).toEqual(new Set(['complete']));
  expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
});

describe('a removed host', () => {
  const host = { ...(shape.projects[0]?.clusters[0] ?? { name: 'c' }) };
  const gone = createOrganisation({
    projects: [{ name: 'one', clusters: [{ ...host, nodes: [{}, { listedUntil: T + HOUR }] }] }],
  });
  const process = gone.projects[0]?.processes[1]?.id ?? '';

  test('that answers 404 is no failure, and becomes one gap when its retention is over', async () => {
    scenario = await startScenario({ organisation: gone, start: T });
    for (let at = T; at <= T + 2 * HOUR; at += TICK) {
      const runs = await scenario.tick(at, MEASUREMENTS);
      expect(new Set(runs.map(({ outcome }) => outcome))).toEqual(new Set(['complete']));
    }
    expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
    // The tick of 12:40 is the last that saw it listed; the one of 13:00 missed it.
    const listed = T + 2 * TICK;
    const missed = T + HOUR;
    await scenario.tick(missed + 2 * DAY, MEASUREMENTS);
    expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
    await scenario.tick(missed + 2 * DAY + TICK, MEASUREMENTS);
    await scenario.tick(missed + 2 * DAY + 2 * TICK, MEASUREMENTS);
    const gaps = await tableRows(scenario.bucket, 'collection_gaps');
    const day = (instant: number) => lakeTime(instant);
    const expected = [DATABASES, DISKS].flatMap((kind) =>
      targetsOf(gone, kind)
        .filter(({ processId }) => processId === process)
        .map((target) => ({
          dataset: kind.table,
          target: `${process}/${'databaseName' in target ? target.databaseName : target.partitionName}`,
          ts: day(settledAt(kind, listed)),
          gap_end: day(missed),
        })),
    );
    expect(gaps.map(({ dataset, target, ts, gap_end }) => ({ dataset, target, ts, gap_end }))).toEqual(
      expect.arrayContaining(expected),
    );
    expect(gaps).toHaveLength(expected.length);
  });

  test('that can still be read is read to its end', async () => {
    const readable = createOrganisation({
      projects: [
        {
          name: 'one',
          clusters: [{ ...host, nodes: [{}, { listedUntil: T + HOUR, afterUnlisted: 'readable' }] }],
        },
      ],
    });
    scenario = await startScenario({ organisation: readable, start: T, config });
    // Its last values are final when there have been no later ones for six hours.
    const end = T + 8 * HOUR;
    for (let at = T; at <= end; at += TICK) await scenario.tick(at, MEASUREMENTS);
    for (const kind of [DATABASES, DISKS]) {
      const expected = expectedOf(readable, kind, { first: T, backfill: BACKFILL, last: end });
      await expectExactly(kind, expected);
    }
    await scenario.tick(T + 3 * DAY, MEASUREMENTS);
    expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
  });
});
