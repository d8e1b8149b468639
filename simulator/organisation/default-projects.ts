import type { AccessLogShape } from '../access-logs/rules.ts';
import type { EventShape } from '../events/rules.ts';
import type { LogShape } from '../logs/rules.ts';
import { MINUTE, SECOND } from '../time.ts';
import { DEFAULT_ALERT_CONFIGURATIONS, DEFAULT_ALERTS, DEFAULT_RECURRING_ALERTS } from './default-alerts.ts';
import type { LateRankedNamespaces } from './late-ranked-namespaces.ts';
import type { LateSeries } from './lateness.ts';
import type { ProjectShape } from './shapes.ts';

/** Some thousand entries per week and host. A few arrive after their time has been read. */
const ACCESS_LOGS: AccessLogShape = { perHour: 20, lateShare: 0.02, lateByMs: 10.5 * MINUTE };

/** A message every half a minute. A few chunks arrive after their time has been read. */
const LOGS: LogShape = { perHour: 120, lateShare: 0.02, lateByMs: 10.5 * MINUTE };

/** Some events per hour, of which a few arrive after their time has been read. */
const EVENTS: EventShape = { perHour: 2, lateShare: 0.05, lateByMs: 10.5 * MINUTE };

/** Some slow queries per hour and process. */
const SLOW_QUERIES: EventShape = { perHour: 6, lateShare: 0.05, lateByMs: 10.5 * MINUTE };

/** The events of the demo's organisation. */
export const DEFAULT_EVENTS: EventShape = { ...EVENTS, perHour: 0.3 };

/**
 * The demo's organisation: small enough that its first 48 hours fit into the rate limits, with one of everything that
 * makes collecting hard.
 */
export const DEFAULT_PROJECTS: readonly ProjectShape[] = [
  {
    name: 'webshop-production',
    alertConfigurations: [...DEFAULT_ALERT_CONFIGURATIONS],
    recurringAlerts: [...DEFAULT_RECURRING_ALERTS],
    events: EVENTS,
    clusters: [
      {
        name: 'orders',
        // One host stamps its points 32 seconds into each interval, and another logs like MongoDB before 4.4.
        nodes: [
          {},
          { accessLogs: { ...ACCESS_LOGS, lines: 'text', timestamps: 'iso' } },
          { offset: 32 * SECOND },
        ],
        accessLogs: ACCESS_LOGS,
        search: {},
        logs: LOGS,
        slowQueries: SLOW_QUERIES,
        advice: { indexes: 4, drops: 3, schemas: 2 },
        queryShapes: 12,
        databases: [
          'local',
          { name: 'orders', collections: ['carts', 'invoices.2026'] },
          { name: 'web-sessions', collections: ['sessions'] },
          { name: 'tenant_ä', collections: ['événements 100%'] },
        ],
      },
    ],
  },
  {
    name: 'telemetry',
    alertConfigurations: [...DEFAULT_ALERT_CONFIGURATIONS],
    alerts: [...DEFAULT_ALERTS],
    recurringAlerts: [...DEFAULT_RECURRING_ALERTS],
    events: EVENTS,
    clusters: [
      {
        name: 'Events',
        type: 'SHARDED',
        nodes: 2,
        databases: ['config', { name: 'events', collections: ['raw', 'raw.rollups.$daily'] }, 'local'],
        accessLogs: ACCESS_LOGS,
        logs: LOGS,
        slowQueries: { ...SLOW_QUERIES, perHour: 1 },
        advice: { indexes: 2, drops: 1 },
        queryShapes: 5,
      },
      { name: 'sandbox', nodes: [{ typeName: 'NO_DATA' }], backups: false },
    ],
  },
];

/** One series shows its values 40 minutes late, long after the others have been read. */
export const DEFAULT_LATE_SERIES: readonly LateSeries[] = [
  { databaseName: 'orders', measurement: 'DATABASE_INDEX_SIZE', lateByMs: 40 * MINUTE },
];

/** One hour in five is ranked 90 minutes late, and one in fifty never. */
export const DEFAULT_LATE_RANKED_NAMESPACES: readonly LateRankedNamespaces[] = [
  { share: 0.2, lateByMs: 90 * MINUTE },
  { share: 0.02, lateByMs: null },
];
