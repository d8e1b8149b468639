import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { declarations } from '../../../functions/declarations.ts';
import { decodeRecord, isGivenUp } from '../../../shared/cursors/commit-record.ts';
import { CursorStore } from '../../../shared/cursors/cursor-store.ts';
import { DynamoDbLimitError } from '../../../shared/cursors/dynamodb-limits.ts';
import { DAY, floorTo, HOUR, MINUTE } from '../../../shared/durations.ts';
import type { LogType } from '../../../simulator/logs.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { costsAt } from '../../../simulator/resources/costs.ts';
import { expectedEntries, hostsOf } from '../../support/expected-access-logs.ts';
import { expectedAlertRows } from '../../support/expected-alerts.ts';
import { expectedEvents, ownersOf } from '../../support/expected-events.ts';
import { expectedSnapshot, KINDS } from '../../support/expected-index-suggestions.ts';
import { comparableRow, expectedInventory, snapshotOf } from '../../support/expected-inventory.ts';
import { expectedLine, expectedLines } from '../../support/expected-logs.ts';
import { expectedShapes } from '../../support/expected-query-shapes.ts';
import {
  expectedNamespaces,
  NAMESPACE_MEASUREMENTS,
  RANKS,
} from '../../support/expected-ranked-namespaces.ts';
import {
  compare,
  DATABASES,
  DISKS,
  exactly,
  expectedOf,
  identity,
  PROCESSES,
  SEARCH,
} from '../../support/expected-rows.ts';
import { expectedQueries, expectedQuery } from '../../support/expected-slow-queries.ts';
import { lakeViolations } from '../../support/lake-check.ts';
import { type LakeRow, lakeFiles, tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';

/** Runs each dataset through the whole collector, on any stand-in for AWS: `npm run test:aws` uses DynamoDB Local. */

const LAST = T + HOUR;

const organisation = createOrganisation({
  processSeries: ['CONNECTIONS', 'PROCESS_NORMALIZED_CPU_USER', 'MEMORY_MAPPED', 'FTS_DISK_USAGE'],
  projects: [
    {
      name: 'one',
      clusters: [
        {
          name: 'orders',
          nodes: 1,
          databases: [{ name: 'shop', collections: ['orders', 'items'] }, 'stock'],
          disks: ['data'],
          search: {},
          accessLogs: { perHour: 20 },
          slowQueries: { perHour: 20 },
          advice: { indexes: 7, drops: 4, schemas: 3 },
          queryShapes: 120,
          logs: { perHour: 60 },
        },
      ],
      events: { perHour: 2, lateShare: 0.1, lateByMs: 20 * MINUTE },
      alertConfigurations: [{ name: 'primary', eventTypeName: 'NO_PRIMARY' }],
      alerts: [
        { configuration: 'primary', created: T - 3 * DAY },
        { configuration: 'primary', created: T + 10 * MINUTE, closed: T + 20 * MINUTE },
      ],
    },
    { name: 'two', clusters: [{ name: 'stock', nodes: 1, databases: ['a'], disks: ['data'] }] },
  ],
  events: { perHour: 1 },
});

let scenario: Scenario;
afterEach(async () => {
  vi.restoreAllMocks();
  await scenario.close();
});

const rowsOf = (table: string) => tableRows(scenario.bucket, table);

async function expectRows(table: string, expected: readonly string[]): Promise<void> {
  expect(expected.length).toBeGreaterThan(0);
  expect(compare(await rowsOf(table), expected)).toEqual(exactly(expected));
}

/** Expects the lines of each process that were a day old at most in the first run, and settled in the last. */
function expectLines(table: string, type: LogType): Promise<void> {
  return expectRows(
    table,
    organisation.projects.flatMap(({ id, processes }) =>
      processes.flatMap((process) =>
        expectedLines(organisation, process, type, [T - DAY, LAST - 10 * MINUTE]).map((line) =>
          identity(expectedLine(id, process, type, line)),
        ),
      ),
    ),
  );
}

/** What each dataset must have written after the ticks T and LAST. */
const expectations: Readonly<Record<string, () => Promise<void>>> = {
  database_measurements: () =>
    expectRows(DATABASES.table, expectedOf(organisation, DATABASES, { first: T, last: LAST })),
  disk_measurements: () => expectRows(DISKS.table, expectedOf(organisation, DISKS, { first: T, last: LAST })),
  process_measurements: () =>
    expectRows(PROCESSES.table, expectedOf(organisation, PROCESSES, { first: T, last: LAST })),
  search_measurements: () =>
    expectRows(SEARCH.table, expectedOf(organisation, SEARCH, { first: T, last: LAST })),
  async ranked_namespaces() {
    const { ranks, measurements } = expectedNamespaces(organisation, [T, LAST]);
    await expectRows(RANKS, ranks);
    await expectRows(NAMESPACE_MEASUREMENTS, measurements);
  },
  access_logs: () =>
    expectRows(
      'access_logs',
      hostsOf(organisation).flatMap((host) =>
        expectedEntries(organisation, host, T - 7 * DAY, LAST - 2 * MINUTE, LAST),
      ),
    ),
  slow_queries: () =>
    expectRows(
      'slow_queries',
      organisation.projects.flatMap(({ id, processes }) =>
        processes.flatMap((process) =>
          expectedQueries(organisation, process, [T - DAY, LAST - 10 * MINUTE], true)
            .filter(({ visibleFrom }) => visibleFrom <= LAST)
            .map((query) => identity(expectedQuery(id, process, query, true))),
        ),
      ),
    ),
  async index_suggestions() {
    const day = floorTo(T, DAY);
    const snapshots = organisation.projects.flatMap(({ id: project, clusters }) =>
      clusters.flatMap((cluster) =>
        KINDS.map((kind) => {
          const start = kind === 'create_index' ? day - DAY : day;
          return expectedSnapshot(organisation, { project, cluster, kind }, { start, end: start + DAY }, T);
        }),
      ),
    );
    await expectRows(
      'index_suggestions',
      snapshots.flatMap(({ rows }) => rows.map(identity)),
    );
    await expectRows(
      'index_suggestion_snapshots',
      snapshots.map(({ snapshot }) => identity(snapshot)),
    );
  },
  query_shapes: () =>
    expectRows(
      'query_shapes',
      organisation.projects.flatMap(({ id: project, clusters }) =>
        clusters.flatMap((cluster) =>
          // Six hours before the first tick, up to the last hour that has settled.
          [-7, -6, -5, -4, -3, -2, -1].flatMap((hour) =>
            expectedShapes(organisation, { project, cluster }, T + hour * HOUR, LAST),
          ),
        ),
      ),
    ),
  alerts: () =>
    expectRows(
      'alerts',
      organisation.projects.flatMap(({ id }) => expectedAlertRows(organisation, id, [T, LAST]).map(identity)),
    ),
  events: () =>
    expectRows(
      'events',
      ownersOf(organisation).flatMap((owner) =>
        expectedEvents(owner, T - 30 * DAY, LAST - 2 * MINUTE, LAST).map(identity),
      ),
    ),
  host_logs: () => expectLines('host_logs', 'messages'),
  audit_logs: () => expectLines('audit_logs', 'audit'),
  async inventory() {
    // Resources that no endpoint lists are only requested if the configuration names them.
    const unlisted = new Set(['migration_validation', 'sample_dataset_load']);
    const listed = [...(await snapshotOf(scenario.simulator, T))].filter(
      ([, { kind }]) => !unlisted.has(kind),
    );
    const expected = expectedInventory(organisation.id, [{ at: T, snapshot: new Map(listed) }]);
    expect(compare((await rowsOf('inventory')).map(comparableRow), expected)).toEqual(exactly(expected));
  },
  async cost_usage() {
    const scopes = organisation.projects.flatMap(({ id: project, clusters }) => [
      { project },
      ...clusters.map(({ id: cluster }) => ({ project, cluster })),
    ]);
    // The amounts of the current month grow from day to day.
    const [from, to] = [Date.UTC(2025, 2, 1), Date.UTC(2026, 2, 1)];
    const expected = [{}, ...scopes].flatMap((scope) => costsAt(organisation, scope, from, to, LAST));
    const amountOf = ({ amount }: LakeRow) => Number(amount);
    const closed = (await rowsOf('cost_usage')).filter(({ ts }) => String(ts) < '2026-03');
    expect(closed.map(amountOf).sort()).toEqual(expected.map(({ amount }) => amount).sort());
  },
};

test.each(declarations.map(({ name }) => name))(
  '%s: two runs write each row once after a run that stopped before its commit',
  async (dataset) => {
    const expectIt = expectations[dataset];
    if (!expectIt) throw new Error(`no rows are expected of ${dataset}: add them above`);
    const config = { datasets: { [dataset]: { enabled: true } } };
    scenario = await startScenario({ organisation, start: T, config });
    vi.spyOn(CursorStore.prototype, 'putTogether').mockRejectedValueOnce(new Error('killed'));
    await expect(scenario.tick(T, [dataset])).rejects.toThrow('could not be updated');
    await scenario.restart();
    for (const tick of [T, LAST]) {
      const runs = await scenario.tick(tick, [dataset]);
      expect(new Set(runs.map(({ outcome }) => outcome))).toEqual(new Set(['complete']));
    }
    await expectIt();
    expect(await lakeViolations(scenario.bucket)).toEqual([]);
  },
);

test('a commit beyond the limits of DynamoDB fails before its objects and its record are written', async () => {
  scenario = await startScenario({ organisation, start: T });
  const error = new DynamoDbLimitError('item', 'content', 'empty attribute name');
  vi.spyOn(CursorStore.prototype, 'check').mockImplementation(() => {
    throw error;
  });
  await expect(scenario.tick(T, ['alerts'])).rejects.toThrow(error.message);
  const files = await lakeFiles(scenario.bucket);
  expect(files.filter((key) => !key.startsWith('_commits/'))).toEqual([]);
  // A new header gives up the numbers that a lost table could have used.
  for (const key of files) {
    expect(isGivenUp(decodeRecord(await readFile(path.join(scenario.bucket, key)))), key).toBe(true);
  }
  vi.restoreAllMocks();
  await scenario.restart();
  expect((await scenario.tick(T, ['alerts'])).map(({ outcome }) => outcome)).toContain('complete');
});
