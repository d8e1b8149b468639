/** A Grafana dashboard of the lake, in Grafana's import format. It uses Grafana's Athena data source. */

interface Panel {
  title: string;
  description: string;
  type: 'table' | 'timeseries' | 'barchart' | 'stat';
  sql: string;
  /** Grafana's name for the unit of the values. */
  unit?: string;
  /** Full width instead of half. */
  wide?: true;
}

/**
 * Limits a query to the days of the dashboard's time range, so that it scans only these partitions. Grafana inserts
 * the days; the dashboard uses UTC, like the lake.
 */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana replaces its variables
export const DAYS = "dt BETWEEN '${__from:date:YYYY-MM-DD}' AND '${__to:date:YYYY-MM-DD}'";

export const panels: readonly Panel[] = [
  {
    title: 'Freshness by dataset',
    description: 'How far each dataset is collected, and the gaps that start in the time range.',
    type: 'table',
    sql: `SELECT dataset, max(collected_up_to) AS collected_up_to, sum(rows) AS rows, sum(incomplete_runs) AS incomplete_runs, sum(gaps) AS gaps FROM dataset_freshness WHERE ${DAYS} GROUP BY dataset ORDER BY dataset`,
  },
  {
    title: 'Rows written',
    description: 'Rows written by the runs of each day.',
    type: 'timeseries',
    sql: `SELECT CAST(CAST(dt AS date) AS timestamp) AS time, dataset, CAST(sum(rows) AS double) AS rows FROM dataset_freshness WHERE ${DAYS} GROUP BY dt, dataset ORDER BY 1`,
  },
  {
    title: 'Processor time',
    description: 'Greatest processor time of each process in user mode by hour, of all cores.',
    type: 'timeseries',
    unit: 'percent',
    sql: `SELECT hour AS time, process_id, max_cpu_user_percent AS cpu FROM process_health WHERE ${DAYS} ORDER BY 1`,
  },
  {
    title: 'Replication lag',
    description: 'Greatest delay of each member behind its primary by hour.',
    type: 'timeseries',
    unit: 's',
    sql: `SELECT hour AS time, process_id, max_lag_seconds AS lag FROM replication_lag WHERE ${DAYS} ORDER BY 1`,
  },
  {
    title: 'Disk forecast',
    description: 'Linear forecast from the space used in the last 14 days.',
    type: 'table',
    wide: true,
    sql: 'SELECT cluster_name, process_id, partition_name, used_percent, growth_bytes_per_day, days_until_full, full_at FROM disk_forecast ORDER BY days_until_full NULLS LAST LIMIT 50',
  },
  {
    title: 'Used disk space',
    description: 'Used space of each disk by hour.',
    type: 'timeseries',
    unit: 'percent',
    wide: true,
    sql: `SELECT hour AS time, process_id, last_value AS used FROM hourly_measurements WHERE ${DAYS} AND measurement = 'DISK_PARTITION_SPACE_PERCENT_USED' ORDER BY 1`,
  },
  {
    title: 'Database size',
    description: 'Data size on the primaries at the end of each day.',
    type: 'timeseries',
    unit: 'decbytes',
    wide: true,
    sql: `SELECT CAST(CAST(dt AS date) AS timestamp) AS time, database_name, sum(data_bytes) AS data FROM database_growth_daily WHERE ${DAYS} AND process_type LIKE '%PRIMARY' GROUP BY dt, database_name ORDER BY 1`,
  },
  {
    title: 'Hottest namespaces',
    description: 'The ranking of the newest day, and how many places each namespace moved up.',
    type: 'table',
    sql: `SELECT cluster_name, day_rank, namespace, movement, heat FROM hottest_namespaces WHERE ${DAYS} AND dt = (SELECT max(dt) FROM ranked_namespaces WHERE ${DAYS}) ORDER BY heat DESC LIMIT 20`,
  },
  {
    title: 'Failed logins',
    description: 'Failed logins by user, address and reason.',
    type: 'table',
    sql: `SELECT username, ip_address, failure_reason, sum(attempts) AS attempts, min(first_seen) AS first_seen, max(last_seen) AS last_seen FROM failed_logins WHERE ${DAYS} GROUP BY username, ip_address, failure_reason ORDER BY attempts DESC LIMIT 50`,
  },
  {
    title: 'Alerts',
    description: 'Alerts that opened in the time range.',
    type: 'table',
    wide: true,
    sql: `SELECT opened, event_type_name, metric_name, cluster_name, status, seconds_to_acknowledge, seconds_to_resolve FROM alert_incidents WHERE ${DAYS} ORDER BY opened DESC LIMIT 100`,
  },
  {
    title: 'Duplicate rows',
    description: 'Must be 0.',
    type: 'stat',
    sql: `SELECT coalesce(sum(extra_rows), 0) AS extra_rows FROM duplicate_rows WHERE ${DAYS}`,
  },
];

const HEIGHT = 8;

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's import inserts the data source
const DATA_SOURCE = { type: 'grafana-athena-datasource', uid: '${DS_ATHENA}' };

/** The plugin's result formats: 0 builds series from the text columns, 1 returns the rows unchanged. */
const FORMATS = { timeseries: 0, table: 1, barchart: 1, stat: 1 } as const;

export function grafanaDashboard(): object {
  let [x, y] = [0, 0];
  return {
    __inputs: [
      {
        name: 'DS_ATHENA',
        label: 'Athena',
        description: "The data source for the lake's database.",
        type: 'datasource',
        pluginId: DATA_SOURCE.type,
        pluginName: 'Amazon Athena',
      },
    ],
    __requires: [{ type: 'datasource', id: DATA_SOURCE.type, name: 'Amazon Athena', version: '2.9.3' }],
    uid: 'atlas-lake',
    title: 'MongoDB Atlas lake',
    tags: ['mongodb-atlas'],
    timezone: 'utc',
    schemaVersion: 39,
    time: { from: 'now-7d', to: 'now' },
    refresh: '',
    panels: panels.map((panel, index) => {
      const width = panel.wide ? 24 : 12;
      if (x + width > 24) [x, y] = [0, y + HEIGHT];
      const gridPos = { x, y, w: width, h: HEIGHT };
      x += width;
      return {
        id: index + 1,
        title: panel.title,
        description: panel.description,
        type: panel.type,
        datasource: DATA_SOURCE,
        gridPos,
        fieldConfig: { defaults: panel.unit === undefined ? {} : { unit: panel.unit }, overrides: [] },
        targets: [
          {
            refId: 'A',
            datasource: DATA_SOURCE,
            format: FORMATS[panel.type],
            rawSQL: panel.sql,
            connectionArgs: { region: '__default', catalog: '__default', database: '__default' },
          },
        ],
      };
    }),
  };
}
