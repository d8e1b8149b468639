import type { CustomSeriesRenderItemAPI } from 'echarts';
import type { EChartsCoreOption } from 'echarts/core';
import type { BarSpec, ChartSpec, LineSpec, TimelineSpec } from '../chart-spec.ts';
import { humanValue } from '../units.ts';

/** The properties of the page that a chart depends on. */
export interface Surroundings {
  dark: boolean;
  /** Width, pixels. */
  width: number;
}

/** Colours that colour-blind people can distinguish (Okabe and Ito), for light and dark backgrounds. */
const COLOURS = {
  light: ['#0072b2', '#d55e00', '#009e73', '#b0468a', '#a07000', '#3a8fc4', '#5c5c5c', '#7a3e9d'],
  dark: ['#56b4e9', '#f0883e', '#2bc79a', '#e58bc4', '#e9c33c', '#8fd0f5', '#b8b8b8', '#c39be0'],
};

/** The states of alerts and the indexes of their colours. */
const STATES = [
  ['open', 1],
  ['acknowledged', 4],
  ['ended', 0],
] as const;

/** Maximum width of names in a chart, pixels. The table shows the complete names. */
const NARROW_LABEL = 110;
const WIDE_LABEL = 260;
const NARROW = 560;

/** Maximum width of a line of a tooltip, pixels. */
const NARROW_TIP = 240;
const WIDE_TIP = 480;

/** Returns the ECharts options of a chart. */
export function chartOptions(spec: ChartSpec, around: Surroundings): EChartsCoreOption {
  const colours = COLOURS[around.dark ? 'dark' : 'light'];
  const ink = around.dark ? '#a3b0bd' : '#56636f';
  const line = around.dark ? '#33404d' : '#d8dee4';
  const several = spec.kind === 'timeline' || new Set(spec.series.map(({ name }) => name)).size > 1;
  const common = {
    color: colours,
    animation: false,
    textStyle: { fontFamily: 'system-ui, sans-serif', color: ink },
    legend: {
      show: several,
      type: 'scroll',
      bottom: 0,
      textStyle: {
        color: ink,
        width: around.width < NARROW ? NARROW_LABEL : WIDE_LABEL,
        overflow: 'truncate',
      },
      pageTextStyle: { color: ink },
      pageIconColor: ink,
    },
    grid: {
      left: 8,
      right: 16,
      top: 16,
      bottom: several ? 40 : 8,
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel',
    },
    // Text instead of HTML, because names come from Atlas.
    tooltip: {
      trigger: spec.kind === 'bar' ? 'axis' : 'item',
      renderMode: 'richText',
      confine: true,
      backgroundColor: around.dark ? '#1b242e' : '#ffffff',
      borderColor: line,
      textStyle: {
        color: around.dark ? '#e6ebf0' : '#1b2733',
        width: around.width < NARROW ? NARROW_TIP : WIDE_TIP,
        overflow: 'breakAll',
      },
    },
  };
  const axis = {
    axisLabel: { color: ink, hideOverlap: true },
    axisLine: { lineStyle: { color: line } },
    splitLine: { lineStyle: { color: line } },
  };
  const valueAxis = {
    ...axis,
    type: 'value',
    splitNumber: around.width < NARROW ? 3 : 5,
    axisLabel: { ...axis.axisLabel, formatter: (value: number) => humanValue(value, spec.unit) },
  };
  const nameAxis = {
    ...axis,
    type: 'category',
    axisTick: { show: false },
    splitLine: { show: false },
    axisLabel: { color: ink, width: around.width < NARROW ? NARROW_LABEL : WIDE_LABEL, overflow: 'truncate' },
  };
  // ECharts uses local time by default, but a report must look the same everywhere.
  const timeAxis = {
    ...axis,
    type: 'time',
    splitNumber: around.width < NARROW ? 2 : 6,
    axisLabel: { ...axis.axisLabel, formatter: timeLabel },
  };
  const parts = { common, valueAxis, nameAxis, timeAxis, colours };
  switch (spec.kind) {
    case 'bar':
      return barOptions(spec, parts);
    case 'line':
      return lineOptions(spec, parts);
    case 'timeline':
      return timelineOptions(spec, parts);
  }
}

