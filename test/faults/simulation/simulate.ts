import { HOUR, MINUTE } from '../../../shared/durations.ts';
import './machine.ts';
import { gunzipSync } from 'node:zlib';
import { datasets } from '../../../functions/datasets.ts';
import { type CollectorConfig, parseConfig } from '../../../shared/config.ts';
import { createAtlas, type SimulatedAtlas } from '../../../simulator/atlas.ts';
import { digestOf } from './digest.ts';
import { FATES } from './fates.ts';
import {
  type Config,
  type Departure,
  type EventSettings,
  type History,
  minuteOf,
  START,
  type Subject,
} from './history.ts';
import { judge } from './oracle/judge.ts';
import { checkVerification } from './oracle/verification.ts';
import { departedOf, organisationOf } from './organisation.ts';
import { type Tick, World } from './world.ts';

/** The result of a simulated history. */
export interface Verdict {
  /** One line for each broken promise. */
  violations: string[];
  trace: readonly string[];
  /** How many calls the code under test made to the outside. */
  calls: number;
  rows: number;
  /** A hash of everything that is stored at the end. Versions of the collector that behave the same have the same hash. */
  digest: string;
}

/** The maximum number of ticks without faults after a history, until everything is collected. */
const LAST_TICKS = 12;

/** An unchecked first history. The SDK loads files and modules on first use, which takes real time. */
const WARM_UP: History = {
  seed: 0,
  subject: 'measurements',
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
  hushes: [],
  refuses: 'nothing',
  configs: [
    {
      databases: { enabled: true, granularity: 'PT5M', settle: 25, backfill: 60 },
      disks: { enabled: true, granularity: 'PT5M', settle: 10, backfill: 60 },
      logs: { enabled: true, settle: 10, backfill: 60, overlap: 2 },
      alerts: { enabled: true },
      rankings: { enabled: true, settle: 20, backfill: 60, namespaces: 1 },
      excludesSecond: false,
    },
  ],
  ticks: [{ after: 20, which: 'both', config: 0 }],
  fates: FATES.map((fate) => ({ service: null, skip: 3, fate, times: 1 })),
  bucket: null,
  redelivered: 0,
  skew: 0,
  restore: null,
  farewell: 0,
};
let warmedUp: Promise<Verdict> | undefined;

/** Simulates a history and checks the result. */
export async function simulate(history: History, options: { traced?: boolean } = {}): Promise<Verdict> {
  await warmUp();
  return live(history, options);
}

/** Loads what the SDK needs. Call this before you create a world, because simulated calls time out during loading. */
export async function warmUp(): Promise<void> {
  warmedUp ??= live(WARM_UP, {});
  await warmedUp;
}

async function live(history: History, options: { traced?: boolean }): Promise<Verdict> {
  // Separate tests cover resources and costs of a removed project.
  const departures = history.subject === 'resources' ? [] : history.departures;
  const organisation = organisationOf(history);
  const atlas = createAtlas({
    organisation,
    now: START,
    rateLimits: history.bucket === null ? false : { sizes: bucketsOf(history.bucket) },
  });
  const places = organisation.projects.flatMap(({ id, processes }) =>
    processes.map((process) => ({ projectId: id, processId: process.id })),
  );
  for (const { kind, node, from, to } of history.absences) {
    const place = places[node % places.length];
    if (place) atlas.faults.add({ kind, ...place, from: minuteOf(from), until: minuteOf(to) });
  }
  for (const { items, from, to } of history.unreadable) {
    const lists = history.subject === 'resources' ? {} : { pattern: /\/(processes|databases|disks|events)$/ };
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
  for (const { node, from, to } of history.hushes) {
    const place = places[node % places.length];
    const granularities = ['PT1H', 'P1D'];
    const fault = { kind: 'no-values', granularities, from: minuteOf(from), until: minuteOf(to) } as const;
    if (place) atlas.faults.add({ ...fault, ...place });
  }
  const { refuses } = history;
  const refusal = () => {
    if (refuses === 'nothing') return;
    atlas.faults.add({ kind: 'too-old', ...(refuses !== 'dropped' && { age: refuses * HOUR }) });
  };
  refusal();
  const world = new World({ ...history, atlas, traced: options.traced ?? false });
  const configs = history.configs.map((config, index) =>
    configOf(config, history.events.settings[index], atlas),
  );
  const ticks = ticksOf(history, configs);
  await world.live(ticks);
  // The final ticks have no faults, and Atlas lists all hosts again.
  const troubled = (world.now - START) / MINUTE;
  const absences = history.absences.map((absence) => ({ ...absence, to: Math.min(absence.to, troubled) }));
  atlas.faults.clear();
  const stay = departures.map((one) => ({ ...one, to: one.to && Math.min(one.to, troubled) }));
  for (const one of stay) if (one.to === null) leave(one, Number.POSITIVE_INFINITY);
  refusal();
  const last = ticks.at(-1)?.config ?? choose(configs, 0);
  const violations = await calmDown(
    world,
    [...new Set(ticks.flatMap((tick) => tick.datasets))],
    last,
    history.farewell * HOUR,
    new Set(stay.flatMap((one) => (one.to === null ? (departedOf(organisation, one)?.id ?? []) : []))),
  );
  if (lateArrivalsChange(world)) violations.push('requests that arrived after everything changed the lake');
  const verdict = judge({ history: { ...history, absences, departures: stay }, organisation, world });
  const found = [...violations, ...verdict.violations];
  return {
    violations: [...found, ...(await checkVerification(world, found))],
    trace: world.trace.lines,
    calls: world.scheduler.calls,
    rows: verdict.rows,
    digest: digestOf(world.aws),
  };
}

function configOf(
  config: Config,
  events: EventSettings | undefined,
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
      datasets: {
        database_measurements: settings(config.databases),
        disk_measurements: settings(config.disks),
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
        ranked_namespaces: {
          enabled: config.rankings.enabled,
          settle: `PT${config.rankings.settle}M`,
          backfill: `PT${config.rankings.backfill}M`,
          namespaces: config.rankings.namespaces,
        },
      },
    },
    datasets,
  );
}

