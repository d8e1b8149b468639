import { DAY } from '../../../shared/durations.ts';
import type { TimelineSpec } from '../chart-spec.ts';
import { ALL, type Filter } from '../filter.ts';
import { instant, type Query, type Row, type Section, text } from '../section.ts';

const incidentsBy = ({
  where,
}: Filter) => `SELECT event_type_name, metric_name, project_id, cluster_name, host_and_port, status, opened, acknowledged, acknowledged_by, closed, seconds_to_acknowledge, seconds_to_resolve, alert_id
FROM alert_incidents${where}
ORDER BY opened DESC, alert_id`;

const BARS = 25;

/** An alert may be open for years. The timeline starts with the first alert of the last two weeks. */
const SPAN_MS = 14 * DAY;

/** An open alert was last seen open by the last run. */
const LAST_LOOK = 'SELECT max(ts) AS ts FROM collection_runs';

export async function incidents(query: Query): Promise<Section> {
  const rows = await query(incidentsBy(ALL));
  const [look] = await query(LAST_LOOK);
  const lastLook = (look && instant(look, 'ts')) ?? 0;
  const bars = rows.slice(0, BARS).flatMap((row) => barOf(row, lastLook));
  const to = Math.max(...bars.map((bar) => bar.to));
  const begun = bars.map((bar) => bar.from).filter((from) => from >= to - SPAN_MS);
  return {
    id: 'alerts',
    title: 'Alerts',
    intro: 'When alerts opened, how quickly they were acknowledged, and when they ended.',
    parts: [
      {
        id: 'alert-timeline',
        title: 'Alerts, newest first',
        chart: {
          spec: {
            kind: 'timeline',
            unit: 'time',
            from: Math.min(...begun, to - (begun.length === 0 ? SPAN_MS : 0)),
            to,
            bars,
          },
          description: `Bars: the ${bars.length} newest alerts, from opening to end, or to the last run for open alerts.`,
        },
        sql: incidentsBy(ALL),
        columns: [
          { name: 'event_type_name', heading: 'Event', unit: 'text' },
          { name: 'metric_name', heading: 'Metric', unit: 'text' },
          { name: 'project_id', heading: 'Project', unit: 'subject' },
          { name: 'cluster_name', heading: 'Cluster', unit: 'text' },
          { name: 'host_and_port', heading: 'Process', unit: 'text' },
          { name: 'status', heading: 'Status', unit: 'text' },
          { name: 'opened', heading: 'Opened', unit: 'time' },
          { name: 'seconds_to_acknowledge', heading: 'Acknowledged after', unit: 'seconds' },
          { name: 'acknowledged_by', heading: 'Acknowledged by', unit: 'text' },
          { name: 'closed', heading: 'Ended', unit: 'time' },
          { name: 'seconds_to_resolve', heading: 'Duration', unit: 'seconds' },
        ],
        rows,
        empty: 'No alerts were collected.',
        ofCluster: { sql: incidentsBy },
      },
    ],
  };
}

function barOf(row: Row, lastLook: number): TimelineSpec['bars'] {
  const [from, closed] = [instant(row, 'opened'), instant(row, 'closed')];
  if (from === null) return [];
  const what = row['metric_name'] === null ? text(row, 'event_type_name') : text(row, 'metric_name');
  const open = row['acknowledged'] === null ? 'open' : 'acknowledged';
  return [
    {
      label: row['cluster_name'] === null ? what : `${text(row, 'cluster_name')} · ${what}`,
      from,
      to: closed ?? Math.max(lastLook, from),
      state: closed === null ? open : 'ended',
    },
  ];
}
