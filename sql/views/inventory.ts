import { inventory } from '../../functions/inventory/tables.ts';
import { columnsOf, dayColumn, type View } from '../view.ts';

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
  query: ({ from }) => `
SELECT dt, project_id, org_id, resource_type, parent, resource_id, name, content_hash, document, ts AS last_written
FROM (
  SELECT
    *,
    row_number() OVER (
      PARTITION BY coalesce(project_id, org_id), resource_type, parent, resource_id ORDER BY ts DESC
    ) AS from_last
  FROM ${from('inventory')}
)
WHERE from_last = 1 AND change <> 'removed'`,
};

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
