import { buildAlert } from './alerts/alerts.ts';
import { buildConfiguration } from './alerts/configurations.ts';
import { eventRules } from './events/rules.ts';
import { hexName } from './hash.ts';
import { buildCluster } from './organisation/clusters.ts';
import {
  DEFAULT_EVENTS,
  DEFAULT_LATE_RANKED_NAMESPACES,
  DEFAULT_LATE_SERIES,
  DEFAULT_PROJECTS,
} from './organisation/default-projects.ts';
import type { OrganisationOptions, ProjectShape } from './organisation/shapes.ts';
import type { Organisation, Project } from './organisation/types.ts';
import { DAY, MINUTE } from './time.ts';

export type { Alert } from './alerts/alerts.ts';
export type { AlertConfiguration } from './alerts/configurations.ts';
export type { AlertConfigurationShape, AlertShape, RecurringAlertShape } from './alerts/shapes.ts';
export type { OrganisationOptions, ProjectShape } from './organisation/shapes.ts';
export type {
  Cluster,
  Collection,
  Database,
  Disk,
  Organisation,
  Process,
  Project,
} from './organisation/types.ts';

/**
 * Creates an organisation that depends only on its options. Ids and host names derive from the seed and the names, so a
 * test can create it once to learn them, and again with rules that mention them.
 */
export function createOrganisation(options: OrganisationOptions = {}): Organisation {
  const seed = options.seed ?? 1;
  const created = options.created ?? Date.UTC(2025, 0, 1);
  // The demo's late series and late ranked namespaces belong to the demo's projects.
  const lateSeries = options.lateSeries ?? (options.projects === undefined ? DEFAULT_LATE_SERIES : []);
  const lateRankedNamespaces =
    options.lateRankedNamespaces ?? (options.projects === undefined ? DEFAULT_LATE_RANKED_NAMESPACES : []);
  return {
    id: hexName(`organisation/${seed}`, 24),
    seed,
    created,
    projects: (options.projects ?? DEFAULT_PROJECTS).map((shape) => buildProject(shape, seed, created)),
    databaseSampling: options.databaseSampling ?? 20 * MINUTE,
    provisional: options.provisional ?? 'at-sample',
    stalls: options.stalls ?? [],
    processSeries: options.processSeries ?? null,
    withoutSearch: options.withoutSearch ?? 'empty',
    nullShare: options.nullShare ?? 0,
    drift: options.drift ?? options.projects === undefined,
    lateness: {
      lateSeries: [...lateSeries],
      missingSeries: options.missingSeries ?? [],
      lateFills: options.lateFills ?? [],
    },
    hidesTracking: options.hidesTracking ?? false,
    alertOrder: options.alertOrder ?? 'oldest-first',
    accessLogBounds: options.accessLogBounds ?? '[]',
    accessLogPrecision: options.accessLogPrecision ?? 'millisecond',
    lateRankedNamespaces: [...lateRankedNamespaces],
    rankedNamespacesRetention: options.rankedNamespacesRetention ?? Infinity,
    events: eventRules(options.events ?? (options.projects === undefined ? DEFAULT_EVENTS : {})),
    eventBounds: options.eventBounds ?? '[]',
    eventsRetention: options.eventsRetention ?? Infinity,
    slowQueryBounds: options.slowQueryBounds ?? '[]',
    slowQueryOrder: options.slowQueryOrder ?? 'newest-first',
    slowQueriesRetention: options.slowQueriesRetention ?? 7 * DAY,
    adviceRetention: options.adviceRetention ?? 7 * DAY,
    logBounds: options.logBounds ?? '[]',
    logUnits: options.logUnits ?? 'lines',
    sharesProjectEvents: options.sharesProjectEvents ?? false,
  };
}

function buildProject(shape: ProjectShape, seed: number, created: number): Project {
  const key = `${seed}/${shape.name}`;
  const built = shape.clusters.map((cluster) => buildCluster(cluster, { key, created }));
  const alertConfigurations = (shape.alertConfigurations ?? []).map((configuration) =>
    buildConfiguration(configuration, { key, created }),
  );
  return {
    id: shape.id ?? hexName(`project/${key}`, 24),
    key,
    name: shape.name,
    created,
    clusters: built.map(({ cluster }) => cluster),
    processes: built.flatMap(({ processes }) => processes),
    alertConfigurations,
    alerts: (shape.alerts ?? []).map((alert, index) =>
      buildAlert(alert, alertConfigurations, { key, index }),
    ),
    recurringAlerts: shape.recurringAlerts ?? [],
    events: eventRules(shape.events),
  };
}
