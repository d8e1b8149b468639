import { accessLogs } from '../../functions/access-logs/tables.ts';
import { columnsOf, dayColumn, type View } from '../view.ts';

export const failedLogins: View = {
  name: 'failed_logins',
  description: 'Who failed to log in from where and why, day by day, with the first and the last time.',
  columns: [
    dayColumn,
    ...columnsOf(
      accessLogs,
      'project_id',
      'cluster_name',
      'username',
      'auth_source',
      'ip_address',
      'failure_reason',
    ),
    { name: 'attempts', type: 'bigint', description: 'How often, on all hosts.' },
    { name: 'hosts', type: 'bigint', description: 'On how many hosts.' },
    { name: 'first_seen', type: 'timestamp', description: 'The first time of the day.' },
    { name: 'last_seen', type: 'timestamp', description: 'The last time of the day.' },
  ],
  query: ({ from }) => `
SELECT
  dt, project_id, cluster_name, username, auth_source, ip_address, failure_reason,
  count(*) AS attempts, count(DISTINCT hostname) AS hosts, min(ts) AS first_seen, max(ts) AS last_seen
FROM ${from('access_logs')}
WHERE NOT auth_result
GROUP BY dt, project_id, cluster_name, username, auth_source, ip_address, failure_reason`,
};
