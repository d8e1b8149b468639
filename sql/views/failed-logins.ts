import { accessLogs } from '../../functions/access-logs/tables.ts';
import { columnsOf, dayColumn, type View } from '../view.ts';

export const failedLogins: View = {
  name: 'failed_logins',
  description: 'Failed logins by day, user, address and reason, with the first and last time.',
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
    { name: 'attempts', type: 'bigint', description: 'Number of failed attempts on all hosts.' },
    { name: 'hosts', type: 'bigint', description: 'Number of hosts with a failed attempt.' },
    { name: 'first_seen', type: 'timestamp', description: 'The first failed attempt of the day.' },
    { name: 'last_seen', type: 'timestamp', description: 'The last failed attempt of the day.' },
  ],
  reads: 'that day',
  query: ({ from }) => `
SELECT
  dt, project_id, cluster_name, username, auth_source, ip_address, failure_reason,
  count(*) AS attempts, count(DISTINCT hostname) AS hosts, min(ts) AS first_seen, max(ts) AS last_seen
FROM ${from('access_logs')}
WHERE NOT auth_result
GROUP BY dt, project_id, cluster_name, username, auth_source, ip_address, failure_reason`,
};
