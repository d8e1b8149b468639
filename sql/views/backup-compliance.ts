import { inventory } from '../../functions/inventory/tables.ts';
import { daysFrom } from '../days.ts';
import { columnsOf, dayColumn, type Engine, type View } from '../view.ts';
import { instantOf, listIn } from './json.ts';

/** Every resource is written in full at least once a week. */
const WRITTEN_DAYS = 14;

/** A snapshot takes some time to start, and a run an hour to see it. */
const GRACE_HOURS = 2;

/** The greatest number of hours between two snapshots of a policy with an interval of one. */
const HOURS: Readonly<Record<string, number>> = {
  hourly: 1,
  daily: 24,
  weekly: 7 * 24,
  monthly: 31 * 24,
  yearly: 366 * 24,
};

const SNAPSHOT = "resource_type IN ('backup_snapshot', 'sharded_backup_snapshot')";
const CLUSTER = "resource_type = 'cluster'";
const SCHEDULE = "resource_type = 'backup_schedule'";

export const backupCompliance: View = {
  name: 'backup_compliance',
  description: `Whether each cluster has the snapshots that its schedule asks for. A cluster is late when its last scheduled snapshot is older than the most frequent policy allows, plus ${GRACE_HOURS} hours. Snapshots on demand do not count.`,
  columns: [
    { ...dayColumn, description: `${dayColumn.description} The day of the row that shows the cluster.` },
    ...columnsOf(inventory, 'project_id', 'org_id'),
    { name: 'cluster_name', type: 'string', description: 'The cluster.' },
    {
      name: 'state',
      type: 'string',
      description:
        'on_time, late, not_backed_up (backups are off, or the tier has none) or unknown (the schedule is not known).',
      example: 'on_time',
    },
    { name: 'backup_enabled', type: 'boolean', description: 'Whether cloud backups of the cluster are on.' },
    {
      name: 'hours_between_snapshots',
      type: 'double',
      unit: 'hours',
      nullable: true,
      description: 'The time between snapshots by the most frequent policy.',
    },
    {
      name: 'restore_window_days',
      type: 'double',
      unit: 'days',
      nullable: true,
      description: 'For how many days a point in time can be restored.',
    },
    {
      name: 'snapshots',
      type: 'bigint',
      description: 'Number of completed snapshots, those on demand included.',
    },
    { name: 'failed_snapshots', type: 'bigint', description: 'Number of listed snapshots that failed.' },
    {
      name: 'last_snapshot_at',
      type: 'timestamp',
      nullable: true,
      description: 'When the last completed scheduled snapshot was taken.',
    },
    {
      name: 'due_at',
      type: 'timestamp',
      nullable: true,
      description:
        'When the next snapshot must be there. A cluster without a snapshot counts from its creation.',
    },
    {
      name: 'checked_at',
      type: 'timestamp',
      nullable: true,
      description: 'The end of the last run of the inventory: the state is that of this time.',
    },
    {
      name: 'hours_late',
      type: 'double',
      unit: 'hours',
      nullable: true,
      description: 'How late the snapshot is; null unless the state is late.',
    },
  ],
  reads: 'the last 15 days',
  query: (engine) => `
SELECT
  *,
  from_unixtime(due_seconds) AS due_at,
  CASE
    WHEN NOT backup_enabled THEN 'not_backed_up'
    WHEN due_seconds IS NULL OR checked_seconds IS NULL THEN 'unknown'
    WHEN checked_seconds > due_seconds THEN 'late'
    ELSE 'on_time'
  END AS state,
  CASE
    WHEN backup_enabled AND checked_seconds > due_seconds THEN 1e0 * (checked_seconds - due_seconds) / 3600e0
  END AS hours_late
FROM (
  SELECT
    clusters.*, hours_between_snapshots, restore_window_days, checked_at,
    to_unixtime(checked_at) AS checked_seconds,
    to_unixtime(coalesce(last_snapshot_at, created_at)) + (hours_between_snapshots + ${GRACE_HOURS}e0) * 3600e0
      AS due_seconds
  FROM (
${clusters(engine)}
  ) clusters
  LEFT JOIN (
${schedules(engine)}
  ) schedules ON schedules.project_id = clusters.project_id AND schedules.cluster_name = clusters.cluster_name
  LEFT JOIN (
    SELECT project_id, max(finished_at) AS checked_at
    FROM ${engine.from('collection_runs')}
    WHERE dt >= ${daysFrom(engine.today, -WRITTEN_DAYS)} AND dataset = 'inventory' AND outcome <> 'failed'
    GROUP BY project_id
  ) runs ON runs.project_id = clusters.project_id
)`,
};

