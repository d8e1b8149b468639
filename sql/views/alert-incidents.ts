import { alerts } from '../../functions/alerts/tables.ts';
import { columnsOf, type View } from '../view.ts';

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
  query: ({ from }) => `
SELECT
  *,
  CAST(CAST(opened AS date) AS varchar) AS dt,
  to_unixtime(acknowledged) - to_unixtime(opened) AS seconds_to_acknowledge,
  to_unixtime(closed) - to_unixtime(opened) AS seconds_to_resolve
FROM (
  SELECT
    project_id, alert_id,
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
      *,
      row_number() OVER (PARTITION BY project_id, alert_id ORDER BY ts DESC, revision DESC, collected_at DESC, change) AS from_last,
      row_number() OVER (PARTITION BY project_id, alert_id, change ORDER BY ts, revision, collected_at) AS of_its_kind
    FROM ${from('alerts')}
  )
  GROUP BY project_id, alert_id
)`,
};
