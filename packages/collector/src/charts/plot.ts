import type { ChartConfiguration, ChartData, LegendItem, Plugin } from 'chart.js';
import { ChartJSNodeCanvas } from 'chartjs-node-canvas';
import type { Series } from '../series.ts';
import type { Marks, Panel } from './marks.ts';
import { COLOUR, FONT, HEIGHT, PIXEL_RATIO, registerFonts, WIDTH } from './style.ts';
import { spanText, timeTicks } from './time-axis.ts';

const LINE_HEIGHT = 19;

/** What one chart shows; how all charts look is decided here once. */
export interface Plot {
  readonly title: string;
  readonly datasets: readonly Marks[];
  /** Value axes by id, from the bottom panel to the top one, with the share of the height each takes. */
  readonly panels: Readonly<Record<string, Panel>>;
  readonly endLabels: readonly EndLabel[];
}

/** A text at the right end of a line. */
export interface EndLabel {
  readonly panel: string;
  readonly y: number;
  readonly text: string;
  readonly colour: string;
}

/** Draws a plot as PNG. Synchronous and slow: not for the thread that serves requests. */
export function renderPlot(plot: Plot, series: Series, host: string, timeZone: string): Buffer {
  registerFonts();
  const canvas = new ChartJSNodeCanvas({
    width: WIDTH,
    height: HEIGHT,
    backgroundColour: COLOUR.paper,
    chartCallback: (chart) => {
      chart.defaults.font.family = FONT;
      chart.defaults.font.size = 14;
      chart.defaults.color = COLOUR.muted;
    },
  });
  return canvas.renderToBufferSync(configuration(plot, series, host, timeZone), 'image/png');
}

function configuration(plot: Plot, series: Series, host: string, timeZone: string): ChartConfiguration {
  return {
    type: 'line',
    data: { datasets: [...plot.datasets] },
    options: {
      animation: false,
      devicePixelRatio: PIXEL_RATIO,
      layout: { padding: { left: 20, right: 170, top: 16, bottom: 12 } },
      scales: { x: timeScale(series, timeZone), ...panelScales(plot) },
      plugins: {
        title: heading(plot.title, 24, 600, COLOUR.ink, 2),
        subtitle: heading(subtitle(series, host, timeZone), 14, 400, COLOUR.muted, 10),
        legend: {
          align: 'start',
          labels: { boxWidth: 26, boxHeight: 4, padding: 18, generateLabels: legendItems },
        },
      },
    },
    plugins: [endLabels(plot.endLabels)],
  };
}

/** One item for each label: the same quantity may be drawn in several panels. */
function legendItems({ data: { datasets } }: { data: ChartData }): LegendItem[] {
  const labels = [...new Set(datasets.map(({ label }) => label ?? ''))];
  return labels.map((text) => {
    const datasetIndex = datasets.findIndex(({ label }) => label === text);
    const colour = String(datasets[datasetIndex]?.borderColor);
    return {
      text,
      datasetIndex,
      fillStyle: colour,
      strokeStyle: colour,
      lineWidth: 0,
      fontColor: COLOUR.ink,
    };
  });
}

function heading(text: string, size: number, weight: number, color: string, bottom: number) {
  return {
    display: true,
    align: 'start' as const,
    text,
    color,
    font: { size, weight },
    padding: { top: 2, bottom },
  };
}

function subtitle(series: Series, host: string, timeZone: string): string {
  const count = series.records.toLocaleString('en-US');
  return [
    `host ${host}`,
    `sensor ${series.sensors.join(' and ')}`,
    spanText(series.from_ms, series.to_ms, timeZone),
    `${count} ${series.records === 1 ? 'record' : 'records'}`,
  ].join('  ·  ');
}

/** The span of the time axis; a single moment gets half a minute on each side. */
function axisSpan({ from_ms, to_ms }: Series): { min: number; max: number } {
  const pad = to_ms - from_ms < 10_000 ? 30_000 : (to_ms - from_ms) * 0.01;
  return { min: from_ms - pad, max: to_ms + pad };
}

function timeScale(series: Series, timeZone: string) {
  const { min, max } = axisSpan(series);
  const ticks = timeTicks(min, max, timeZone);
  return {
    type: 'linear' as const,
    min,
    max,
    offset: false,
    grid: { color: COLOUR.line, offset: false },
    border: { color: COLOUR.muted },
    title: { display: true, text: `time (${timeZone})`, color: COLOUR.muted },
    afterBuildTicks: (axis: { ticks: { value: number }[] }) => {
      axis.ticks = ticks.map(({ value }) => ({ value }));
    },
    ticks: {
      maxRotation: 0,
      autoSkip: false,
      callback: (value: string | number) => ticks.find((tick) => tick.value === Number(value))?.label ?? '',
    },
  };
}

function panelScales(plot: Plot) {
  return Object.fromEntries(Object.entries(plot.panels).map(([id, panel]) => [id, panelScale(panel)]));
}

function panelScale({ title, weight, largest, whole = false }: Panel) {
  // Some air on top, free of ticks, keeps them apart from the lowest tick of the panel above.
  const max = Math.max(largest, 1) * (1 + 0.9 / weight);
  return {
    type: 'linear' as const,
    axis: 'y' as const,
    position: 'left' as const,
    stack: 'panels',
    stackWeight: weight,
    stacked: whole,
    min: 0,
    max,
    afterBuildTicks: (axis: { ticks: { value: number }[] }) => {
      axis.ticks = axis.ticks.filter(({ value }) => value <= max * (1 - 0.4 / weight));
    },
    title: { display: true, text: title.split('\n'), color: COLOUR.ink },
    grid: { color: COLOUR.line },
    border: { display: false },
    ticks: { includeBounds: false, maxTicksLimit: weight + 2, ...(whole ? { precision: 0 } : {}) },
  };
}

/** Writes each text at the height of its value, moved up where it would touch the one below. */
function endLabels(labels: readonly EndLabel[]): Plugin {
  return {
    id: 'end-labels',
    afterDraw: ({ ctx, chartArea, scales }) => {
      ctx.save();
      ctx.font = `600 14px ${FONT}`;
      ctx.textBaseline = 'middle';
      for (const [panel, scale] of Object.entries(scales)) {
        let highest = scale.bottom + 12;
        const placed = labels
          .filter((label) => label.panel === panel)
          .toReversed()
          .map((label) => ({ ...label, top: scale.getPixelForValue(label.y) }))
          .sort((a, b) => b.top - a.top);
        for (const { text, colour, top } of placed) {
          highest = Math.min(top, highest - LINE_HEIGHT);
          ctx.fillStyle = colour;
          ctx.fillText(text, chartArea.right + 12, highest);
        }
      }
      ctx.restore();
    },
  };
}
