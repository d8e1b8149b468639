import { ALL, type Filter } from '../filter.ts';
import { distinct, number, oldestFirst, type Query, type Section } from '../section.ts';

const ATTEMPTS = `SELECT dt, count(*) FILTER (WHERE auth_result) AS succeeded, count(*) FILTER (WHERE NOT auth_result) AS failed
FROM access_logs
GROUP BY dt
ORDER BY dt DESC`;

const failedBy = ({
  where,
}: Filter) => `SELECT username, ip_address, failure_reason, project_id, cluster_name, sum(attempts) AS attempts, count(*) AS days, min(first_seen) AS first_seen, max(last_seen) AS last_seen
FROM failed_logins${where}
GROUP BY username, ip_address, failure_reason, project_id, cluster_name
ORDER BY attempts DESC, last_seen DESC, username, ip_address, failure_reason, cluster_name, project_id`;

export async function logins(query: Query): Promise<Section> {
  const attempts = await query(ATTEMPTS);
  const days = oldestFirst(attempts);
  return {
    id: 'logins',
    title: 'Logins',
    intro: 'Failed logins by user, address and reason.',
    parts: [
      {
        id: 'login-attempts',
        title: 'Failed logins by day',
        chart: {
          spec: {
            kind: 'bar',
            unit: 'count',
            lying: false,
            categories: distinct(days, 'dt'),
            series: [{ name: 'failed', values: days.map((row) => number(row, 'failed')) }],
          },
          description: 'Bars: failed logins on each day.',
        },
        sql: ATTEMPTS,
        columns: [
          { name: 'dt', heading: 'Day', unit: 'day' },
          { name: 'failed', heading: 'Failed', unit: 'count' },
          { name: 'succeeded', heading: 'Succeeded', unit: 'count' },
        ],
        rows: attempts,
        empty: 'No logins were collected.',
      },
      {
        id: 'failed-logins',
        title: 'Failed logins by user, address and reason',
        sql: failedBy(ALL),
        columns: [
          { name: 'username', heading: 'User', unit: 'text' },
          { name: 'ip_address', heading: 'Address', unit: 'text' },
          { name: 'failure_reason', heading: 'Reason', unit: 'text' },
          { name: 'project_id', heading: 'Project', unit: 'subject' },
          { name: 'cluster_name', heading: 'Cluster', unit: 'text' },
          { name: 'attempts', heading: 'Attempts', unit: 'count' },
          { name: 'days', heading: 'Days', unit: 'count' },
          { name: 'first_seen', heading: 'First seen', unit: 'time' },
          { name: 'last_seen', heading: 'Last seen', unit: 'time' },
        ],
        rows: await query(failedBy(ALL)),
        empty: 'There are no failed logins.',
        ofCluster: { sql: failedBy },
      },
    ],
  };
}
