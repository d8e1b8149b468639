import { events } from '../../functions/events/tables.ts';
import { columnsOf, dayColumn, type View } from '../view.ts';

export const auditTrail: View = {
  name: 'audit_trail',
  description:
    'Who did what: every event that a person, API key, service account or employee of MongoDB caused. An event that Atlas lists for a project and for its organisation is there once, as an event of the project.',
  columns: [
    dayColumn,
    ...columnsOf(
      events,
      'ts',
      'project_id',
      'org_id',
      'event_id',
      'event_type_name',
      'actor_type',
      'actor',
      'remote_address',
      'is_mongodb_employee',
      'target_type',
      'target',
      'cluster_name',
      'hostname',
      'port',
      'alert_id',
    ),
  ],
  reads: 'that day',
  query: ({ from }) => `
SELECT *
FROM (
  SELECT
    *,
    row_number() OVER (PARTITION BY dt, event_id ORDER BY org_id NULLS FIRST, project_id) AS place
  FROM ${from('events')}
  WHERE actor_type <> 'atlas' OR is_mongodb_employee
)
WHERE place = 1`,
};
