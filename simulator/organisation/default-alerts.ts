import type { AlertConfigurationShape, AlertShape, RecurringAlertShape } from '../alerts/shapes.ts';
import { HOUR, MINUTE } from '../time.ts';

/** The demo's alert configurations: most kinds of Atlas's defaults, and one that contains a credential. */
export const DEFAULT_ALERT_CONFIGURATIONS: readonly AlertConfigurationShape[] = [
  {
    name: 'oplog',
    eventTypeName: 'REPLICATION_OPLOG_WINDOW_RUNNING_OUT',
    fields: { threshold: { operator: 'LESS_THAN', threshold: 1, units: 'HOURS' } },
  },
  {
    name: 'connections',
    eventTypeName: 'OUTSIDE_METRIC_THRESHOLD',
    fields: {
      metricThreshold: {
        metricName: 'CONNECTIONS_PERCENT',
        mode: 'AVERAGE',
        operator: 'GREATER_THAN',
        threshold: 80,
        units: 'RAW',
      },
      notifications: [
        {
          delayMin: 0,
          intervalMin: 60,
          notifierId: '63698b66955c5b772dcf27d9',
          typeName: 'WEBHOOK',
          webhookSecret: 'demo-secret-0123456789',
          webhookUrl: 'https://hooks.example.com/atlas/demo-secret-0123456789',
        },
      ],
    },
  },
  {
    name: 'disk',
    eventTypeName: 'OUTSIDE_METRIC_THRESHOLD',
    fields: {
      metricThreshold: {
        metricName: 'DISK_PARTITION_SPACE_USED_DATA',
        mode: 'AVERAGE',
        operator: 'GREATER_THAN',
        threshold: 90,
        units: 'RAW',
      },
      severityOverride: 'WARNING',
    },
  },
  { name: 'no-primary', eventTypeName: 'NO_PRIMARY' },
  { name: 'two-factor', eventTypeName: 'USERS_WITHOUT_MULTI_FACTOR_AUTH' },
  { name: 'switched-off', eventTypeName: 'HOST_DOWN', enabled: false },
];

/** An alert that stays open. */
export const DEFAULT_ALERTS: readonly AlertShape[] = [
  { configuration: 'two-factor', created: Date.UTC(2025, 6, 2, 10, 24, 29) },
];

/** Recurring alerts, so that any six hours have one of each kind: ordinary, short, acknowledged, tracked first. */
export const DEFAULT_RECURRING_ALERTS: readonly RecurringAlertShape[] = [
  { configuration: 'connections', every: 3 * HOUR, phase: 17 * MINUTE, closedAfter: 38 * MINUTE },
  {
    configuration: 'disk',
    every: 5 * HOUR,
    phase: 71 * MINUTE,
    openedAfter: 6 * MINUTE,
    acknowledgedAfter: 41 * MINUTE,
    acknowledgedFor: HOUR,
    closedAfter: 2 * HOUR + 44 * MINUTE,
  },
  { configuration: 'no-primary', every: 4 * HOUR, phase: 101 * MINUTE, closedAfter: 90_000 },
];
