import { ALL, type Filter } from '../filter.ts';
import { number, type Query, type Section, text } from '../section.ts';

const hottestBy = ({
  and,
}: Filter) => `SELECT dt, project_id, cluster_name, namespace, day_rank, previous_rank, movement, heat, hours, best_rank
FROM hottest_namespaces
WHERE dt = (SELECT max(dt) FROM ranked_namespaces)${and}
ORDER BY heat DESC, cluster_name, day_rank, project_id, namespace`;

const BARS = 12;

export async function namespaces(query: Query): Promise<Section> {
  const rows = await query(hottestBy(ALL));
  const hottest = rows.slice(0, BARS);
  return {
    id: 'namespaces',
    title: 'Hot namespaces',
    intro:
      'The collections with the most execution time on the newest day, and how their rank changed since the previous day.',
    parts: [
      {
        id: 'hottest-namespaces',
        title: 'Heat of the newest day',
        chart: {
          spec: {
            kind: 'bar',
            unit: 'count',
            lying: true,
            categories: hottest.map((row) => `${text(row, 'namespace')} · ${text(row, 'cluster_name')}`),
            series: [{ name: 'heat', values: hottest.map((row) => number(row, 'heat')) }],
          },
          description: `Bars: heat of the ${hottest.length} hottest namespaces. Heat is the sum of 1/rank over hours and processes.`,
        },
        sql: hottestBy(ALL),
        columns: [
          { name: 'project_id', heading: 'Project', unit: 'subject' },
          { name: 'cluster_name', heading: 'Cluster', unit: 'text' },
          { name: 'day_rank', heading: 'Rank', unit: 'count' },
          { name: 'namespace', heading: 'Namespace', unit: 'text' },
          { name: 'movement', heading: 'Moved', unit: 'movement' },
          { name: 'previous_rank', heading: 'Previous day', unit: 'count' },
          { name: 'heat', heading: 'Heat', unit: 'count' },
          { name: 'hours', heading: 'Hours', unit: 'count' },
          { name: 'best_rank', heading: 'Best rank', unit: 'count' },
        ],
        rows,
        empty: 'No ranked namespaces were collected.',
        ofCluster: { sql: hottestBy },
      },
    ],
  };
}
