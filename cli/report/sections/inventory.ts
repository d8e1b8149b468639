import { ALL, type Filter } from '../filter.ts';
import { distinct, number, oldestFirst, type Query, type Section, stacked } from '../section.ts';

const KINDS = `SELECT resource_type, count(*) AS resources, max(last_written) AS last_written
FROM current_inventory
GROUP BY resource_type
ORDER BY resource_type`;

const DRIFT = `SELECT dt, sum(added) AS added, sum(changed) AS changed, sum(removed) AS removed
FROM inventory_drift_daily
GROUP BY dt
ORDER BY dt DESC`;

/** Excludes the first list of each type, whose resources existed before. */
const CHANGES = `SELECT ts, coalesce(project_id, org_id) AS subject_id, resource_type, parent, name, resource_id, change, changed_fields
FROM (
  SELECT *, min(ts) OVER (PARTITION BY coalesce(project_id, org_id), resource_type, parent) AS first_list
  FROM inventory
)
WHERE change <> 'snapshot' AND ts > first_list
ORDER BY ts DESC, resource_type, parent, resource_id`;

const ROLES = `SELECT role, resource_type, count(*) AS holders
FROM users_by_role
GROUP BY role, resource_type
ORDER BY role, resource_type`;

const backupsBy = ({
  where,
}: Filter) => `SELECT state, cluster_name, project_id, last_snapshot_at, due_at, snapshots, failed_snapshots
FROM backup_compliance${where}
ORDER BY CASE state WHEN 'late' THEN 1 WHEN 'unknown' THEN 2 WHEN 'not_backed_up' THEN 3 ELSE 4 END, cluster_name, project_id`;

/** An entry of a user is one for each role. A configuration that withholds names leaves them out here, too. */
const HOLDERS = `SELECT role, resource_type, name, coalesce(project_id, org_id) AS subject_id, database_name, collection_name
FROM users_by_role
ORDER BY role, resource_type, name, subject_id, database_name, collection_name, resource_id`;

const NETWORK = `SELECT peer, resource_type, admits_everyone, comment, connection_status, expires_at, project_id
FROM network_access
ORDER BY admits_everyone DESC, resource_type, peer, project_id`;

const SECRETS = `SELECT name, resource_type, resource_id, coalesce(project_id, org_id) AS subject_id, secret_id, expires_at, days_left
FROM expiring_secrets
ORDER BY expires_at, resource_id, secret_id`;

