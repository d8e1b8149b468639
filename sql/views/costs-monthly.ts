import { costUsage } from '../../functions/cost-usage/tables.ts';
import { columnsOf, type View } from '../view.ts';

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
  query: ({ from }) => {
    const months = `
  SELECT
    dt, ts AS month_start, org_id, level, project_id, cluster_id, max(cluster_name) AS cluster_name, service,
    sum(amount_change) AS amount
  FROM ${from('cost_usage')}
  GROUP BY dt, ts, org_id, level, project_id, cluster_id, service`;
    return `
SELECT
  present.dt AS dt, present.org_id AS org_id, present.level AS level, present.project_id AS project_id,
  present.cluster_id AS cluster_id, present.cluster_name AS cluster_name, present.service AS service,
  present.amount AS amount, past.amount AS previous_amount, present.amount - past.amount AS amount_growth
FROM (${months}
) present
LEFT JOIN (${months}
) past ON
  past.month_start = present.month_start - INTERVAL '1' MONTH
  AND past.org_id = present.org_id AND past.level = present.level AND past.service = present.service
  AND coalesce(past.project_id, '') = coalesce(present.project_id, '')
  AND coalesce(past.cluster_id, '') = coalesce(present.cluster_id, '')`;
  },
};
