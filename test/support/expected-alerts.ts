import { HOUR } from '../../shared/durations.ts';
import {
  type Alert,
  acknowledgedUntilAt,
  alertDocument,
  statusAt,
  updatedAt,
} from '../../simulator/alerts/alerts.ts';
import { alertsUntil } from '../../simulator/alerts/recurring.ts';
import type { Organisation } from '../../simulator/organisation.ts';
import type { LakeRow } from './lake-files.ts';
import { instantOf, lakeTime } from './times.ts';

/**
 * Computes what runs at given instants can see of the simulator's alerts, and so which rows the lake must have. It uses
 * the alerts' scripts and asks neither the server nor the collector.
 */

export interface ExpectedChange {
  alert: string;
  change: string;
  /** Milliseconds since 1970. */
  ts: number;
  collected: number;
}

/** Returns the changes of all alerts of a project, in order for each alert. */
export function expectedChanges(
  organisation: Organisation,
  projectId: string,
  runs: readonly number[],
): ExpectedChange[] {
  const project = organisation.projects.find(({ id }) => id === projectId);
  if (!project) throw new Error('no such project');
  return alertsUntil(project, runs.at(-1) ?? 0).flatMap((alert) => changesOf(alert, runs));
}

/** Follows one alert from run to run. */
function changesOf(alert: Alert, runs: readonly number[]): ExpectedChange[] {
  const changes: ExpectedChange[] = [];
  let before: number | null = null;
  for (const [index, run] of runs.entries()) {
    const previous = runs[index - 1] ?? run;
    const status = statusAt(alert, run);
    if (status === null) {
      if (before !== null) return changes;
      continue;
    }
    const ended = status === 'CLOSED' || status === 'CANCELLED';
    // A run finds an alert that ended unseen if it closed and was created at most an hour before the last run.
    const isNew = before === null;
    const isFound = status === 'OPEN' || status === 'TRACKING';
    if (isNew && !isFound && !(status === 'CLOSED' && alert.created >= previous - HOUR)) continue;
    const end = ended ? (alert.end?.at ?? run) : run;
    const updated = updatedAt(alert, run);
    const lower = isNew ? Math.max(previous, alert.created) : previous;
    const told = Math.min(updated > lower && updated <= run ? updated : run, end);
    const events: [string, number][] = [];
    if (isNew) events.push(['opened', alert.created]);
    const was = before !== null && isAcknowledged(alert, before);
    const is = isAcknowledged(alert, end);
    const until = acknowledgedUntilAt(alert, run);
    const wasSeen = before !== null && acknowledgedUntilAt(alert, before) !== null;
    // The acknowledgement began since the last run, even if it is over already.
    if (!was && until !== null && !wasSeen) events.push(['acknowledged', Math.min(told, until)]);
    if ((was || (until !== null && !wasSeen)) && !is) {
      const ranOut = until !== null && until <= end;
      events.push(['unacknowledged', ranOut ? until : told]);
    }
    if (before !== null && isUpdated(alert, before, run)) events.push(['updated', told]);
    if (ended) events.push([status.toLowerCase(), status === 'CLOSED' ? end : updated]);
    let last = changes.at(-1)?.ts ?? Number.NEGATIVE_INFINITY;
    for (const [change, ts] of events) {
      last = Math.max(last, ts);
      changes.push({ alert: alert.id, change, ts: last, collected: run });
    }
    if (ended) return changes;
    before = run;
  }
  return changes;
}

function isAcknowledged(alert: Alert, at: number): boolean {
  const until = acknowledgedUntilAt(alert, at);
  return until !== null && until > at;
}

/** Returns whether a scripted change of a field, or the end of tracking, is between two runs. */
function isUpdated(alert: Alert, before: number, run: number): boolean {
  const end = alert.end?.at ?? Number.POSITIVE_INFINITY;
  const isBetween = (at: number) => at > before && at <= run && at <= end;
  const opened = alert.opened !== undefined && isBetween(alert.opened) && run < end;
  return opened || (alert.changes ?? []).some(({ at }) => isBetween(at));
}

/** Returns the complete rows of `alerts` that the lake must have. */
export function expectedAlertRows(
  organisation: Organisation,
  projectId: string,
  runs: readonly number[],
): LakeRow[] {
  const project = organisation.projects.find(({ id }) => id === projectId);
  const alerts = new Map(
    project && alertsUntil(project, runs.at(-1) ?? 0).map((alert) => [alert.id, alert] as const),
  );
  return expectedChanges(organisation, projectId, runs).map(({ alert: id, change, ts, collected }) => {
    const alert = alerts.get(id);
    if (!alert) throw new Error('no such alert');
    const document = alertDocument(alert, { groupId: projectId, orgId: organisation.id }, collected);
    return expectedAlertRow(projectId, document, { change, ts, collected });
  });
}

/** Returns the row of a change that a run saw in this document. */
export function expectedAlertRow(
  projectId: string,
  document: Readonly<Record<string, unknown>>,
  { change, ts, collected }: Omit<ExpectedChange, 'alert'>,
): LakeRow {
  const value = (name: string) => document[name] ?? null;
  const time = (name: string) => {
    const text = document[name];
    return typeof text === 'string' ? lakeTime(Date.parse(text)) : null;
  };
  const { number = null, units = null } = Object(document['currentValue']);
  return {
    project_id: projectId,
    alert_id: value('id'),
    alert_config_id: value('alertConfigId'),
    change,
    status: value('status'),
    event_type_name: value('eventTypeName'),
    cluster_name: value('clusterName'),
    replica_set_name: value('replicaSetName'),
    host_and_port: value('hostnameAndPort'),
    metric_name: value('metricName'),
    current_value: number,
    current_units: units,
    created: time('created'),
    updated: time('updated'),
    resolved: time('resolved'),
    last_notified: time('lastNotified'),
    acknowledged_until: time('acknowledgedUntil'),
    acknowledging_username: value('acknowledgingUsername'),
    acknowledgement_comment: value('acknowledgementComment'),
    ts: lakeTime(ts),
    document: JSON.stringify(document),
    collected_at: lakeTime(collected),
  };
}

/** Returns rows without their revisions, which depend on what else the runs wrote. */
export function withoutRevisions(rows: readonly LakeRow[]): LakeRow[] {
  return rows.map(({ revision: _, ...row }) => row);
}

/** Returns the changes that rows report, in the order of the rows. */
export function foundChanges(rows: readonly LakeRow[]): ExpectedChange[] {
  return rows.map((row) => ({
    alert: String(row['alert_id']),
    change: String(row['change']),
    ts: instantOf(row['ts']),
    collected: instantOf(row['collected_at']),
  }));
}
