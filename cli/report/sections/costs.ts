import { ALL, type Filter } from '../filter.ts';
import { monthName, monthState } from '../months.ts';
import { instant, oldestFirst, type Query, type Row, type Section, stacked, text } from '../section.ts';

/** Costs are as new as the last run that read them, not as the report. */
const LAST_READ = "SELECT max(ts) AS ts FROM collection_runs WHERE dataset = 'cost_usage'";

/** Growth needs two whole months: the costs of a week are always less than those of the month before. */
const amounts = (state: string) =>
  `amount, previous_amount, CASE WHEN ${state} <> 'so far' THEN amount - previous_amount END AS amount_growth, ${state} AS state`;

const monthsBy = (state: string) => `SELECT dt, service, ${amounts(state)}
FROM (
  SELECT dt, service, sum(amount) AS amount, sum(previous_amount) AS previous_amount
  FROM costs_monthly
  WHERE level = 'organisation'
  GROUP BY dt, service
)
ORDER BY dt DESC, service`;

const clustersBy =
  (state: string) =>
  ({ and }: Filter) =>
    `SELECT dt, cluster_name, project_id, service, ${amounts(state)}
FROM costs_monthly
WHERE level = 'cluster' AND dt = (SELECT max(dt) FROM costs_monthly)${and}
ORDER BY amount DESC, cluster_id, service`;

const COLUMNS = [
  { name: 'state', heading: 'State', unit: 'text' },
  { name: 'service', heading: 'Service', unit: 'text' },
  { name: 'amount', heading: 'Amount', unit: 'dollars' },
  { name: 'previous_amount', heading: 'Previous month', unit: 'dollars' },
  { name: 'amount_growth', heading: 'Growth', unit: 'dollars' },
] as const;

/** @param now the instant of the report, ms since the epoch */
export async function costs(query: Query, now: number): Promise<Section> {
  const [last] = await query(LAST_READ);
  const state = monthState(Math.min((last && instant(last, 'ts')) ?? now, now));
  const months = monthsBy(state);
  const ofClusters = clustersBy(state);
  const rows = await query(months);
  const bars = oldestFirst(rows).map((row) => ({ ...row, month: nameOf(row) }));
  return {
    id: 'costs',
    title: 'Costs',
    intro:
      'Atlas costs by month and service, newest first. A month with costs so far is not over. Costs that are not final can still change, until ten days after the month.',
    parts: [
      {
        id: 'costs-by-month',
        title: 'By month and service',
        chart: {
          spec: {
            kind: 'bar',
            unit: 'dollars',
            lying: false,
            ...stacked(bars, { category: 'month', name: 'service', value: 'amount' }),
          },
          description: 'Bars: cost of each service in each month, marked if the month is not final.',
        },
        sql: months,
        columns: [{ name: 'dt', heading: 'Month', unit: 'month' }, ...COLUMNS],
        rows,
        empty: 'No costs were collected.',
      },
      {
        id: 'costs-by-cluster',
        title: 'Costs of the newest month, by cluster',
        sql: ofClusters(ALL),
        columns: [
          { name: 'dt', heading: 'Month', unit: 'month' },
          { name: 'project_id', heading: 'Project', unit: 'subject' },
          { name: 'cluster_name', heading: 'Cluster', unit: 'text' },
          ...COLUMNS,
        ],
        rows: await query(ofClusters(ALL)),
        empty: 'No costs were collected.',
        ofCluster: { sql: ofClusters },
      },
    ],
  };
}

function nameOf(row: Row): string {
  return monthName(text(row, 'dt'), text(row, 'state'));
}
