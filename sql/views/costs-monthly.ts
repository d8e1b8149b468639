import { costUsage } from '../../functions/cost-usage/tables.ts';
import { columnsOf, type Engine, type View } from '../view.ts';

export const costsMonthly: View = {
  name: 'costs_monthly',
  description:
    'Cost of each service by month, and the growth since the previous month. Sum over one level only: the cost of a project includes its clusters, and the cost of an organisation includes its projects.',
  columns: [
    { name: 'dt', type: 'string', description: 'The first day of the month, as YYYY-MM-DD.' },
    ...columnsOf(costUsage, 'org_id', 'level', 'project_id', 'cluster_id', 'cluster_name', 'service'),
    {
      name: 'amount',
      type: 'double',
      unit: 'US dollars',
      description: 'The cost of the month, as known now.',
    },
    {
      name: 'previous_amount',
      type: 'double',
      unit: 'US dollars',
      nullable: true,
      description: 'The cost of the previous month; null if it is not known.',
    },
    {
      name: 'amount_growth',
      type: 'double',
      unit: 'US dollars',
      nullable: true,
      description: 'The difference between the two. The current month is not complete.',
    },
  ],
  reads: 'that month and the month before',
  query: ({ from, dayAfter }) => `
SELECT *, amount - previous_amount AS amount_growth
FROM (
  SELECT
    dt, org_id, level, project_id, cluster_id, max(cluster_name) AS cluster_name, service,
    sum(change) AS amount, sum(previous_change) AS previous_amount
  FROM (
    SELECT
      dt, org_id, level, project_id, cluster_id, cluster_name, service,
      amount_change AS change, CAST(NULL AS double) AS previous_change
    FROM ${from('cost_usage')}
    UNION ALL
    SELECT
      ${firstOfNextMonth(dayAfter)}, org_id, level, project_id, cluster_id, CAST(NULL AS varchar), service,
      CAST(NULL AS double), amount_change
    FROM ${from('cost_usage')}
  )
  GROUP BY dt, org_id, level, project_id, cluster_id, service
)
WHERE amount IS NOT NULL`,
};

/** Returns SQL for the month after `dt`, which is the first day of a month. */
function firstOfNextMonth(dayAfter: Engine['dayAfter']): string {
  return `substr(${dayAfter('dt', 31)}, 1, 7) || '-01'`;
}
