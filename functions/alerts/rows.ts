import type { Alert, AlertConfiguration } from '../../shared/atlas/api.ts';
import type { AlertConfigurationId, ProjectId } from '../../shared/ids.ts';
import type { RowOf } from '../../shared/lake/table.ts';
import type { DatedChange } from './alert-changes.ts';
import type { DatedConfigurationChange } from './configuration-changes.ts';
import { redacted } from './redaction.ts';
import type { alertConfigurations, alerts } from './tables.ts';

export type AlertRow = RowOf<typeof alerts>;
export type AlertConfigurationRow = RowOf<typeof alertConfigurations>;

/** When a change was observed, ms, and its number. */
interface Seen {
  now: number;
  revision: number;
}

/** Returns the row of a change. It contains the alert as it was when the change was observed. */
export function alertRow(
  project: ProjectId,
  alert: Alert,
  { change, ts }: DatedChange,
  { now: collectedAt, revision }: Seen,
): AlertRow {
  return {
    project_id: project,
    alert_id: alert.id,
    alert_config_id: alert.configuration,
    change,
    status: alert.status,
    event_type_name: alert.eventTypeName,
    cluster_name: alert.clusterName,
    replica_set_name: alert.replicaSetName,
    host_and_port: alert.hostnameAndPort,
    metric_name: alert.metricName,
    current_value: alert.currentValue,
    current_units: alert.currentUnits,
    created: alert.created,
    updated: alert.updated,
    resolved: alert.resolved,
    last_notified: alert.lastNotified,
    acknowledged_until: alert.acknowledgedUntil,
    acknowledging_username: alert.acknowledgingUsername,
    acknowledgement_comment: alert.acknowledgementComment,
    ts,
    document: JSON.stringify(alert.document),
    collected_at: collectedAt,
    revision,
  };
}

export function configurationRow(
  project: ProjectId,
  configuration: AlertConfiguration,
  { change, ts }: DatedConfigurationChange,
  { now: collectedAt, revision }: Seen,
): AlertConfigurationRow {
  return {
    project_id: project,
    alert_config_id: configuration.id,
    change,
    enabled: configuration.enabled,
    event_type_name: configuration.eventTypeName,
    metric_name: configuration.metricName,
    operator: configuration.operator,
    threshold: configuration.threshold,
    threshold_units: configuration.thresholdUnits,
    severity: configuration.severityOverride,
    created: configuration.created,
    updated: configuration.updated,
    ts,
    document: JSON.stringify(redacted(configuration.document)),
    collected_at: collectedAt,
    revision,
  };
}

/** Returns the row of a removed configuration, of which only the id is known. */
export function removalRow(
  project: ProjectId,
  configuration: AlertConfigurationId,
  { now: collectedAt, revision }: Seen,
): AlertConfigurationRow {
  return {
    project_id: project,
    alert_config_id: configuration,
    change: 'removed',
    enabled: null,
    event_type_name: null,
    metric_name: null,
    operator: null,
    threshold: null,
    threshold_units: null,
    severity: null,
    created: null,
    updated: null,
    ts: collectedAt,
    document: null,
    collected_at: collectedAt,
    revision,
  };
}
