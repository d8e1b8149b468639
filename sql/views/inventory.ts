import { inventory } from '../../functions/inventory/tables.ts';
import { columnsOf, dayColumn, type View } from '../view.ts';

export const currentInventory: View = {
  name: 'current_inventory',
  description:
    'Every resource as it was last seen, without those that have gone. A week of rows is enough: each resource is written whole at least so often.',
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
    { name: 'last_written', type: 'timestamp', description: 'When the row that says so was written.' },
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
  description: 'How many resources of each kind appeared, changed and went on each day.',
  columns: [
    dayColumn,
    ...columnsOf(inventory, 'project_id', 'org_id', 'resource_type'),
    {
      name: 'added',
      type: 'bigint',
      description: 'Resources that appeared; on the first day, all there were.',
    },
    { name: 'changed', type: 'bigint', description: 'Changes to resources.' },
    { name: 'removed', type: 'bigint', description: 'Resources that went.' },
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
