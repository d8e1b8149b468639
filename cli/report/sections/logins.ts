import { distinct, number, type Query, type Section } from '../section.ts';

const ATTEMPTS = `SELECT dt, count(*) FILTER (WHERE auth_result) AS succeeded, count(*) FILTER (WHERE NOT auth_result) AS failed
FROM access_logs
GROUP BY dt
ORDER BY dt`;

const FAILED = `SELECT username, ip_address, failure_reason, cluster_name, sum(attempts) AS attempts, count(*) AS days, min(first_seen) AS first_seen, max(last_seen) AS last_seen
FROM failed_logins
GROUP BY username, ip_address, failure_reason, cluster_name
ORDER BY attempts DESC, last_seen DESC, username, ip_address`;

export async function logins(query: Query): Promise<Section> {
  const attempts = await query(ATTEMPTS);
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
            categories: distinct(attempts, 'dt'),
            series: [{ name: 'failed', values: attempts.map((row) => number(row, 'failed')) }],
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
        sql: FAILED,
        columns: [
          { name: 'username', heading: 'User', unit: 'text' },
          { name: 'ip_address', heading: 'Address', unit: 'text' },
          { name: 'failure_reason', heading: 'Reason', unit: 'text' },
          { name: 'cluster_name', heading: 'Cluster', unit: 'text' },
          { name: 'attempts', heading: 'Attempts', unit: 'count' },
          { name: 'days', heading: 'Days', unit: 'count' },
          { name: 'first_seen', heading: 'First seen', unit: 'time' },
          { name: 'last_seen', heading: 'Last seen', unit: 'time' },
        ],
        rows: await query(FAILED),
        empty: 'There are no failed logins.',
      },
    ],
  };
}
