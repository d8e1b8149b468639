import { expect, test } from 'vitest';
import { DAY, MINUTE, SECOND } from '../../shared/durations.ts';
import { type History, minuteOf } from './simulation/history.ts';
import { simulate } from './simulation/simulate.ts';

/** Runs histories that random ones seldom reach. */

const entries = { perHour: 30, lateShare: 0, lateByMs: 0, lines: 'json' as const, bursts: [] };
const project = { nodes: [{ accessLogs: entries }], alerting: { configurations: [], alerts: [] } };

/** A history of access logs without any fault. */
const quiet: History = {
  seed: 1,
  topic: 'access_logs',
  bounds: '[]',
  precision: 'millisecond',
  projects: [project],
  lateness: [],
  alertOrder: 'oldest-first',
  hidesTracking: false,
  lateRankedNamespaces: [],
  rankedNamespacesRetention: Infinity,
  events: { lists: [], retention: Infinity, isShared: false, settings: [] },
  absences: [],
  unreadable: [],
  departures: [],
  clusterOutages: [],
  ahead: 0,
  coarseOutages: [],
  refuses: 'nothing',
  configs: [
    {
      databases: { enabled: true, granularity: 'PT5M', settle: 25, backfill: 60 },
      disks: { enabled: true, granularity: 'PT5M', settle: 10, backfill: 60 },
      logs: { enabled: true, settle: 10, backfill: 60, overlap: 2 },
      alerts: { enabled: true },
      rankedNamespaces: { enabled: true, settle: 20, backfill: 60, namespaces: 1 },
      excludesSecond: false,
    },
  ],
  ticks: [],
  callFaults: [],
  bucket: null,
  redelivered: 0,
  skew: 0,
  restore: null,
  finalPause: 0,
};

const ticks = (...afters: readonly number[]): History['ticks'] =>
  afters.map((after) => ({ after, which: 'first', config: 0 }));

test('a project that left the list ten days ago has a complete run on each day', async () => {
  const { violations, trace } = await simulate(
    {
      ...quiet,
      projects: [project, project],
      departures: [{ kind: 'project-unlisted', project: 0, from: 30, to: null }],
      ticks: ticks(20, 20, 20, 80, (10 * DAY) / MINUTE, 20),
    },
    { traced: true },
  );
  expect(violations).toEqual([]);
  // The outage ends with a run of both projects. The next tick has only one, and so have the ticks of the next day.
  const runs = trace.filter((line) => line.includes('access_logs/') && line.includes(' starts for '));
  const byTick = Map.groupBy(runs, (line) => /"tick":"([^"]+)"/.exec(line)?.[1]);
  expect([...byTick.values()].map(({ length }) => length)).toEqual([2, 2, 2, 2, 2, ...Array(13).fill(1), 2]);
});

test.each(['project-unlisted', 'project-not-found'] as const)(
  'a project that left (%s) before its table was lost is collected to its end',
  async (kind) => {
    const { violations, trace } = await simulate(
      {
        ...quiet,
        projects: [project, project],
        departures: [{ kind, project: 0, from: 30, to: null }],
        ticks: ticks(20, 200),
        restore: { at: 1, saved: 0 },
      },
      { traced: true },
    );
    expect(violations).toEqual([]);
    const runs = trace.filter((line) => line.includes('access_logs/') && line.includes(' starts for '));
    const byTick = Map.groupBy(runs, (line) => /"tick":"([^"]+)"/.exec(line)?.[1]);
    expect([...byTick.values()].every(({ length }) => length === 2)).toBe(true);
  },
);

test('a host is passed that overflows in the second after its watermark, with four requests in each run', async () => {
  const from = minuteOf(110);
  const bursts = [{ from, to: from + SECOND, perSecond: 20_600 }];
  const { violations, trace } = await simulate(
    {
      ...quiet,
      projects: [{ ...project, nodes: [{ accessLogs: { ...entries, bursts } }] }],
      ticks: ticks(20, 20),
      bucket: 8,
    },
    { traced: true },
  );
  expect(violations).toEqual([]);
  // Each response that reaches the last second before the flood is full.
  const requests = trace.filter((line) => line.includes(' atlas ') && line.includes('/dbAccessHistory/'));
  expect(requests.length).toBeLessThan(80);
});

/** The first run dies three times, the last time while a PUT is on its way. Then its table is lost. */
function lostWhileSending(seed: number, puts: number): History {
  return {
    ...quiet,
    seed,
    ticks: ticks(20, 20),
    restore: { at: 1, saved: 0 },
    callFaults: [
      { service: 'atlas', skip: 2, fault: 'crash-after', times: 1 },
      { service: 'atlas', skip: 0, fault: 'crash-after', times: 1 },
      { service: 's3', skip: puts, fault: 'crash-late', times: 1 },
    ],
  };
}

test.each([
  ['an object', 3, /late: PUT (access_logs|collection_runs)\//],
  ['a record', 5, /late: PUT _commits\//],
])('%s that arrives after its table was lost breaks no promise', async (_, puts, arrival) => {
  let arrivals = 0;
  for (let seed = 1; seed <= 20; seed += 1) {
    const { violations, trace } = await simulate(lostWhileSending(seed, puts), { traced: true });
    expect(violations).toEqual([]);
    const lost = trace.findIndex((line) => line.endsWith('the table is restored'));
    if (trace.slice(lost).some((line) => arrival.test(line))) arrivals += 1;
  }
  expect(arrivals).toBeGreaterThan(5);
});
