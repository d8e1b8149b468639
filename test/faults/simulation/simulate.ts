import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';
import './deterministic-runtime.ts';
import { datasets } from '../../../functions/datasets.ts';
import { type CollectorConfig, parseConfig } from '../../../shared/config.ts';
import type { Compression } from '../../../shared/lake/compression.ts';
import { createAtlas, type SimulatedAtlas } from '../../../simulator/atlas.ts';
import type { Fault } from '../../../simulator/faults.ts';
import { type OwnersAct, ownersActs, ownersBackfill } from './backfills.ts';
import { CALL_FAULTS } from './call-faults.ts';
import { SimulatedCredentials } from './credentials.ts';
import { digestOf } from './digest.ts';
import { backfillsOf } from './generators/backfills.ts';
import { type ClusterPatterns, selectionsOf } from './generators/clusters.ts';
import { type Logs, logsOf } from './generators/logs.ts';
import { type ProcessSettings, processSettingsOf, shrinkingOf } from './generators/processes.ts';
import { type SlowQueries, slowQueriesOf } from './generators/slow-queries.ts';
import {
  type AdviceOutage,
  type ConfiguredSnapshots,
  type SnapshotSettings,
  snapshotsOf,
} from './generators/snapshots.ts';
import {
  type Config,
  type Departure,
  type EventSettings,
  type History,
  minuteOf,
  START,
  type Topic,
} from './history.ts';
import { lateRequestsChangeLake } from './late-requests.ts';
import { checkPromises } from './oracle/check-promises.ts';
import { checkVerification } from './oracle/verification.ts';
import { departedOf, organisationOf } from './organisation.ts';
import { type RunRecord, type Tick, World } from './world.ts';

/** The result of a simulated history. */
export interface SimulationResult {
  /** One line for each broken promise. */
  violations: string[];
  trace: readonly string[];
  /** How many calls the code under test made to the outside. */
  calls: number;
  rows: number;
  /** A hash of everything that is stored at the end. Versions of the collector that behave the same have the same hash. */
  digest: string;
}

/** The paths of the lists that Atlas computes for a cluster. */
const COMPUTED = /\/clusters\/[^/]+\/(performanceAdvisor|queryShapeInsights)\//;

/** Returns the paths of lists whose items can be unreadable. Unreadable clusters matter where clusters are selected. */
function unreadableLists({ seed, topic }: History): RegExp {
  return selectionsOf(seed, topic).settings.length > 0
    ? /\/(processes|databases|disks|events|clusters)$/
    : /\/(processes|databases|disks|events)$/;
}

/**
 * The maximum number of ticks without faults after a history, until everything is collected. They take over two days, because
 * the smallest rate limits let a continuation read only an hour of rankings of one host.
 */
const MOST_FINAL_TICKS = 30;

/** How long every tick is sent to a project that has left Atlas's list, by the design. Then one tick a day is. */
const EVERY_TICK = 8 * DAY;

/** An unchecked first history. The SDK loads files and modules on first use, which takes real time. */
const WARM_UP: History = {
  seed: 0,
  topic: 'measurements',
  bounds: '[]',
  precision: 'millisecond',
  projects: [{ nodes: [{}], alerting: { configurations: [], alerts: [] } }],
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
      databases: { enabled: true, granularity: 'PT5M', settle: 7, backfill: 60 },
      disks: { enabled: true, granularity: 'PT5M', settle: 2, backfill: 60 },
      logs: { enabled: true, settle: 2, backfill: 60, overlap: 10 },
      alerts: { enabled: true },
      rankedNamespaces: { enabled: true, settle: 20, backfill: 60, namespaces: 1 },
      excludesSecond: false,
    },
  ],
  ticks: [{ after: 20, which: 'both', config: 0 }],
  callFaults: CALL_FAULTS.map((fault) => ({ service: null, skip: 3, fault, times: 1 })),
  bucket: null,
  redelivered: 0,
  skew: 0,
  restore: null,
  finalPause: 0,
};
let warmedUp: Promise<SimulationResult> | undefined;

/** Simulates a history and checks the result. */
export async function simulate(
  history: History,
  options: { traced?: boolean } = {},
): Promise<SimulationResult> {
  await warmUp();
  return runHistory(history, options);
}

/** Loads what the SDK needs. Call this before you create a world, because simulated calls time out during loading. */
export async function warmUp(): Promise<void> {
  warmedUp ??= runHistory(WARM_UP, {});
  await warmedUp;
}