/** Returns SQL for each cluster, with what is known of its snapshots. */
function clusters(engine: Engine): string {
  const field = (name: string) => `json_extract_scalar(document, '$.${name}')`;
  const isCompleted = `${SNAPSHOT} AND ${field('status')} = 'completed'`;
  return `
    SELECT
      project_id, cluster_name,
      max(dt) FILTER (WHERE ${CLUSTER}) AS dt,
      max(org_id) FILTER (WHERE ${CLUSTER}) AS org_id,
      coalesce(max(${field('backupEnabled')}) FILTER (WHERE ${CLUSTER}), 'false') = 'true' AS backup_enabled,
      max(${instantOf(field('createDate'))}) FILTER (WHERE ${CLUSTER}) AS created_at,
      count(*) FILTER (WHERE ${isCompleted}) AS snapshots,
      count(*) FILTER (WHERE ${SNAPSHOT} AND ${field('status')} = 'failed') AS failed_snapshots,
      max(${instantOf(field('createdAt'))})
        FILTER (WHERE ${isCompleted} AND coalesce(${field('snapshotType')}, '') <> 'onDemand') AS last_snapshot_at
    FROM (
${existing(engine, `${CLUSTER} OR ${SNAPSHOT}`)}
    )
    GROUP BY project_id, cluster_name
    HAVING max(dt) FILTER (WHERE ${CLUSTER}) IS NOT NULL`.slice(1);
}

/** Returns SQL for the most frequent policy of each cluster's schedule. */
function schedules(engine: Engine): string {
  const hours = Object.entries(HOURS).map(([frequency, most]) => `WHEN '${frequency}' THEN ${most}e0`);
  return `
    SELECT
      project_id, cluster_name,
      min(CASE frequency ${hours.join(' ')} END * CASE WHEN frequency = 'hourly' THEN amount ELSE 1e0 END)
        AS hours_between_snapshots,
      max(restore_window_days) AS restore_window_days
    FROM (
      SELECT
        project_id, cluster_name,
        TRY_CAST(json_extract_scalar(document, '$.restoreWindowDays') AS double) AS restore_window_days,
        json_extract_scalar(item, '$.frequencyType') AS frequency,
        TRY_CAST(json_extract_scalar(item, '$.frequencyInterval') AS double) AS amount
      FROM (
${existing(engine, SCHEDULE)}
      )
      CROSS JOIN UNNEST(${listIn('document', 'policies', engine)}) AS policies (policy)
      CROSS JOIN UNNEST(${listIn('policy', 'policyItems', engine)}) AS items (item)
    )
    GROUP BY project_id, cluster_name`.slice(1);
}

/** Returns SQL for existing resources, with the name of their cluster. */
function existing({ today, from }: Engine, condition: string): string {
  return `
      SELECT *
      FROM (
        SELECT
          dt, project_id, org_id, resource_type, change, document,
          CASE WHEN ${CLUSTER} THEN name ELSE parent END AS cluster_name,
          row_number() OVER (
            PARTITION BY project_id, resource_type, parent, resource_id ORDER BY ts DESC, revision DESC
          ) AS from_last
        FROM ${from('inventory')}
        WHERE dt >= ${daysFrom(today, -WRITTEN_DAYS)} AND (${condition})
      )
      WHERE from_last = 1 AND change <> 'removed'`.slice(1);
}
