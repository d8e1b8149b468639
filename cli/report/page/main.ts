import { BarChart, CustomChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { ChartSpec, Charts } from '../chart-spec.ts';
import { chartOptions } from './options.ts';

use([BarChart, CustomChart, LineChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

/** The CLI writes this JSON in the same version, so that it needs no check. */
const charts: Charts = JSON.parse(document.getElementById('charts')?.textContent ?? '{}');

/** Paper is white, whatever the screen's colours are. */
const darkness = matchMedia('screen and (prefers-color-scheme: dark)');

/** Height of a horizontal bar or a timeline bar with its spacing, pixels. */
const BAR_HEIGHT = 30;

/** Width of a chart on paper, pixels. It fits A4 and Letter in landscape. */
const PAPER_WIDTH = 960;

for (const [id, spec] of Object.entries(charts)) {
  const element = document.getElementById(id);
  if (element) show(element, spec);
}

/** Draws a chart, and redraws it when its width or the colour scheme changes. */
function show(element: HTMLElement, spec: ChartSpec): void {
  const bars =
    spec.kind === 'timeline'
      ? spec.bars.length
      : spec.kind === 'bar' && spec.lying
        ? spec.categories.length
        : 0;
  if (bars > 0) element.style.height = `${bars * BAR_HEIGHT + 80}px`;
  const chart = init(element, null, { renderer: 'svg' });
  const draw = (dark = darkness.matches, width = element.clientWidth) => {
    chart.resize({ width });
    chart.setOption(chartOptions(spec, { dark, width }), { notMerge: true });
  };
  new ResizeObserver(() => draw()).observe(element);
  darkness.addEventListener('change', () => draw());
  addEventListener('beforeprint', () => {
    draw(false, PAPER_WIDTH);
    // The browser prints before the next frame.
    chart.getZr().flush();
  });
  addEventListener('afterprint', () => draw());
}
