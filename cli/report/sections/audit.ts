import { oldestFirst, type Query, type Section, stacked } from '../section.ts';

const ACTIONS = `SELECT dt, actor_type, count(*) AS actions
FROM audit_trail
GROUP BY dt, actor_type
ORDER BY dt DESC, actor_type`;

const ACTORS = `SELECT actor, actor_type, count(*) AS actions, count(DISTINCT remote_address) AS addresses, count(DISTINCT event_type_name) AS kinds, max(ts) AS last_action
FROM audit_trail
GROUP BY actor, actor_type
ORDER BY actions DESC, actor, actor_type`;

/** How many rows a list shows, so that a page with years of them still opens. */
const MOST = 1_000;

/** Shortens documents of whole resources. */
const CHANGES = `SELECT ts, changed_at, actor, actor_type, remote_address, event_type_name, resource_type, coalesce(name, resource_id) AS resource, change, field, substr(old_value, 1, 300) AS old_value, substr(new_value, 1, 300) AS new_value
FROM configuration_changes
ORDER BY ts DESC, resource_type, resource, field
LIMIT ${MOST}`;

const TRAIL = `SELECT ts, actor, actor_type, remote_address, event_type_name, target_type, target, cluster_name, coalesce(project_id, org_id) AS subject_id
FROM audit_trail
ORDER BY ts DESC, event_id
LIMIT ${MOST}`;

export async function audit(query: Query): Promise<Section> {
  const actions = await query(ACTIONS);
  return {
    id: 'audit',
    title: 'Audit trail',
    intro: 'Who did what, from where, and what it changed.',
    parts: [
      {
        id: 'actions',
        title: 'Actions by day and kind of actor',
        chart: {
          spec: {
            kind: 'bar',
            unit: 'count',
            lying: false,
            ...stacked(oldestFirst(actions), { category: 'dt', name: 'actor_type', value: 'actions' }),
          },
          description: 'Bars: number of actions on each day by kind of actor.',
        },
        sql: ACTIONS,
        columns: [
          { name: 'dt', heading: 'Day', unit: 'day' },
          { name: 'actor_type', heading: 'Kind of actor', unit: 'text' },
          { name: 'actions', heading: 'Actions', unit: 'count' },
        ],
        rows: actions,
        empty: 'No events were collected.',
      },
      {
        id: 'actors',
        title: 'Who acts most',
        sql: ACTORS,
        columns: [
          { name: 'actor', heading: 'Actor', unit: 'text' },
          { name: 'actor_type', heading: 'Kind', unit: 'text' },
          { name: 'actions', heading: 'Actions', unit: 'count' },
          { name: 'kinds', heading: 'Kinds of actions', unit: 'count' },
          { name: 'addresses', heading: 'Addresses', unit: 'count' },
          { name: 'last_action', heading: 'Last action', unit: 'time' },
        ],
        rows: await query(ACTORS),
        empty: 'No events were collected.',
      },
      {
        id: 'configuration-changes',
        title: 'Last thousand configuration changes, newest first',
        sql: CHANGES,
        columns: [
          { name: 'ts', heading: 'Observed', unit: 'time' },
          { name: 'changed_at', heading: 'Changed', unit: 'time' },
          { name: 'actor', heading: 'By', unit: 'text' },
          { name: 'remote_address', heading: 'From', unit: 'text' },
          { name: 'event_type_name', heading: 'Event', unit: 'text' },
          { name: 'resource_type', heading: 'Type', unit: 'text' },
          { name: 'resource', heading: 'Resource', unit: 'text' },
          { name: 'change', heading: 'Change', unit: 'text' },
          { name: 'field', heading: 'Field', unit: 'text' },
          { name: 'old_value', heading: 'Before', unit: 'text' },
          { name: 'new_value', heading: 'After', unit: 'text' },
        ],
        rows: await query(CHANGES),
        empty: 'No resource has changed since the first run.',
      },
      {
        id: 'trail',
        title: 'Last thousand actions, newest first',
        sql: TRAIL,
        columns: [
          { name: 'ts', heading: 'Time', unit: 'time' },
          { name: 'actor', heading: 'Actor', unit: 'text' },
          { name: 'actor_type', heading: 'Kind', unit: 'text' },
          { name: 'remote_address', heading: 'Address', unit: 'text' },
          { name: 'event_type_name', heading: 'Event', unit: 'text' },
          { name: 'subject_id', heading: 'Project or organisation', unit: 'subject' },
          { name: 'target_type', heading: 'Kind of target', unit: 'text' },
          { name: 'target', heading: 'Target', unit: 'text' },
          { name: 'cluster_name', heading: 'Cluster', unit: 'text' },
        ],
        rows: await query(TRAIL),
        empty: 'No events were collected.',
      },
    ],
  };
}
