import { type Chart, type Dimension, label, type Metric, namedColumns, sourceColumn } from './chart.ts';

/** A part of a bundle, which becomes JSON. */
export type Json = Readonly<Record<string, unknown>>;

/**
 * The dashboard's time range before anyone changes it: the last seven days and today. It ends tomorrow because Superset
 * excludes the end.
 */
export const DAYS = 'DATEADD(DATETIME("today"), -7, day) : DATEADD(DATETIME("today"), 1, day)';

/** Superset's number formats. The suffix is the unit that the format does not show. */
const FORMATS: Readonly<Record<string, { format: string; suffix: string }>> = {
  percent: { format: ',.1f', suffix: ' (%)' },
  bytes: { format: 'MEMORY_DECIMAL', suffix: '' },
  'bytes per day': { format: 'MEMORY_DECIMAL', suffix: ' per day' },
  days: { format: ',.1f', suffix: ' (days)' },
  seconds: { format: ',d', suffix: ' (seconds)' },
  'US dollars': { format: '$,.2f', suffix: '' },
};

/** The formats of numbers without a unit: exact in tables, short on axes. */
const EXACT = ',d';
const SHORT = 'SMART_NUMBER';

const TIMES = '%Y-%m-%d %H:%M';

/** Returns the name of a column in tables and on axes, with its unit unless the name says it. */
export function columnLabel({ name, unit }: { name: string; unit?: string }): string {
  const words = label(name);
  const suffix = suffixOf(unit);
  if (unit === 'bytes per day' || unit === 'percent') return words.replace(` ${unit}`, '') + suffix;
  return words.toLowerCase().includes(unit ?? '') ? words : words + suffix;
}

function suffixOf(unit: string | undefined): string {
  return (unit === undefined ? undefined : FORMATS[unit]?.suffix) ?? '';
}

function formatOf(unit: string | undefined, otherwise: string): string {
  return (unit === undefined ? undefined : FORMATS[unit]?.format) ?? otherwise;
}

/** Returns the type of a chart in Superset and its parameters, as its chart builder stores them. */
export function chartParameters(chart: Chart): { viz_type: string; params: Json } {
  for (const name of namedColumns(chart)) sourceColumn(chart.source, name);
  const { viz_type, params } = shape(chart);
  return {
    viz_type,
    params: { viz_type, ...params, adhoc_filters: [...dayFilters(chart), ...conditions(chart)] },
  };
}

function shape({ source, shows }: Chart): { viz_type: string; params: Json } {
  switch (shows.kind) {
    case 'number':
      return {
        viz_type: 'big_number_total',
        params: {
          metric: metric(shows.metric),
          y_axis_format: formatOf(shows.metric.unit, EXACT),
          subtitle: shows.metric.unit === 'percent' ? 'percent' : '',
          header_font_size: 0.4,
          subtitle_font_size: 0.15,
        },
      };
    case 'lines':
      return {
        viz_type: 'echarts_timeseries_line',
        params: {
          ...axes(shows.time, shows.by, [shows.metric]),
          time_grain_sqla: shows.time === 'dt' ? 'P1D' : 'PT1H',
          x_axis_time_format: shows.time === 'dt' ? '%Y-%m-%d' : 'smart_date',
          markerEnabled: shows.time === 'dt',
          row_limit: 50_000,
        },
      };
    case 'bars': {
      const { order, metrics } = shows;
      const isCategory = order === 'category';
      const hasParts = shows.parts !== undefined || metrics.length > 1;
      return {
        viz_type: 'echarts_timeseries_bar',
        params: {
          ...axes(category(shows.category), shows.parts === undefined ? [] : [shows.parts], metrics),
          stack: 'Stack',
          // The first category of horizontal bars is at the bottom.
          orientation: isCategory ? 'vertical' : 'horizontal',
          // Superset sorts bars with parts by these words, and others by the name of what is shown.
          x_axis_sort: hasParts
            ? isCategory
              ? 'name'
              : 'sum'
            : label(isCategory ? nameOf(shows.category) : metrics[0].name),
          x_axis_sort_asc: true,
          timeseries_limit_metric: metric(isCategory ? metrics[0] : { name: 'longest', sql: order.longest }),
          order_desc: true,
          row_limit: shows.limit,
        },
      };
    }
    case 'rows':
      return {
        viz_type: 'table',
        params: {
          query_mode: 'raw',
          all_columns: shows.columns,
          order_by_cols: [JSON.stringify([shows.order, !shows.descending])],
          row_limit: shows.limit,
          ...TABLE,
          column_config: Object.fromEntries(
            shows.columns
              .map((name) => sourceColumn(source, name))
              .filter(({ type }) => type !== 'string' && type !== 'timestamp')
              .map(({ name, unit }) => [name, { d3NumberFormat: formatOf(unit, EXACT) }]),
          ),
        },
      };
    case 'groups':
      return {
        viz_type: 'table',
        params: {
          query_mode: 'aggregate',
          groupby: shows.by,
          metrics: shows.metrics.map(metric),
          timeseries_limit_metric: metric(shows.metrics[0]),
          order_desc: shows.descending === true,
          row_limit: shows.limit,
          ...TABLE,
          column_config: Object.fromEntries(
            shows.metrics.map(({ name, unit }) => [label(name), { d3NumberFormat: formatOf(unit, EXACT) }]),
          ),
        },
      };
  }
}

const TABLE: Json = {
  table_timestamp_format: TIMES,
  server_pagination: false,
  show_cell_bars: false,
  color_pn: false,
  page_length: 0,
};

function axes(x: unknown, by: readonly string[], metrics: readonly Metric[]): Json {
  const [first] = metrics;
  return {
    x_axis: x,
    groupby: by,
    metrics: metrics.map(metric),
    y_axis_format: formatOf(first?.unit, SHORT),
    y_axis_title: suffixOf(first?.unit) === '' || !first ? '' : columnLabel(first),
    y_axis_title_margin: 45,
    y_axis_title_position: 'Left',
    ...(first?.unit === 'percent' && { y_axis_bounds: [0, 100] }),
    truncateYAxis: false,
    rich_tooltip: true,
    show_legend: by.length > 0 || metrics.length > 1,
    legendType: 'scroll',
    legendOrientation: 'top',
    tooltipTimeFormat: TIMES,
  };
}

function metric({ name, sql }: Metric): Json {
  return {
    expressionType: 'SQL',
    sqlExpression: sql,
    label: label(name),
    hasCustomLabel: true,
    optionName: `metric_${name}`,
  };
}

const nameOf = (its: Dimension): string => (typeof its === 'string' ? its : its.name);

function category(its: Dimension): unknown {
  if (typeof its === 'string') return its;
  return {
    expressionType: 'SQL',
    sqlExpression: its.sql,
    label: label(its.name),
    columnType: 'BASE_AXIS',
  };
}

function dayFilters({ days }: Chart): Json[] {
  if (days === 'all') return [];
  return [
    {
      clause: 'WHERE',
      expressionType: 'SIMPLE',
      subject: 'dt',
      operator: 'TEMPORAL_RANGE',
      comparator: DAYS,
    },
  ];
}

function conditions({ where }: Chart): Json[] {
  return where === undefined ? [] : [{ clause: 'WHERE', expressionType: 'SQL', sqlExpression: where }];
}
