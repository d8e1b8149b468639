import { alerts } from '../../functions/alerts/tables.ts';
import { columnsOf, type Engine, type View } from '../view.ts';

export const alertIncidents: View = {
  name: 'alert_incidents',
  description:
    'One row for each alert: when it opened, was first acknowledged and ended, and how long that took.',
  columns: [
    { name: 'dt', type: 'string', description: 'The UTC day on which the alert opened, as YYYY-MM-DD.' },
    ...columnsOf(
      alerts,
      'project_id',
      'alert_id',
      'alert_config_id',
      'event_type_name',
      'cluster_name',
      'replica_set_name',
      'host_and_port',
      'metric_name',
    ),
    { name: 'status', type: 'string', description: 'The status after the last observed change.' },
    { name: 'opened', type: 'timestamp', description: 'When the alert opened.' },
    {
      name: 'acknowledged',
      type: 'timestamp',
      nullable: true,
      description: 'When the alert was first acknowledged.',
    },
    {
      name: 'acknowledged_by',
      type: 'string',
      nullable: true,
      description: 'The user who first acknowledged the alert.',
    },
    {
      name: 'closed',
      type: 'timestamp',
      nullable: true,
      description: 'When the alert closed or was cancelled; null while it is open.',
    },
    {
      name: 'seconds_to_acknowledge',
      type: 'double',
      unit: 'seconds',
      nullable: true,
      description: 'Time from opening to the first acknowledgement.',
    },
    {
      name: 'seconds_to_resolve',
      type: 'double',
      unit: 'seconds',
      nullable: true,
      description: 'Time from opening to the end.',
    },
    { name: 'changes', type: 'bigint', description: 'Number of observed changes, including the opening.' },
  ],
  reads: 'that day and all later days',
  query: ({ from, today }) => `
SELECT
  *,
  to_unixtime(acknowledged) - to_unixtime(opened) AS seconds_to_acknowledge,
  to_unixtime(closed) - to_unixtime(opened) AS seconds_to_resolve
FROM (
  SELECT
    dt, project_id, alert_id,
    max(alert_config_id) AS alert_config_id,
    max(event_type_name) AS event_type_name,
    max(cluster_name) AS cluster_name,
    max(replica_set_name) AS replica_set_name,
    max(host_and_port) AS host_and_port,
    max(metric_name) AS metric_name,
    max(status) FILTER (WHERE from_last = 1) AS status,
    min(created) AS opened,
    min(ts) FILTER (WHERE change = 'acknowledged') AS acknowledged,
    max(acknowledging_username) FILTER (WHERE change = 'acknowledged' AND of_its_kind = 1) AS acknowledged_by,
    max(ts) FILTER (WHERE change IN ('closed', 'cancelled')) AS closed,
    count(*) AS changes
  FROM (
    SELECT
      days.dt AS dt, project_id, alert_id, alert_config_id, event_type_name, cluster_name, replica_set_name,
      host_and_port, metric_name, status, created, ts, change, acknowledging_username,
      row_number() OVER (
        PARTITION BY days.dt, project_id, alert_id ORDER BY ts DESC, revision DESC, collected_at DESC, change
      ) AS from_last,
      row_number() OVER (
        PARTITION BY days.dt, project_id, alert_id, change ORDER BY ts, revision, collected_at
      ) AS of_its_kind
    FROM (
      SELECT *, CAST(CAST(created AS date) AS varchar) AS opened_on
      FROM ${from('alerts')}
    ) rows
    JOIN (
${openingDays(from, today)}
    ) days ON days.dt = rows.opened_on
    WHERE rows.dt >= days.dt AND days.dt > ''
  )
  GROUP BY dt, project_id, alert_id
)`,
};

/** The first day of the calendar. Atlas did not exist yet. */
const FIRST_DAY = '2010-01-01';

/**
 * Returns SQL for the days on which alerts opened: all days, because older rows of an alert may have been deleted. The
 * join turns a condition on the day of opening into one on files, since no row of an alert is older (ADR 8).
 */
function openingDays(from: Engine['from'], today: string): string {
  return `
      SELECT CAST(CAST(day AS date) AS varchar) AS dt
      FROM (SELECT sequence(CAST('${FIRST_DAY}' AS date), ${today}, INTERVAL '1' DAY) AS days)
      CROSS JOIN UNNEST(days) AS calendar (day)
      UNION
      SELECT dt FROM ${from('alerts')} WHERE change = 'opened'`.slice(1);
}
