import { inventory } from '../../functions/inventory/tables.ts';
import { columnsOf, dayColumn, type View } from '../view.ts';

export const subjectNames: View = {
  name: 'subject_names',
  description:
    'The last known name of each project and organisation, also of those that are gone. Other tables have ids only, because names change. Names are missing or hashed if the configuration withholds them.',
  columns: [
    dayColumn,
    {
      name: 'subject_id',
      type: 'string',
      description: 'The project or organisation. Equals project_id or org_id of other tables.',
      example: '6a793f53c0eb9e7a177137c2',
    },
    {
      name: 'resource_type',
      type: 'string',
      description: 'project or organization.',
      example: 'project',
    },
    { name: 'name', type: 'string', description: 'The name.', example: 'webshop-production' },
    ...columnsOf(inventory, 'org_id'),
  ],
  reads: 'all days',
  query: ({ from }) => `
SELECT dt, resource_id AS subject_id, resource_type, name, org_id
FROM (
  SELECT
    *,
    row_number() OVER (PARTITION BY resource_type, resource_id ORDER BY ts DESC, name) AS from_last
  FROM ${from('inventory')}
  WHERE resource_type IN ('project', 'organization') AND name IS NOT NULL
)
WHERE from_last = 1`,
};