async function runHistory(history: History, options: { traced?: boolean }): Promise<SimulationResult> {
  // Separate tests cover resources and costs of a removed project.
  const departures = history.topic === 'resources' ? [] : history.departures;
  const organisation = organisationOf(history);
  const selections = selectionsOf(history.seed, history.topic);
  const credentials = new SimulatedCredentials(history.seed, organisation, departures);
  const atlas = createAtlas({
    organisation,
    clients: { serviceAccounts: [...credentials.accounts] },
    now: START,
    rateLimits: history.bucket === null ? false : { sizes: bucketsOf(history.bucket, history.topic) },
  });
  const places = organisation.projects.flatMap(({ id, processes }) =>
    processes.map((process) => ({ projectId: id, processId: process.id })),
  );
  for (const { kind, node, from, to } of history.absences) {
    const place = places[node % places.length];
    if (place) atlas.faults.add({ kind, ...place, from: minuteOf(from), until: minuteOf(to) });
  }
  for (const { items, from, to } of history.unreadable) {
    const lists = history.topic === 'resources' ? {} : { pattern: unreadableLists(history) };
    const span = { from: START + from * MINUTE, until: START + to * MINUTE };
    atlas.faults.add({ kind: 'unreadable-items', items, ...lists, ...span });
  }
  const leave = (departure: Departure, until: number) => {
    const project = departedOf(organisation, departure);
    const { kind, from } = departure;
    if (project) atlas.faults.add({ kind, projectId: project.id, from: START + from * MINUTE, until });
  };
  for (const one of departures)
    leave(one, one.to === null ? Number.POSITIVE_INFINITY : START + one.to * MINUTE);
  for (const { from, to } of history.clusterOutages) {
    const when = { from: START + from * MINUTE, until: START + to * MINUTE };
    atlas.faults.add({ kind: 'status', status: 500, operation: 'listClusters', ...when });
  }
  for (const { node, from, to } of history.coarseOutages) {
    const place = places[node % places.length];
    const granularities = ['PT1H', 'P1D'];
    const fault = { kind: 'no-values', granularities, from: minuteOf(from), until: minuteOf(to) } as const;
    if (place) atlas.faults.add({ ...fault, ...place });
  }
  if (history.topic === 'snapshots') {
    for (const { kind, from, to } of snapshotsOf(history.seed).outages) {
      atlas.faults.add({ ...ADVICE_OUTAGES[kind], from: minuteOf(from), until: minuteOf(to) });
    }
  }
  const shrinking = shrinkingOf(history.seed);
  if (shrinking) {
    atlas.faults.add({ kind: 'too-small', from: minuteOf(shrinking.from), until: minuteOf(shrinking.to) });
  }
  const { refuses } = history;
  const refusal = () => {
    if (refuses === 'nothing') return;
    atlas.faults.add({ kind: 'too-old', ...(refuses !== 'dropped' && { age: refuses * HOUR }) });
  };
  refusal();
  const world = new World({ ...history, atlas, credentials, traced: options.traced ?? false });
  const configs = history.configs.map((config, index) =>
    configOf(
      config,
      {
        // A change of the configuration also changes the compression, so that one lake has both.
        compression: (history.seed + index) % 2 === 0 ? 'gzip' : 'zstd',
        processes: processSettingsOf(history.seed, index),
        events: history.events.settings[index],
        slowQueries: slowQueriesOf(history.seed).settings[index],
        clusters: selections.settings[index] ?? null,
        snapshots: snapshotsOf(history.seed).settings[index],
        logs: logsOf(history.seed).settings[index],
      },
      atlas,
    ),
  );
  const ticks = ticksOf(history, configs);
  const backfills = backfillsOf(history.seed, history.topic);
  const names = DATASETS[history.topic].filter((name) => name !== undefined);
  const starts = ticks.map(({ at }) => at);
  await world.run(ticks, backfills ? ownersActs(backfills, names, starts) : []);
  // The final ticks have no faults, and Atlas lists all hosts again.
  const faultsEnd = (world.now - START) / MINUTE;
  const absences = history.absences.map((absence) => ({ ...absence, to: Math.min(absence.to, faultsEnd) }));
  atlas.faults.clear();
  const endedDepartures = departures.map((one) => ({ ...one, to: one.to && Math.min(one.to, faultsEnd) }));
  for (const one of endedDepartures) if (one.to === null) leave(one, Number.POSITIVE_INFINITY);
  refusal();
  const last = ticks.at(-1)?.config ?? configAt(configs, 0);
  const violations = await runFinalTicks(
    world,
    [...new Set(ticks.flatMap((tick) => tick.datasets))],
    last,
    history.finalPause * HOUR,
    new Map(
      endedDepartures.flatMap((one) => {
        const id = one.to === null ? departedOf(organisation, one)?.id : undefined;
        return id === undefined ? [] : [[id, minuteOf(one.from)] as const];
      }),
    ),
    selections.isKept,
    (at) => (backfills ? [ownersBackfill(backfills.last, names, at + backfills.last.after * MINUTE)] : []),
  );
  if (lateRequestsChangeLake(world))
    violations.push('requests that arrived after everything changed the lake');
  const checked = checkPromises({
    history: { ...history, absences, departures: endedDepartures },
    organisation,
    world,
  });
  const found = [...violations, ...checked.violations];
  return {
    violations: [...found, ...(await checkVerification(world, found, history.finalPause > 0))],
    trace: world.trace.lines,
    calls: world.scheduler.calls,
    rows: checked.rows,
    digest: digestOf(world.aws),
  };
}

