import { type Chart, type Dimension, type Metric, namedColumns, sourceColumn, type Unit } from './chart.ts';
import { charts } from './charts.ts';

/** A panel of the Grafana dashboard, in Grafana's import format. It uses Grafana's Athena data source. */
interface Panel {
  title: string;
  description: string;
  type: 'table' | 'timeseries' | 'barchart' | 'stat';
  sql: string;
  unit: Unit | undefined;
  width: number;
  height: number;
  options: object;
  transformations: object[];
}

/**
 * Limits a query to the days of the dashboard's time range, so that it scans only these partitions. Grafana inserts
 * the days; the dashboard uses UTC, like the lake.
 */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana replaces its variables
export const DAYS = "dt BETWEEN '${__from:date:YYYY-MM-DD}' AND '${__to:date:YYYY-MM-DD}'";

/** Grafana's grid has 24 columns. */
const WIDTHS = { quarter: 6, half: 12, full: 24 } as const;

/** Grafana's names of the units. */
const UNITS: Readonly<Record<Unit, string>> = {
  percent: 'percent',
  bytes: 'decbytes',
  seconds: 's',
  'US dollars': 'currencyUSD',
};

export const panels: readonly Panel[] = charts.map(panelOf);

function panelOf(chart: Chart): Panel {
  for (const name of namedColumns(chart)) sourceColumn(chart.source, name);
  const { title, description, width, shows } = chart;
  const panel = (type: Panel['type'], sql: string, more: Partial<Panel> = {}): Panel => ({
    title,
    description,
    type,
    sql,
    unit: undefined,
    width: WIDTHS[width],
    height: width === 'quarter' ? 4 : 8,
    options: {},
    transformations: [],
    ...more,
  });
  switch (shows.kind) {
    case 'number':
      return panel('stat', select([metric(shows.metric)], chart), { unit: shows.metric.unit });
    case 'lines': {
      const time = shows.time === 'dt' ? 'CAST(CAST(dt AS date) AS timestamp)' : shows.time;
      const value = metric({ ...shows.metric, sql: `CAST(${shows.metric.sql} AS double)` });
      const groups = [shows.time, ...shows.by].join(', ');
      return panel(
        'timeseries',
        `${select([`${time} AS time`, ...shows.by, value], chart)} GROUP BY ${groups} ORDER BY 1`,
        { unit: shows.metric.unit },
      );
    }
    case 'bars': {
      const { name, sql } = dimension(shows.category);
      const parts = shows.parts === undefined ? [] : [shows.parts];
      const [first] = shows.metrics;
      const order = shows.order === 'category' ? name : `${shows.order.longest} DESC`;
      const columns = [name === sql ? name : `${sql} AS ${name}`, ...parts, ...shows.metrics.map(metric)];
      return panel(
        'barchart',
        `${select(columns, chart)} GROUP BY ${[sql, ...parts].join(', ')} ORDER BY ${order} LIMIT ${shows.limit}`,
        {
          unit: first.unit,
          options: {
            orientation: shows.order === 'category' ? 'vertical' : 'horizontal',
            stacking: 'normal',
          },
          transformations: parts.map((part) => ({
            id: 'groupingToMatrix',
            options: { columnField: part, rowField: name, valueField: first.name },
          })),
        },
      );
    }
    case 'rows':
      return panel(
        'table',
        `${select(shows.columns, chart)} ORDER BY ${shows.order} ${direction(shows)} LIMIT ${shows.limit}`,
      );
    case 'groups': {
      const [first] = shows.metrics;
      return panel(
        'table',
        `${select([...shows.by, ...shows.metrics.map(metric)], chart)} GROUP BY ${shows.by.join(', ')} ORDER BY ${first.name} ${direction(shows)} LIMIT ${shows.limit}`,
      );
    }
  }
}

function metric({ name, sql }: Metric): string {
  return `${sql} AS ${name}`;
}

function dimension(its: Dimension): { name: string; sql: string } {
  return typeof its === 'string' ? { name: its, sql: its } : its;
}

function direction({ descending }: { descending?: true }): string {
  return descending ? 'DESC NULLS LAST' : 'NULLS LAST';
}

function select(columns: readonly string[], { source, days, where }: Chart): string {
  const conditions = [days === 'range' ? DAYS : [], where ?? []].flat();
  const clause = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  return `SELECT ${columns.join(', ')} FROM ${source.name}${clause}`;
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's import inserts the data source
const DATA_SOURCE = { type: 'grafana-athena-datasource', uid: '${DS_ATHENA}' };

/** The plugin's result formats: 0 builds series from the text columns, 1 returns the rows unchanged. */
const FORMATS = { timeseries: 0, table: 1, barchart: 1, stat: 1 } as const;

export function grafanaDashboard(): object {
  let [x, y, below] = [0, 0, 0];
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
      if (x + panel.width > 24) [x, y] = [0, below];
      const gridPos = { x, y, w: panel.width, h: panel.height };
      x += panel.width;
      below = Math.max(below, y + panel.height);
      return {
        id: index + 1,
        title: panel.title,
        description: panel.description,
        type: panel.type,
        datasource: DATA_SOURCE,
        gridPos,
        fieldConfig: {
          defaults: panel.unit === undefined ? {} : { unit: UNITS[panel.unit] },
          overrides: [],
        },
        options: panel.options,
        transformations: panel.transformations,
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
