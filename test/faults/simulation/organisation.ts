import { MINUTE } from '../../../shared/durations.ts';
import type { LatenessRules } from '../../../simulator/organisation/lateness.ts';
import type { ClusterShape, NodeShape } from '../../../simulator/organisation/shapes.ts';
import { createOrganisation, type Organisation } from '../../../simulator/organisation.ts';
import { DATABASE_MEASUREMENTS, DISK_MEASUREMENTS } from '../../../simulator/series/measurements.ts';
import { selectionsOf } from './generators/clusters.ts';
import { logsOf } from './generators/logs.ts';
import { instanceSizeOf, PROCESS_SERIES } from './generators/processes.ts';
import { reportingOf } from './generators/reporting.ts';
import { SEARCH_SERIES, searchOf, withoutSearchOf } from './generators/search.ts';
import { slowQueriesOf } from './generators/slow-queries.ts';
import { snapshotsOf } from './generators/snapshots.ts';
import { type Departure, type History, type Lateness, START, type Topic } from './history.ts';

const MEASUREMENTS = [...DATABASE_MEASUREMENTS, ...DISK_MEASUREMENTS].map(({ name }) => name);

/** Creates the organisation of a history. */
export function organisationOf(history: History): Organisation {
  return createOrganisation({
    seed: history.seed,
    projects: history.projects.map(({ nodes, alerting }, index) => ({
      name: `p${index}`,
      clusters: [
        {
          name: `c${index}`,
          nodes: withLines(nodes, history.seed, index),
          instanceSize: instanceSizeOf(history.seed, index),
          advice: snapshotsOf(history.seed).advice[index] ?? {},
          queryShapes: snapshotsOf(history.seed).shapes[index] ?? 0,
          tags: tagsOf(history, index),
          ...searchOf(history.seed, index),
        },
        ...otherClusters(history, index),
      ],
      alertConfigurations: [...alerting.configurations],
      alerts: [...alerting.alerts],
      events: history.events.lists[index + 1] ?? {},
    })),
    alertOrder: history.alertOrder,
    hidesTracking: history.hidesTracking,
    drift: true,
    processSeries: PROCESS_SERIES,
    ...withoutSearchOf(history.seed),
    ...reportingOf(history.seed),
    lateRankedNamespaces: [...history.lateRankedNamespaces],
    rankedNamespacesRetention: history.rankedNamespacesRetention,
    accessLogBounds: history.bounds,
    accessLogPrecision: history.precision,
    events: history.events.lists[0] ?? {},
    eventBounds: history.bounds,
    eventsRetention: history.events.retention,
    sharesProjectEvents: history.events.isShared,
    slowQueryBounds: history.bounds,
    slowQueryOrder: slowQueriesOf(history.seed).order,
    slowQueriesRetention: slowQueriesOf(history.seed).retention,
    adviceRetention: snapshotsOf(history.seed).retention,
    logBounds: history.bounds,
    logUnits: logsOf(history.seed).units,
    ...latenessOf(history),
  });
}

/** Returns the nodes of a project with their slow queries and logs. A project has at most two nodes. */
function withLines(nodes: readonly NodeShape[], seed: number, project: number): NodeShape[] {
  const [slowQueries, logs] = [slowQueriesOf(seed).shapes, logsOf(seed).shapes];
  return nodes.map((node, index) => ({
    ...node,
    slowQueries: slowQueries[2 * project + index] ?? {},
    logs: logs[2 * project + index] ?? {},
  }));
}

/** Clusters without processes, and with other lists than the rest: sharded, of a small tier, without backups. */
const OTHERS: readonly ClusterShape[] = [
  { name: 'sharded', type: 'SHARDED', shards: 1, nodes: [], configNodes: 0 },
  { name: 'free', nodes: [], instanceSize: 'M0' },
  { name: 'unsaved', nodes: [], backups: false },
];

/** Returns one more cluster for a project whose clusters are collected. */
function otherClusters({ seed, topic }: History, project: number): ClusterShape[] {
  const others: Partial<Record<typeof topic, ClusterShape | undefined>> = {
    resources: OTHERS[(seed + project) % OTHERS.length],
    snapshots: otherWithShapes(seed, project),
  };
  const other = others[topic];
  return other ? [{ ...other, tags: tagsOf({ seed, topic }, 2 + project) }] : [];
}

function tagsOf({ seed, topic }: Pick<History, 'seed' | 'topic'>, place: number) {
  return selectionsOf(seed, topic).tags[place] ?? [];
}

function otherWithShapes(seed: number, project: number): ClusterShape | undefined {
  const { clusters, shapes } = snapshotsOf(seed);
  const other = clusters[project];
  return other && { ...other, queryShapes: shapes[2 + project] ?? 0 };
}

function latenessOf(history: History): LatenessRules {
  const rules: LatenessRules = { lateSeries: [], missingSeries: [], lateFills: [] };
  for (const rule of history.lateness) {
    const measurement = measurementOf(history, rule);
    const at = (minutes: number) => START + minutes * MINUTE;
    if (rule.kind === 'lags') rules.lateSeries.push({ measurement, lateByMs: rule.by * MINUTE });
    else if (rule.kind === 'appears') rules.missingSeries.push({ measurement, until: at(rule.at) });
    else {
      rules.lateFills.push({
        measurement,
        from: at(rule.from),
        to: at(rule.to),
        filledAt: at(rule.at),
      });
    }
  }
  return rules;
}

/** The series of topics other than databases and disks. */
const SERIES: Readonly<Partial<Record<Topic, readonly string[]>>> = {
  process_measurements: PROCESS_SERIES,
  search_measurements: SEARCH_SERIES,
};

/** Returns the name of the measurement of a rule. */
export function measurementOf(
  { topic }: Pick<History, 'topic'>,
  { measurement }: Pick<Lateness, 'measurement'>,
): string {
  const names = SERIES[topic] ?? MEASUREMENTS;
  return names[measurement % names.length] ?? '';
}

/** Returns the project that leaves, or undefined if it is the only one. */
export function departedOf(
  { projects }: Organisation,
  { project }: Departure,
): Organisation['projects'][number] | undefined {
  return projects.length > 1 ? projects[project % projects.length] : undefined;
}