function configOf(
  config: Config,
  {
    compression,
    processes,
    events,
    slowQueries,
    clusters,
    snapshots,
    logs,
  }: {
    clusters: ClusterPatterns | null;
    compression: Compression;
    processes: ProcessSettings;
    events: EventSettings | undefined;
    slowQueries: SlowQueries['settings'][number] | undefined;
    snapshots: ConfiguredSnapshots | undefined;
    logs: Logs['settings'][number] | undefined;
  },
  { organisation }: SimulatedAtlas,
): CollectorConfig {
  const second = organisation.projects[1];
  const settings = ({ enabled, granularity, settle, backfill }: Config['databases']) => ({
    enabled,
    granularity,
    settle: `PT${settle}M`,
    backfill: `PT${backfill}M`,
  });
  return parseConfig(
    {
      excludeProjects: config.excludesSecond && second ? [second.id] : [],
      ...(clusters && { clusters }),
      compression,
      datasets: {
        database_measurements: settings(config.databases),
        disk_measurements: settings(config.disks),
        process_measurements: { ...settings(config.disks), ...processes },
        search_measurements: settings(config.disks),
        access_logs: {
          enabled: config.logs.enabled,
          settle: `PT${config.logs.settle}M`,
          backfill: `PT${config.logs.backfill}M`,
          overlap: `PT${config.logs.overlap}M`,
        },
        alerts: config.alerts,
        ...(events && {
          events: {
            enabled: events.enabled,
            settle: `PT${events.settle}M`,
            backfill: `PT${events.backfill}M`,
            overlap: `PT${events.overlap}M`,
          },
        }),
        ...(slowQueries && {
          slow_queries: {
            enabled: slowQueries.enabled,
            settle: `PT${slowQueries.settle}M`,
            backfill: `PT${slowQueries.backfill}M`,
            overlap: `PT${slowQueries.overlap}M`,
            redact: slowQueries.redact,
          },
        }),
        ...(snapshots && {
          index_suggestions: ofSnapshots(snapshots.suggestions),
          query_shapes: ofSnapshots(snapshots.shapes),
        }),
        ...(logs && { host_logs: logSettings(logs), audit_logs: logSettings(logs) }),
        ranked_namespaces: {
          enabled: config.rankedNamespaces.enabled,
          settle: `PT${config.rankedNamespaces.settle}M`,
          backfill: `PT${config.rankedNamespaces.backfill}M`,
          namespaces: config.rankedNamespaces.namespaces,
        },
      },
    },
    datasets,
  );
}

/** How Atlas refuses or fails the lists that it computes for clusters. */
const ADVICE_OUTAGES: Readonly<Record<AdviceOutage['kind'], Fault>> = {
  tier: { kind: 'status', status: 400, errorCode: 'INSUFFICIENT_INSTANCE_SIZE', pattern: COMPUTED },
  role: { kind: 'status', status: 403, errorCode: 'USER_UNAUTHORIZED', pattern: COMPUTED },
  failure: { kind: 'status', status: 500, pattern: COMPUTED },
};

function ofSnapshots({ enabled, settle, backfill }: SnapshotSettings) {
  return { enabled, settle: `PT${settle}M`, backfill: `PT${backfill}M` };
}

function logSettings({ enabled, settle, backfill, overlap, maxBytesPerDay }: Logs['settings'][number]) {
  return {
    enabled,
    settle: `PT${settle}M`,
    backfill: `PT${backfill}M`,
    overlap: `PT${overlap}M`,
    ...(maxBytesPerDay !== undefined && { maxBytesPerDay }),
  };
}

function bucketsOf(capacity: number, topic: Topic) {
  const size = { capacity, refill: 100 };
  // A run reads all of a project's alerts or nothing, so this bucket is larger and refills every ten seconds or faster.
  const alerts = { capacity: capacity + 12, refill: 500 };
  // A second with several pages of events is read at once.
  const events = { capacity: capacity + 12, refill: 100 };
  return {
    monitoring: size,
    accessLogs: size,
    collectionMetrics: size,
    performanceAdvisor: size,
    queryShapeInsights: size,
    alerts,
    events,
    organisationEvents: events,
    // Other topics only read the list of clusters from this bucket.
    ...(topic === 'logs' && { clusters: events }),
  };
}

