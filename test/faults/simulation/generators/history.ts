import fc from 'fast-check';
import { MINUTE } from '../../../../shared/durations.ts';
import type { NodeShape } from '../../../../simulator/organisation/shapes.ts';
import type { Lifetime } from '../../../../simulator/organisation/types.ts';
import { CALL_FAULTS, type PlannedCallFault } from '../call-faults.ts';
import {
  type Absence,
  type CoarseOutage,
  type History,
  type HistoryTick,
  type Lateness,
  START,
  type Topic,
} from '../history.ts';
import { accessLogs, FLOOD_PER_SECOND } from './access-logs.ts';
import { alerting } from './alerts.ts';
import { eventsOf } from './events.ts';
import { collections, lateRankedNamespaces, rankedNamespacesRetentionOf } from './ranked-namespaces.ts';
import { seededFaultsOf } from './seeded-faults.ts';
import { config } from './settings.ts';
import { unreadableOf } from './unreadable.ts';

/** Restores or loses the table of every sixth history. Only the seed decides, so the rest of a history stays the same. */
function restoreOf(seed: number, ticks: number): History['restore'] {
  if (seed % 6 !== 0) return null;
  const at = 1 + (Math.floor(seed / 6) % ticks);
  return { at, saved: Math.floor(seed / 6 / ticks) % at };
}

/** Generates histories. They are small in everything that costs time, so that many can run. */

/** Minutes between two ticks: mostly as scheduled, sometimes hours, days, or weeks. */
const after = fc.oneof(
  { weight: 24, arbitrary: fc.constant(20) },
  { weight: 6, arbitrary: fc.integer({ min: 2, max: 18 }).map((ticks) => ticks * 20) },
  { weight: 2, arbitrary: fc.integer({ min: 12, max: 47 }).map((hours) => hours * 60) },
  { weight: 1, arbitrary: fc.integer({ min: 2840, max: 2960 }) },
  { weight: 1, arbitrary: fc.integer({ min: 48, max: 120 }).map((hours) => hours * 60 + 20) },
  { weight: 1, arbitrary: fc.integer({ min: 5, max: 70 }).map((days) => days * 24 * 60) },
);

const tick: fc.Arbitrary<HistoryTick> = fc.record({
  after,
  which: fc.constantFrom('both', 'both', 'first', 'second'),
  config: fc.integer({ min: 0, max: 2 }),
});

/**
 * Some ticks as scheduled, one on the next day, and one shortly before Atlas deletes what the first ticks read. Only the
 * final check of that last tick can find values that were filled in between.
 */
const lastChance: fc.Arbitrary<HistoryTick[]> = fc
  .record({
    count: fc.integer({ min: 2, max: 5 }),
    day: fc.integer({ min: 20, max: 30 }).map((hours) => hours * 60),
    end: fc.integer({ min: 2700, max: 2880 }),
  })
  .map(({ count, day, end }) => {
    const afters = [...Array.from({ length: count }, () => 20), day, end - day];
    return afters.map((minutes) => ({ after: minutes, which: 'both', config: 0 }));
  });

const measurement = fc.integer({ min: 0, max: 29 });
const minute = fc.integer({ min: -120, max: 720 });

const lateness: fc.Arbitrary<Lateness> = fc.oneof(
  fc.record({ kind: fc.constant('lags' as const), measurement, by: fc.integer({ min: 1, max: 110 }) }),
  fc.record({ kind: fc.constant('appears' as const), measurement, at: fc.integer({ min: 0, max: 240 }) }),
  fc
    .record({
      measurement,
      from: minute,
      length: fc.integer({ min: 5, max: 90 }),
      late: fc.integer({ min: 0, max: 400 }),
    })
    .map(({ measurement: series, from, length, late }) => {
      return {
        kind: 'filled' as const,
        measurement: series,
        from,
        to: from + length,
        at: from + length + late,
      };
    }),
);