function bucketsOf(capacity: number) {
  const size = { capacity, refill: 100 };
  // A run reads all of a project's alerts or nothing, so this bucket is larger and refills every ten seconds or faster.
  const alerts = { capacity: capacity + 12, refill: 500 };
  // A second with several pages of events is read at once.
  const events = { capacity: capacity + 12, refill: 100 };
  return {
    monitoring: size,
    accessLogs: size,
    collectionMetrics: size,
    alerts,
    events,
    organisationEvents: events,
  };
}

/** The datasets of each subject. */
const DATASETS: Readonly<Record<Subject, readonly [string, string?]>> = {
  measurements: ['database_measurements', 'disk_measurements'],
  access_logs: ['access_logs'],
  alerts: ['alerts'],
  ranked_namespaces: ['ranked_namespaces'],
  resources: ['inventory', 'cost_usage'],
  events: ['events'],
};

function ticksOf({ subject, ticks, restore }: History, configs: readonly CollectorConfig[]): Tick[] {
  const [first, second] = DATASETS[subject];
  let at = START;
  return ticks.map(({ after, which, config }, index) => {
    at += Math.ceil(after / 20) * 20 * MINUTE;
    const due =
      second === undefined ? [first] : { both: [first, second], first: [first], second: [second] }[which];
    const table = index === restore?.saved ? 'save' : index === restore?.at ? 'restore' : undefined;
    return { at, datasets: due, config: choose(configs, config), ...(table && { table }) };
  });
}

function choose(configs: readonly CollectorConfig[], index: number): CollectorConfig {
  const chosen = configs[Math.min(index, configs.length - 1)];
  if (!chosen) throw new RangeError('a history needs a configuration');
  return chosen;
}

/** Runs ticks without faults until one of them has nothing left from before, and returns what is still left. */
async function calmDown(
  world: World,
  names: readonly string[],
  last: CollectorConfig,
  /** Additional time between the first and second of these ticks. */
  farewell: number,
  /** Projects that are removed for good. No run is expected for one that no tick ever saw. */
  gone: ReadonlySet<string>,
): Promise<string[]> {
  world.calmDown();
  await world.live([]);
  const config = everything(last);
  let open: string[] = [];
  for (let count = 1; count <= LAST_TICKS; count += 1) {
    const at = (Math.floor(world.now / HOUR) + 2) * HOUR + (count === 2 ? farewell : 0);
    const crashes = world.crashes.length;
    const dead = world.aws.sqs.dead;
    await world.live([{ at, datasets: names, config }]);
    const runs = [...world.runs.values()].filter(({ tick }) => tick === at);
    open = names.flatMap((name) =>
      world
        .unitsOf(name)
        .filter((unit) => {
          const ever = [...world.runs.values()].some((run) => run.project === unit && run.dataset === name);
          if (gone.has(unit) && !ever) return false;
          const own = runs.filter((run) => run.project === unit && run.dataset === name);
          return own.at(-1)?.result?.outcome !== 'complete';
        })
        .map((unit) => {
          const failure = runs.findLast((run) => run.project === unit && run.dataset === name)?.result
            ?.failures[0];
          const why = failure ? `: ${failure.error.message}` : '';
          return `${name} of ${unit} is not complete after ${count} ticks without faults${why}`;
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

/** Returns the same settings with all datasets and projects enabled. */
function everything(config: CollectorConfig): CollectorConfig {
  const all = Object.entries(config.datasets).map(([name, its]) => [name, { ...its, enabled: true }]);
  return { ...config, excludeProjects: [], datasets: Object.fromEntries(all) };
}

/** Lets all requests on their way arrive. Returns whether that changed the cursors or the rows of the lake. */
function lateArrivalsChange({ aws, scheduler }: World): boolean {
  const [objects, items] = [new Map(aws.s3.objects), JSON.stringify(aws.dynamodb.items)];
  scheduler.landAll();
  if (JSON.stringify(aws.dynamodb.items) !== items) return true;
  // An empty object counts as no object.
  const rows = (body: Buffer | undefined) => (body === undefined ? '' : gunzipSync(body).toString('utf8'));
  return [...new Set([...objects.keys(), ...aws.s3.objects.keys()])].some((key) => {
    const [before, after] = [objects.get(key), aws.s3.objects.get(key)];
    return before !== after && rows(before) !== rows(after);
  });
}