/** The datasets of each topic. */
const DATASETS: Readonly<Record<Topic, readonly [string, string?]>> = {
  measurements: ['database_measurements', 'disk_measurements'],
  process_measurements: ['process_measurements'],
  search_measurements: ['search_measurements'],
  access_logs: ['access_logs'],
  alerts: ['alerts'],
  ranked_namespaces: ['ranked_namespaces'],
  resources: ['inventory', 'cost_usage'],
  events: ['events'],
  slow_queries: ['slow_queries'],
  snapshots: ['index_suggestions', 'query_shapes'],
  logs: ['host_logs', 'audit_logs'],
};

function ticksOf({ seed, topic, ticks, restore }: History, configs: readonly CollectorConfig[]): Tick[] {
  const [first, second] = DATASETS[topic];
  const spread = topic === 'snapshots' ? snapshotsOf(seed).spread : 1;
  let at = START;
  return ticks.map(({ after, which, config }, index) => {
    at += Math.ceil(after / 20) * 20 * spread * MINUTE;
    const due =
      second === undefined ? [first] : { both: [first, second], first: [first], second: [second] }[which];
    const table = index === restore?.saved ? 'save' : index === restore?.at ? 'restore' : undefined;
    return { at, datasets: due, config: configAt(configs, config), ...(table && { table }) };
  });
}

function configAt(configs: readonly CollectorConfig[], index: number): CollectorConfig {
  const chosen = configs[Math.min(index, configs.length - 1)];
  if (!chosen) throw new RangeError('a history needs a configuration');
  return chosen;
}

/** Runs ticks without faults until one of them has nothing left from before, and returns what is still left. */
async function runFinalTicks(
  world: World,
  names: readonly string[],
  last: CollectorConfig,
  /** Additional time between the first and second of these ticks. */
  finalPause: number,
  /** When projects left Atlas's list for good. No run is expected for one that no tick ever saw. */
  gone: ReadonlyMap<string, number>,
  /** Whether these ticks select clusters like the last configuration. Otherwise they read all. */
  isKept: boolean,
  /** Returns the backfills that start with the first of these ticks. */
  backfillsAt: (at: number) => OwnersAct[],
): Promise<string[]> {
  world.stopFaults();
  await world.run([]);
  const since = world.now;
  const config = withAllEnabled(last, isKept);
  let open: string[] = [];
  for (let count = 1; count <= MOST_FINAL_TICKS; count += 1) {
    const at = (Math.floor(world.now / HOUR) + 2) * HOUR + (count === 2 ? finalPause : 0);
    const crashes = world.crashes.length;
    const dead = world.aws.sqs.dead;
    await world.run([{ at, datasets: names, config }], count === 1 ? backfillsAt(at) : []);
    const recent = [...world.runs.values()].filter(({ startedAt }) => startedAt >= since);
    open = names.flatMap((name) =>
      world.subjectIdsOf(name).flatMap((subjectId) => {
        const isOwn = (run: RunRecord) => run.subject === subjectId && run.dataset === name;
        const left = gone.get(subjectId);
        if (left !== undefined && ![...world.runs.values()].some(isOwn)) return [];
        // A project that left long ago has a run on each day. Every other project has one in each tick.
        const isDaily = left !== undefined && at - left >= EVERY_TICK;
        const isDue = ({ tick }: RunRecord) => tick === at || (isDaily && at - tick <= DAY);
        const latest = recent.findLast((run) => isOwn(run) && isDue(run));
        if (latest?.result?.outcome === 'complete') return [];
        const failure = latest?.result?.failures[0];
        const why = failure ? `: ${failure.error.message}` : '';
        return [`${name} of ${subjectId} is not complete after ${count} ticks without faults${why}`];
      }),
    );
    for (const error of world.crashes.slice(crashes)) {
      open.push(`a run crashed without faults: ${error instanceof Error ? error.stack : String(error)}`);
    }
    if (world.aws.sqs.dead > dead) open.push('a message became a dead letter without faults');
    if (open.length === 0 && count > 1) break;
  }
  return open;
}

/** Returns the same settings with all datasets and projects enabled, and with all clusters unless they are kept. */
function withAllEnabled({ clusters, ...config }: CollectorConfig, isKept: boolean): CollectorConfig {
  const all = Object.entries(config.datasets).map(([name, its]) => [name, { ...its, enabled: true }]);
  const kept = isKept && clusters ? { clusters } : {};
  return { ...config, ...kept, excludeProjects: [], datasets: Object.fromEntries(all) };
}
