import type { ChartDataset } from 'chart.js';
import { countRemovals, type Point, type Series } from '../series.ts';
import { COLOUR, faded, WIDTH } from './style.ts';
import { durationText, niceStepMs } from './time-axis.ts';

export type XY = { x: number; y: number };
export type Marks = ChartDataset<'line' | 'bar', XY[]>;

/** One value axis, and how much of the picture what is drawn along it takes. */
export interface Panel {
  readonly title: string;
  /** Share of the height. */
  readonly weight: number;
  /** The largest value that is drawn. */
  readonly largest: number;
  /** Counts: whole numbers only, and bars on top of each other. */
  readonly whole?: boolean;
}

export interface LineStyle {
  readonly label: string;
  readonly colour: string;
  readonly dashed?: boolean;
  readonly filled?: boolean;
}

/** One quantity over time: a line that breaks at gaps, and a dot for a value that no line reaches. */
export function timeLine(
  points: readonly Point[],
  panel: string,
  style: LineStyle,
  value: (point: Point) => number | null,
): Marks {
  const data: XY[] = [];
  for (const point of points) {
    if (point.after_gap) data.push({ x: point.at_ms, y: Number.NaN });
    data.push({ x: point.at_ms, y: value(point) ?? Number.NaN });
  }
  return {
    type: 'line',
    label: style.label,
    data,
    yAxisID: panel,
    borderColor: style.colour,
    backgroundColor: style.filled ? faded(style.colour, 0.14) : style.colour,
    borderWidth: style.dashed ? 1.5 : 2.5,
    borderDash: style.dashed ? [7, 5] : [],
    clip: false,
    fill: style.filled ? 'origin' : false,
    pointRadius: style.dashed ? 0 : dotRadius(data),
    pointBackgroundColor: style.colour,
    pointBorderWidth: 0,
  };
}

function dotRadius(data: readonly XY[]): number[] {
  const few = data.length <= 40;
  const drawn = (index: number) => Number.isFinite(data[index]?.y);
  return data.map((_, index) => (few ? 3.5 : drawn(index - 1) || drawn(index + 1) ? 0 : 2.5));
}

/** Containers removed, as bars stacked by kind, and the panel for them. */
export function removalBars(series: Series, panel: string, label: (kind: Kind) => string): RemovalMarks {
  const spanMs = series.to_ms - series.from_ms;
  const stretchMs = Math.max(10_000, niceStepMs(spanMs, 50));
  const removals = countRemovals(series.points, stretchMs);
  const bars = (['high', 'low'] as const).map(
    (kind): Marks => ({
      type: 'bar',
      label: label(kind),
      data: removals.map(({ from_ms, to_ms, ...counts }) => ({ x: (from_ms + to_ms) / 2, y: counts[kind] })),
      yAxisID: panel,
      stack: 'removed',
      grouped: false,
      backgroundColor: KIND_COLOUR[kind],
      borderColor: KIND_COLOUR[kind],
      barThickness: Math.max(3, Math.min(14, (0.5 * WIDTH * stretchMs) / Math.max(spanMs, 1))),
    }),
  );
  const largest = Math.max(0, ...removals.map(({ high, low }) => high + low));
  return {
    bars,
    panel: { title: `removed\nper ${durationText(stretchMs)}`, weight: 2, largest, whole: true },
  };
}

export const KINDS = ['high', 'low'] as const;
export type Kind = (typeof KINDS)[number];

export interface RemovalMarks {
  readonly bars: Marks[];
  readonly panel: Panel;
}

export const KIND_COLOUR = { high: COLOUR.vermilion, low: COLOUR.blue } as const;
