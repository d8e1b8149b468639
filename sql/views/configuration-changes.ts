import { events } from '../../functions/events/tables.ts';
import { inventory } from '../../functions/inventory/tables.ts';
import { columnsOf, dayColumn, type Engine, type View } from '../view.ts';

/** An event that names the resource may be this much older than the listing that shows the change, in hours. */
const NAMED_WITHIN = 24;

/** An event that only has the right type may be this much older, in hours: the time between two listings, and one more. */
const TYPED_WITHIN = 2;

/** How far Atlas's clock may be ahead of the time of the listing, in seconds. */
const CLOCKS_APART = 60;

/**
 * How the types of events begin that can explain a change although they do not name the resource. Events about clusters
 * and teams always name them.
 */
const EVENTS_OF: Readonly<Record<string, readonly string[]>> = {
  access_list_entry: ['NETWORK_PERMISSION_'],
  auditing: ['AUDIT_LOG_'],
  backup_schedule: ['CPS_'],
  custom_db_role: ['MONGODB_ROLE_'],
  database_user: ['MONGODB_USER_'],
  encryption_at_rest: ['ENCRYPTION_AT_REST_'],
  federation_role_mapping: ['FEDERATION_', 'FEDERATED_'],
  federation_settings: ['FEDERATION_', 'FEDERATED_'],
  maintenance_window: ['MAINTENANCE_'],
  network_peering: ['PEERING_', 'NETWORK_PEERING_'],
  online_archive: ['ONLINE_ARCHIVE_'],
  organization: ['ORG_'],
  organization_api_key: ['API_KEY_'],
  organization_service_account: ['SERVICE_ACCOUNT_'],
  organization_user: ['JOINED_ORG', 'REMOVED_FROM_ORG', 'INVITED_TO_ORG', 'USER_ROLES_CHANGED'],
  private_endpoint: ['PRIVATE_ENDPOINT_'],
  private_endpoint_service: ['PRIVATE_ENDPOINT_'],
  project: ['GROUP_'],
  project_api_key: ['API_KEY_'],
  project_service_account: ['SERVICE_ACCOUNT_'],
  project_user: ['JOINED_GROUP', 'REMOVED_FROM_GROUP', 'INVITED_TO_GROUP', 'USER_ROLES_CHANGED', 'TEAM_'],
  search_index: ['FTS_INDEX'],
  stream_connection: ['STREAM_'],
  stream_instance: ['STREAM_'],
};

/** Events about a resource that never change it. */
const NEVER = ['ALERT_', 'HOST_'];

export const configurationChanges: View = {
  name: 'configuration_changes',
  description:
    'Changes of the inventory with the event that explains them: who changed which field from what to what. One row for each changed field. What the first listing found is left out.',
  columns: [
    dayColumn,
    ...columnsOf(
      inventory,
      'ts',
      'project_id',
      'org_id',
      'resource_type',
      'parent',
      'resource_id',
      'name',
      'change',
    ),
    {
      name: 'field',
      type: 'string',
      nullable: true,
      description:
        'The top-level field that differs; null if the whole resource was added or removed, or if the field is unknown.',
      example: 'roles',
    },
    {
      name: 'old_value',
      type: 'string',
      nullable: true,
      description:
        'The value before, as JSON; the whole resource if the field is null. Null if there was none, or if the earlier row was deleted.',
      example: '["GROUP_READ_ONLY"]',
    },
    {
      name: 'new_value',
      type: 'string',
      nullable: true,
      description: 'The value since then, as JSON; the whole resource if the field is null.',
      example: '["GROUP_OWNER"]',
    },
    {
      name: 'changed_at',
      type: 'timestamp',
      nullable: true,
      description: 'The time of the event that explains the change; null if no event does.',
    },
    ...columnsOf(events, 'event_id', 'event_type_name', 'actor_type', 'actor', 'remote_address').map(
      (column) => ({ ...column, nullable: true as const }),
    ),
    {
      name: 'explained_by',
      type: 'string',
      nullable: true,
      description: `resource: the event names the resource and is at most ${NAMED_WITHIN} hours older than the listing. type: it has a type that fits, in the same project, and is at most ${TYPED_WITHIN} hours older. Null if no event explains the change.`,
      example: 'resource',
    },
  ],
  // The row before a change, and the first listing, can be of any age.
  reads: 'all days',
  query: (engine) => `
SELECT
  dt, ts, project_id, org_id, resource_type, parent, resource_id, name, change, field,
  CASE WHEN field IS NULL THEN previous_document
    ELSE try(json_format(json_extract(previous_document, '$.' || field))) END AS old_value,
  CASE WHEN field IS NULL THEN document
    ELSE try(json_format(json_extract(document, '$.' || field))) END AS new_value,
  changed_at, event_id, event_type_name, actor_type, actor, remote_address, explained_by
FROM (
  SELECT *, json_extract_scalar(item, '$') AS field
  FROM (
${indent(explained(engine), 4)}
  )
  CROSS JOIN UNNEST(TRY_CAST(json_extract(fields, '$') AS ${engine.jsonArray})) AS items (item)
  WHERE change <> 'added' OR ts > first_listing OR event_id IS NOT NULL
)`,
};