const anyFault: fc.Arbitrary<PlannedCallFault> = fc.record({
  service: fc.constantFrom(null, null, 's3' as const, 'dynamodb' as const),
  skip: fc.oneof(
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 6 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 60 }) },
  ),
  fault: fc.constantFrom(...CALL_FAULTS),
  times: fc.oneof(
    { weight: 4, arbitrary: fc.constant(1) },
    // The SDK makes three attempts, the Atlas client five. Six covers an update and the read that checks its effect.
    { weight: 2, arbitrary: fc.constant(3) },
    { weight: 1, arbitrary: fc.constant(6) },
    { weight: 1, arbitrary: fc.integer({ min: 5, max: 40 }) },
  ),
});

/** An update takes effect, but its answer and the read after it fail. So the run does not know the result. */
const unclear: fc.Arbitrary<PlannedCallFault> = fc.record({
  service: fc.constant('dynamodb'),
  skip: fc.nat(12),
  fault: fc.constantFrom('lost', 'failed-after'),
  times: fc.constant(6),
});

const fault = fc.oneof({ weight: 7, arbitrary: anyFault }, { weight: 1, arbitrary: unclear });

const lifetime: fc.Arbitrary<Lifetime> = fc.oneof(
  { weight: 8, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: minute.map((from) => ({ listedFrom: START + from * MINUTE })) },
  {
    weight: 1,
    arbitrary: fc.record({
      listedUntil: minute.map((until) => START + until * MINUTE),
      afterUnlisted: fc.constantFrom('gone' as const, 'readable' as const),
    }),
  },
);

const node: fc.Arbitrary<NodeShape> = fc
  .record({
    lifetime,
    accessLogs,
    // With null, its timestamps drift.
    offset: fc.oneof(
      { weight: 2, arbitrary: fc.constant(0) },
      { weight: 2, arbitrary: fc.integer({ min: 1, max: 59 }) },
      { weight: 1, arbitrary: fc.constant(null) },
    ),
    databases: fc.array(fc.record({ lifetime, collections }), { minLength: 1, maxLength: 2 }),
    disks: fc.array(lifetime, { maxLength: 1 }),
  })
  .map(({ lifetime: own, accessLogs: logs, offset, databases, disks }) => ({
    ...own,
    accessLogs: logs,
    offset: (offset ?? 0) * 1000,
    stampsDrift: offset === null,
    databases: databases.map((its, index) => ({
      name: `db${index}`,
      collections: its.collections,
      ...its.lifetime,
    })),
    disks: disks.map((its, index) => ({ partitionName: `disk${index}`, ...its })),
  }));

const absence: fc.Arbitrary<Absence> = fc
  .record({
    kind: fc.constantFrom('host-not-found' as const, 'host-unlisted' as const, 'host-silent' as const),
    node: fc.nat(3),
    from: fc.integer({ min: -60, max: 400 }),
    length: fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: 10, max: 300 }) },
      { weight: 1, arbitrary: fc.integer({ min: 2600, max: 4000 }) },
    ),
  })
  .map(({ length, ...rest }) => ({ ...rest, to: rest.from + length }));

/** Atlas gives no hours and days for some minutes or hours, at any time, including when the collector is back. */
const coarseOutage: fc.Arbitrary<CoarseOutage> = fc
  .record({
    node: fc.nat(3),
    from: fc.oneof(fc.integer({ min: -60, max: 600 }), fc.integer({ min: 600, max: 8000 })),
    length: fc.oneof(fc.integer({ min: 10, max: 300 }), fc.integer({ min: 300, max: 3000 })),
  })
  .map(({ node, from, length }) => ({ node, from, to: from + length }));

/**
 * In hours: a little longer than Atlas keeps the finest data of removed targets, than the collector remembers ended
 * alerts, and than the time after which it writes unchanged resources again.
 */
const FINAL_PAUSES: Readonly<Record<Topic, number>> = {
  measurements: 50,
  process_measurements: 50,
  search_measurements: 50,
  access_logs: 7 * 24 + 2,
  alerts: 26,
  ranked_namespaces: 50,
  resources: 6 * 24 + 2,
  events: 7 * 24 + 2,
  slow_queries: 26,
  snapshots: 50,
  logs: 30 * 24 + 2,
};

