import { type Query, type Section, stacked } from '../section.ts';

const MONTHS = `SELECT dt, service, sum(amount) AS amount, sum(previous_amount) AS previous_amount, sum(amount_growth) AS amount_growth
FROM costs_monthly
WHERE level = 'organisation'
GROUP BY dt, service
ORDER BY dt, service`;

const CLUSTERS = `SELECT cluster_name, project_id, service, amount, previous_amount, amount_growth
FROM costs_monthly
WHERE level = 'cluster' AND dt = (SELECT max(dt) FROM costs_monthly)
ORDER BY amount DESC, cluster_id, service`;

const amounts = [
  { name: 'amount', heading: 'Amount', unit: 'dollars' },
  { name: 'previous_amount', heading: 'Previous month', unit: 'dollars' },
  { name: 'amount_growth', heading: 'Growth', unit: 'dollars' },
] as const;

export async function costs(query: Query): Promise<Section> {
  const rows = await query(MONTHS);
  return {
    id: 'costs',
    title: 'Costs',
    intro: 'Atlas costs by month and service. The current month is not complete.',
    parts: [
      {
        id: 'costs-by-month',
        title: 'By month and service',
        chart: {
          spec: {
            kind: 'bar',
            unit: 'dollars',
            lying: false,
            ...stacked(rows, { category: 'dt', name: 'service', value: 'amount' }),
          },
          description: 'Bars: cost of each service in each month.',
        },
        sql: MONTHS,
        columns: [
          { name: 'dt', heading: 'Month', unit: 'day' },
          { name: 'service', heading: 'Service', unit: 'text' },
          ...amounts,
        ],
        rows,
        empty: 'No costs were collected.',
      },
      {
        id: 'costs-by-cluster',
        title: 'By cluster, newest month',
        sql: CLUSTERS,
        columns: [
          { name: 'cluster_name', heading: 'Cluster', unit: 'text' },
          { name: 'project_id', heading: 'Project', unit: 'text' },
          { name: 'service', heading: 'Service', unit: 'text' },
          ...amounts,
        ],
        rows: await query(CLUSTERS),
        empty: 'No costs were collected.',
      },
    ],
  };
}