/** Returns SQL for the changes, each with the event that explains it best. */
function explained(engine: Engine): string {
  return `SELECT
  changes.*, best.changed_at, best.event_id, best.event_type_name, best.actor_type, best.actor, best.remote_address,
  best.explained_by
FROM (
  SELECT *, CASE WHEN change = 'changed' THEN coalesce(changed_fields, '[null]') ELSE '[null]' END AS fields
  FROM (
    SELECT
      *, coalesce(project_id, org_id) AS owner, coalesce(parent, '') AS parent_or_none,
      coalesce(revision, 0) AS revision_or_none,
      lag(document) OVER (
        PARTITION BY coalesce(project_id, org_id), resource_type, parent, resource_id ORDER BY ts, revision
      ) AS previous_document,
      min(ts) OVER (PARTITION BY coalesce(project_id, org_id), resource_type, parent) AS first_listing
    FROM ${engine.from('inventory')}
  )
  WHERE change <> 'snapshot'
) AS changes
LEFT JOIN (
${indent(explanations(engine), 2)}
) AS best
  ON best.place = 1
  AND best.owner = changes.owner
  AND best.resource_type = changes.resource_type
  AND best.parent_or_none = changes.parent_or_none
  AND best.resource_id = changes.resource_id
  AND best.ts = changes.ts
  AND best.revision_or_none = changes.revision_or_none`;
}

/**
 * Returns SQL for every event that may explain a change, the best one in place 1. It is an inner join, because DuckDB
 * compares each row with each other in an outer join with such conditions.
 */
function explanations(engine: Engine): string {
  return `SELECT
  owner, resource_type, parent_or_none, resource_id, ts, revision_or_none,
  changed_at, event_id, event_type_name, actor_type, actor, remote_address,
  CASE WHEN is_named THEN 'resource' ELSE 'type' END AS explained_by,
  row_number() OVER (
    PARTITION BY owner, resource_type, parent_or_none, resource_id, ts, revision_or_none
    ORDER BY
      CASE WHEN is_named THEN 0 ELSE 1 END,
      CASE WHEN actor_type = 'atlas' THEN 1 ELSE 0 END,
      changed_at DESC, event_id
  ) AS place
FROM (
  SELECT
    changes.*, events.changed_at, events.event_id, events.event_type_name, events.actor_type, events.actor,
    events.remote_address, coalesce(${NAMES_IT}, false) AS is_named
  FROM (
    SELECT
      dt, ts, resource_type, resource_id, name, coalesce(project_id, org_id) AS owner,
      coalesce(parent, '') AS parent_or_none, coalesce(revision, 0) AS revision_or_none
    FROM ${engine.from('inventory')}
    WHERE change <> 'snapshot'
  ) AS changes
  JOIN (
${indent(eventsOf('project_id', engine), 4)}
    UNION ALL
${indent(eventsOf('org_id', engine), 4)}
  ) AS events
    ON events.owner = changes.owner
    AND events.near_day = changes.dt
  WHERE events.changed_at <= changes.ts + INTERVAL '${CLOCKS_APART}' SECOND
    AND (
      (events.changed_at > changes.ts - INTERVAL '${NAMED_WITHIN}' HOUR AND ${NAMES_IT})
      OR (events.changed_at > changes.ts - INTERVAL '${TYPED_WITHIN}' HOUR AND ${HAS_A_TYPE_THAT_FITS})
    )
)`;
}

/**
 * Returns SQL for the events of the projects or organisations that a column names, once for each day on which they may
 * explain a change. Otherwise the engines would compare each change with all events of the project.
 */
function eventsOf(owner: 'project_id' | 'org_id', { from, dayAfter }: Engine): string {
  const others = NEVER.map((prefix) => `strpos(event_type_name, '${prefix}') <> 1`).join(' AND ');
  return `SELECT
  ${owner} AS owner, ts AS changed_at, event_id, event_type_name, actor_type, actor, remote_address, document AS said,
  near_day
FROM ${from('events')}
CROSS JOIN UNNEST(ARRAY[${dayAfter('dt', -1)}, dt, ${dayAfter('dt', 1)}]) AS days (near_day)
WHERE ${owner} IS NOT NULL AND ${others}`;
}

/** SQL: the event contains the resource's id or name as a whole text. Every event has the id of its project. */
const NAMES_IT = `(
      (changes.resource_id <> changes.owner AND strpos(events.said, '"' || changes.resource_id || '"') > 0)
      OR strpos(events.said, '"' || changes.name || '"') > 0
    )`;

const HAS_A_TYPE_THAT_FITS = `(
${Object.entries(EVENTS_OF)
  .map(([type, prefixes]) => {
    const begins = prefixes.map((prefix) => `strpos(events.event_type_name, '${prefix}') = 1`);
    return `      (changes.resource_type = '${type}' AND (${begins.join(' OR ')}))`;
  })
  .join(' OR\n')}
    )`;

function indent(text: string, spaces: number): string {
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(spaces));
}