export const histories: fc.Arbitrary<History> = fc
  .record({
    seed: fc.nat(2 ** 31 - 1),
    topic: fc.oneof(
      { weight: 4, arbitrary: fc.constant<Topic>('measurements') },
      { weight: 2, arbitrary: fc.constant<Topic>('access_logs') },
      { weight: 2, arbitrary: fc.constant<Topic>('alerts') },
      { weight: 2, arbitrary: fc.constant<Topic>('ranked_namespaces') },
    ),
    projects: fc.array(fc.record({ nodes: fc.array(node, { minLength: 1, maxLength: 2 }), alerting }), {
      minLength: 1,
      maxLength: 2,
      size: '-1',
    }),
    alertOrder: fc.constantFrom('oldest-first' as const, 'newest-first' as const),
    hidesTracking: fc.boolean(),
    lateRankedNamespaces,
    bounds: fc.constantFrom('[]' as const, '[)' as const, '(]' as const, '()' as const),
    precision: fc.constantFrom('millisecond' as const, 'second' as const),
    lateness: fc.array(lateness, { maxLength: 3 }),
    absences: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(absence, { maxLength: 2 }) },
    ),
    coarseOutages: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(coarseOutage, { minLength: 1, maxLength: 3 }) },
    ),
    refuses: fc.oneof(
      { weight: 3, arbitrary: fc.constant('nothing' as const) },
      { weight: 2, arbitrary: fc.constant('dropped' as const) },
      { weight: 1, arbitrary: fc.integer({ min: 30, max: 47 }) },
    ),
    configs: fc.array(config, { minLength: 1, maxLength: 3, size: '-1' }),
    course: fc.oneof(
      {
        weight: 6,
        arbitrary: fc
          .array(tick, { minLength: 1, maxLength: 8 })
          .map((ticks) => ({ ticks, refilled: false })),
      },
      { weight: 1, arbitrary: lastChance.map((ticks) => ({ ticks, refilled: true })) },
    ),
    callFaults: fc.array(fault, { maxLength: 8 }),
    bucket: fc.oneof(
      { weight: 4, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.integer({ min: 8, max: 40 }) },
    ),
    redelivered: fc.constantFrom(0, 0, 0.1),
    skew: fc.constantFrom(0, 0, 90_000),
    isLong: fc.constantFrom(false, false, false, false, false, true),
    refill: fc.record({
      measurement,
      from: fc.integer({ min: -100, max: 30 }),
      length: fc.integer({ min: 60, max: 120 }),
      late: fc.integer({ min: 130, max: 300 }),
    }),
  })
  .map(({ course, refill, isLong, ...rest }) => {
    const { measurement: series, from, length, late } = refill;
    const to = from + length;
    // Too late for the lookback of an hour. Only values that earlier runs missed depend on the final check.
    const filled: Lateness = { kind: 'filled', measurement: series, from, to, at: to + late };
    const lateness = course.refilled ? [...rest.lateness, filled] : rest.lateness;
    const finalPause = isLong ? FINAL_PAUSES[rest.topic] : 0;
    const rankedNamespacesRetention = rankedNamespacesRetentionOf(rest.seed);
    const restore = restoreOf(rest.seed, course.ticks.length);
    const unreadable = unreadableOf(rest.seed);
    const events = eventsOf(rest.seed);
    const seededFaults = seededFaultsOf(rest.seed, rest.topic);
    return {
      ...rest,
      ...seededFaults,
      bucket: rest.bucket ?? floodBucketOf(rest),
      ticks: course.ticks,
      lateness,
      finalPause,
      rankedNamespacesRetention,
      restore,
      unreadable,
      events,
    };
  });

/** Returns a small bucket for half of the histories in which a host floods its log, so that no run reads the flood alone. */
function floodBucketOf({ seed, projects }: Pick<History, 'seed' | 'projects'>): number | null {
  const bursts = projects.flatMap(({ nodes }) => nodes.flatMap(({ accessLogs }) => accessLogs?.bursts ?? []));
  const hasFlood = bursts.some(({ perSecond }) => perSecond >= FLOOD_PER_SECOND);
  return hasFlood && seed % 2 === 0 ? 8 + (seed % 9) : null;
}

/** Returns the same history with another topic, as if the seed had chosen that topic. */
export function withTopic(history: History, topic: Topic): History {
  const finalPause = history.finalPause > 0 ? FINAL_PAUSES[topic] : 0;
  return { ...history, ...seededFaultsOf(history.seed, topic), topic, finalPause };
}