export async function inventory(query: Query): Promise<Section> {
  const drift = await query(DRIFT);
  const days = oldestFirst(drift);
  const roles = await query(ROLES);
  return {
    id: 'inventory',
    title: 'Inventory',
    intro: 'Resources, their changes, their backups, and who may do and reach what.',
    parts: [
      {
        id: 'drift',
        title: 'Changes by day',
        chart: {
          spec: {
            kind: 'bar',
            unit: 'count',
            lying: false,
            categories: distinct(days, 'dt'),
            series: ['changed', 'added', 'removed'].map((name) => ({
              name,
              values: days.map((row) => number(row, name)),
            })),
          },
          description: 'Bars: changed, added and removed resources on each day.',
        },
        sql: DRIFT,
        columns: [
          { name: 'dt', heading: 'Day', unit: 'day' },
          { name: 'added', heading: 'Added', unit: 'count' },
          { name: 'changed', heading: 'Changed', unit: 'count' },
          { name: 'removed', heading: 'Removed', unit: 'count' },
        ],
        rows: drift,
        empty: 'No resources were collected.',
      },
      {
        id: 'changes',
        title: 'Changes, newest first',
        sql: CHANGES,
        columns: [
          { name: 'ts', heading: 'Observed', unit: 'time' },
          { name: 'change', heading: 'Change', unit: 'text' },
          { name: 'subject_id', heading: 'Project or organisation', unit: 'subject' },
          { name: 'resource_type', heading: 'Type', unit: 'text' },
          { name: 'parent', heading: 'Parent', unit: 'text' },
          { name: 'name', heading: 'Name', unit: 'text' },
          { name: 'resource_id', heading: 'Id', unit: 'text' },
          { name: 'changed_fields', heading: 'Fields', unit: 'text' },
        ],
        rows: await query(CHANGES),
        empty: 'No resource has changed since the first run.',
      },
      {
        id: 'resources',
        title: 'Resources by type',
        sql: KINDS,
        columns: [
          { name: 'resource_type', heading: 'Type', unit: 'text' },
          { name: 'resources', heading: 'Resources', unit: 'count' },
          { name: 'last_written', heading: 'Last written', unit: 'time' },
        ],
        rows: await query(KINDS),
        empty: 'No resources were collected.',
      },
      {
        id: 'backups',
        title: 'Backups and their schedules',
        sql: backupsBy(ALL),
        columns: [
          { name: 'state', heading: 'State', unit: 'text' },
          { name: 'cluster_name', heading: 'Cluster', unit: 'text' },
          { name: 'project_id', heading: 'Project', unit: 'subject' },
          { name: 'last_snapshot_at', heading: 'Last snapshot', unit: 'time' },
          { name: 'due_at', heading: 'Next one due', unit: 'time' },
          { name: 'snapshots', heading: 'Snapshots', unit: 'count' },
          { name: 'failed_snapshots', heading: 'Failed', unit: 'count' },
        ],
        rows: await query(backupsBy(ALL)),
        empty: 'No clusters were collected.',
        ofCluster: { sql: backupsBy },
      },
      {
        id: 'network',
        title: 'Network access',
        sql: NETWORK,
        columns: [
          { name: 'peer', heading: 'Who may connect', unit: 'text' },
          { name: 'resource_type', heading: 'Type', unit: 'text' },
          { name: 'admits_everyone', heading: 'Admits everyone', unit: 'text' },
          { name: 'comment', heading: 'Comment', unit: 'text' },
          { name: 'connection_status', heading: 'Status', unit: 'text' },
          { name: 'expires_at', heading: 'Expires', unit: 'time' },
          { name: 'project_id', heading: 'Project', unit: 'subject' },
        ],
        rows: await query(NETWORK),
        empty: 'Nothing may connect.',
      },
      {
        id: 'roles',
        title: 'Roles and their holders',
        chart: {
          spec: {
            kind: 'bar',
            unit: 'count',
            lying: true,
            ...stacked(roles, { category: 'role', name: 'resource_type', value: 'holders' }),
          },
          description: 'Bars: number of users, service accounts and keys with each role.',
        },
        sql: ROLES,
        columns: [
          { name: 'role', heading: 'Role', unit: 'text' },
          { name: 'resource_type', heading: 'Type of holder', unit: 'text' },
          { name: 'holders', heading: 'Holders', unit: 'count' },
        ],
        rows: roles,
        empty: 'No users, service accounts or keys were collected.',
      },
      {
        id: 'holders',
        title: 'Who has which role',
        sql: HOLDERS,
        columns: [
          { name: 'role', heading: 'Role', unit: 'text' },
          { name: 'resource_type', heading: 'Type of holder', unit: 'text' },
          { name: 'name', heading: 'Holder', unit: 'text' },
          { name: 'subject_id', heading: 'Project or organisation', unit: 'subject' },
          { name: 'database_name', heading: 'Database', unit: 'text' },
          { name: 'collection_name', heading: 'Collection', unit: 'text' },
        ],
        rows: await query(HOLDERS),
        empty: 'No users, service accounts or keys were collected.',
      },
      {
        id: 'secrets',
        title: 'Secrets that expire within 30 days',
        sql: SECRETS,
        columns: [
          { name: 'name', heading: 'Service account', unit: 'text' },
          { name: 'resource_id', heading: 'Id', unit: 'text' },
          { name: 'subject_id', heading: 'Project or organisation', unit: 'subject' },
          { name: 'secret_id', heading: 'Secret', unit: 'text' },
          { name: 'expires_at', heading: 'Expires', unit: 'time' },
          { name: 'days_left', heading: 'Time left', unit: 'days' },
        ],
        rows: await query(SECRETS),
        empty: 'No secret expires within 30 days.',
      },
    ],
  };
}
