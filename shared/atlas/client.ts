import type { Dispatcher } from 'undici';
import type { Clock } from '../clock.ts';
import type { HttpsProxy } from '../https-proxy.ts';
import type { AtlasClient, AtlasCredentials, AtlasLog, AtlasSession } from './api.ts';
import { AtlasTime } from './atlas-time.ts';
import { Authentication } from './authentication/authentication.ts';
import { tokenRequester } from './authentication/token-request.ts';
import { parseBaseUrl } from './base-url.ts';
import { CONNECTIONS, TIME_LIMITS } from './connections.ts';
import { AtlasConfigurationError } from './errors.ts';
import { learnTime } from './learn-time.ts';
import * as history from './operations/access-history.ts';
import * as alerts from './operations/alerts.ts';
import { costUsage } from './operations/costs.ts';
import * as discovery from './operations/discovery.ts';
import { listEvents } from './operations/events.ts';
import { readLog } from './operations/logs.ts';
import * as measurements from './operations/measurements.ts';
import * as advisor from './operations/performance-advisor.ts';
import { queryShapes } from './operations/query-shapes.ts';
import * as rankedNamespaces from './operations/ranked-namespaces.ts';
import { listResources } from './operations/resources.ts';
import { slowQueries } from './operations/slow-queries.ts';
import { RateLimiter } from './rate-limit/limiter.ts';
import { SessionRemarks } from './remarks.ts';
import { createRequester } from './requester.ts';
import { Transport } from './transport.ts';

export interface AtlasClientOptions {
  /** For example `https://cloud.mongodb.com`. May have a path prefix; plain http is for loopback only. */
  readonly baseUrl: string;
  /** Called when the client first needs credentials, and again when Atlas refuses them. */
  readonly credentials: () => Promise<AtlasCredentials>;
  readonly clock: Clock;
  /** Returns 0 to less than 1: spreads retries. */
  readonly random: () => number;
  /** The share of each rate limit's bucket, 0 to less than 1, that stays available to the project's other users. */
  readonly reserve: number;
  readonly log: AtlasLog;
  /** Sends the requests instead of real connections, so that a test can respond in the same process. */
  readonly dispatcher?: Dispatcher;
  /** The proxy for requests to an https:// address. */
  readonly proxy?: HttpsProxy | undefined;
}

/**
 * Creates a client of the Atlas Admin API that can only read.
 *
 * @throws AtlasConfigurationError when the base URL or the reserve is invalid
 */
export function createAtlasClient(options: AtlasClientOptions): AtlasClient {
  const { clock, random, reserve, log, credentials } = options;
  if (!(reserve >= 0 && reserve < 1)) {
    const errorContext = { operation: 'configuration', attempts: 0 };
    throw new AtlasConfigurationError('the reserve must be at least 0 and less than 1', errorContext);
  }
  const transport = new Transport(parseBaseUrl(options.baseUrl), TIME_LIMITS, options);
  const limiter = new RateLimiter({ clock, reserve, maxInFlight: CONNECTIONS });
  const time = new AtlasTime(clock);
  const exchangeTools = { transport, limiter, clock, log, random, time };
  const authentication = new Authentication({
    credentials,
    requestToken: tokenRequester(exchangeTools),
    clock,
  });
  const tools = { ...exchangeTools, authentication, deprecated: new Set<string>() };
  return {
    session: ({ deadline }) => {
      const traffic = { requests: 0, throttled: 0 };
      const exhausted = new Map<string, number>();
      // A run's time never goes back, even if the estimate of Atlas's time does.
      let now = Number.NEGATIVE_INFINITY;
      const remarks = new SessionRemarks();
      return {
        ...sessionOf(createRequester(tools, { deadline, traffic, exhausted, remarks }), { traffic, remarks }),
        learnTime: () => learnTime(tools, { deadline, traffic, exhausted }),
        now: () => {
          now = Math.max(now, time.now());
          return now;
        },
        latest: () => time.latest,
      };
    },
    now: () => time.now(),
    close: () => transport.close(),
  };
}

function sessionOf(
  atlas: ReturnType<typeof createRequester>,
  { traffic, remarks }: Pick<AtlasSession, 'traffic' | 'remarks'>,
): Omit<AtlasSession, 'learnTime' | 'now' | 'latest'> {
  return {
    listProjects: () => discovery.listProjects(atlas),
    listClusters: (project) => discovery.listClusters(atlas, project),
    listProcesses: (project) => discovery.listProcesses(atlas, project),
    listDatabases: (project, process) => discovery.listDatabases(atlas, project, process),
    listDisks: (project, process) => discovery.listDisks(atlas, project, process),
    databaseMeasurements: (project, process, database, window) =>
      measurements.databaseMeasurements(atlas, project, process, database, window),
    diskMeasurements: (project, process, partition, window) =>
      measurements.diskMeasurements(atlas, project, process, partition, window),
    processMeasurements: (project, process, window) =>
      measurements.processMeasurements(atlas, project, process, window),
    searchMeasurements: (project, process, window) =>
      measurements.searchMeasurements(atlas, project, process, window),
    listAlertConfigurations: (project) => alerts.listAlertConfigurations(atlas, project),
    getAlertConfiguration: (project, configuration) =>
      alerts.getAlertConfiguration(atlas, project, configuration),
    listAlertsOfConfiguration: (project, configuration) =>
      alerts.listAlertsOfConfiguration(atlas, project, configuration),
    listAlertsSince: (project, status, since) => alerts.listAlertsSince(atlas, project, status, since),
    getAlert: (project, alert) => alerts.getAlert(atlas, project, alert),
    accessHistory: (project, hostname, span) => history.accessHistory(atlas, project, hostname, span),
    slowQueries: (project, process, span) => slowQueries(atlas, project, process, span),
    listEvents: (subject, span, page) => listEvents(atlas, subject, span, page),
    readLog: (project, log, span, newReader) => readLog(atlas, project, log, span, newReader),
    rankedNamespaces: (project, process, span) =>
      rankedNamespaces.rankedNamespaces(atlas, project, process, span),
    namespaceMeasurements: (project, process, database, collection, span) =>
      rankedNamespaces.namespaceMeasurements(atlas, project, process, database, collection, span),
    suggestedIndexes: (project, cluster, span) => advisor.suggestedIndexes(atlas, project, cluster, span),
    removableIndexes: (project, cluster) => advisor.removableIndexes(atlas, project, cluster),
    schemaAdvice: (project, cluster) => advisor.schemaAdvice(atlas, project, cluster),
    queryShapes: (project, cluster, span) => queryShapes(atlas, project, cluster, span),
    costUsage: (organisation, query) => costUsage(atlas, organisation, query),
    listResources: (read) => listResources(atlas, read),
    traffic,
    remarks,
  };
}