/** Formats a time in UTC as `03-02`, or as `03-02 12:00` if it is not midnight. */
function timeLabel(instant: number): string {
  const text = new Date(instant).toISOString();
  return text.slice(11, 16) === '00:00' ? text.slice(5, 10) : text.slice(5, 16).replace('T', ' ');
}

interface Parts {
  common: { tooltip: object };
  valueAxis: object;
  nameAxis: { axisLabel: object };
  timeAxis: object;
  colours: readonly string[];
}

function barOptions(
  { unit, lying, categories, series }: BarSpec,
  { common, valueAxis, nameAxis }: Parts,
): EChartsCoreOption {
  const names = { ...nameAxis, data: categories };
  // A bar as long as the chart must mean full.
  const values = unit === 'percent' ? { ...valueAxis, max: 100 } : valueAxis;
  return {
    ...common,
    xAxis: lying ? values : names,
    yAxis: lying ? { ...names, inverse: true } : values,
    series: series.map(({ name, values: data }) => ({
      type: 'bar',
      name,
      data,
      stack: 'all',
      barMaxWidth: 40,
      tooltip: { valueFormatter: (value: number | null) => humanValue(value, unit) },
    })),
  };
}

function lineOptions(
  { unit, series }: LineSpec,
  { common, valueAxis, timeAxis, colours }: Parts,
): EChartsCoreOption {
  const names = [...new Set(series.map(({ name }) => name))];
  return {
    ...common,
    useUTC: true,
    xAxis: timeAxis,
    yAxis: { ...valueAxis, scale: true },
    series: series.map(({ name, points, forecast }) => {
      const color = colours[names.indexOf(name) % colours.length];
      return {
        type: 'line',
        name,
        data: points,
        showSymbol: points.length < 20,
        symbolSize: 6,
        itemStyle: { color },
        lineStyle: { color, width: 2, type: forecast ? 'dashed' : 'solid' },
        tooltip: { valueFormatter: (value: number | null) => humanValue(value, unit) },
      };
    }),
  };
}

function timelineOptions(
  spec: TimelineSpec,
  { common, nameAxis, timeAxis, colours }: Parts,
): EChartsCoreOption {
  const { from, to, bars } = spec;
  return {
    ...common,
    useUTC: true,
    xAxis: { ...timeAxis, min: from, max: to },
    yAxis: {
      ...nameAxis,
      inverse: true,
      data: bars.map((_, index) => String(index)),
      axisLabel: { ...nameAxis.axisLabel, formatter: (index: string) => bars[Number(index)]?.label ?? '' },
    },
    tooltip: {
      ...common.tooltip,
      formatter: ({ value }: { value: [number, number, number] }) => tipOf(bars[value[2]]),
    },
    series: STATES.map(([state, colour]) => ({
      type: 'custom',
      name: state,
      // Cuts off alerts that opened before the start of the chart.
      clip: true,
      itemStyle: { color: colours[colour] },
      encode: { x: [0, 1], y: 2 },
      data: bars.flatMap((bar, index) => (bar.state === state ? [[bar.from, bar.to, index]] : [])),
      renderItem: (_: unknown, api: CustomSeriesRenderItemAPI) => {
        const [left = 0, middle = 0] = api.coord([api.value(0), api.value(2)]);
        const [right = 0] = api.coord([api.value(1), api.value(2)]);
        // Keeps short alerts visible.
        const width = Math.max(right - left, 4);
        return {
          type: 'rect',
          shape: { x: left, y: middle - 8, width, height: 16, r: 3 },
          style: { fill: colours[colour] },
        };
      },
    })),
  };
}

function tipOf(bar: TimelineSpec['bars'][number] | undefined): string {
  if (!bar) return '';
  const time = (instant: number) => new Date(instant).toISOString().slice(0, 16).replace('T', ' ');
  return `${bar.label}\n${bar.state}: ${time(bar.from)} to ${time(bar.to)} UTC\n${humanValue((bar.to - bar.from) / 1000, 'seconds')}`;
}
