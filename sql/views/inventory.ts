import { inventory } from '../../functions/inventory/tables.ts';
import { columnsOf, dayColumn, type Engine, type View } from '../view.ts';

export const currentInventory: View = {
  name: 'current_inventory',
  description:
    'Every existing resource in its last observed state. Rows of one week are enough, because each resource is written completely at least once a week.',
  columns: [
    dayColumn,
    ...columnsOf(
      inventory,
      'project_id',
      'org_id',
      'resource_type',
      'parent',
      'resource_id',
      'name',
      'content_hash',
      'document',
    ),
    { name: 'last_written', type: 'timestamp', description: 'The time of the row that shows this state.' },
  ],
  reads: 'that day and all later days',
  query: ({ from }) => `
SELECT dt, project_id, org_id, resource_type, parent, resource_id, name, content_hash, document, ts AS last_written
FROM (
  SELECT
    present.*,
    row_number() OVER (
      PARTITION BY present.dt, present.owner, present.resource_type, present.parent, present.resource_id
      ORDER BY ts DESC
    ) AS from_last
  FROM (
    SELECT *, ${OWNER} AS owner
    FROM ${from('inventory')}
  ) present
  JOIN (
${lastDays(from)}
  ) last ON
    last.dt = present.dt AND last.owner = present.owner AND last.resource_type = present.resource_type
    AND last.parents = coalesce(present.parent, '') AND last.resource_id = present.resource_id
)
WHERE from_last = 1 AND change <> 'removed'`,
};

/** Identifies the project or organisation of a resource. */
const OWNER = "coalesce(project_id, org_id, '')";

/**
 * Returns SQL for each resource and the last day on which it was written. DuckDB reads only the later files of `other` if
 * the days are compared in WHERE, and if WHERE also restricts the days of `one` (ADR 8).
 */
function lastDays(from: Engine['from']): string {
  const days = `
      SELECT DISTINCT dt, ${OWNER} AS owner, resource_type, coalesce(parent, '') AS parents, resource_id
      FROM ${from('inventory')}`.slice(1);
  return `
    SELECT one.dt, one.owner, one.resource_type, one.parents, one.resource_id
    FROM (
${days}
    ) one
    JOIN (
${days}
    ) other ON
      other.owner = one.owner AND other.resource_type = one.resource_type
      AND other.parents = one.parents AND other.resource_id = one.resource_id
    WHERE other.dt >= one.dt AND one.dt > ''
    GROUP BY one.dt, one.owner, one.resource_type, one.parents, one.resource_id
    HAVING max(other.dt) = one.dt`.slice(1);
}

export const inventoryDriftDaily: View = {
  name: 'inventory_drift_daily',
  description: 'Number of resources of each type that were added, changed and removed on each day.',
  columns: [
    dayColumn,
    ...columnsOf(inventory, 'project_id', 'org_id', 'resource_type'),
    {
      name: 'added',
      type: 'bigint',
      description: 'Number of added resources; on the first day, all resources.',
    },
    { name: 'changed', type: 'bigint', description: 'Number of changes to resources.' },
    { name: 'removed', type: 'bigint', description: 'Number of removed resources.' },
  ],
  reads: 'that day',
  query: ({ from }) => `
SELECT
  dt, project_id, org_id, resource_type,
  count(*) FILTER (WHERE change = 'added') AS added,
  count(*) FILTER (WHERE change = 'changed') AS changed,
  count(*) FILTER (WHERE change = 'removed') AS removed
FROM ${from('inventory')}
WHERE change <> 'snapshot'
GROUP BY dt, project_id, org_id, resource_type`,
};
