import type { KindUsage, Series } from '../series.ts';
import { KIND_COLOUR, KINDS, type Kind, removalBars, timeLine } from './marks.ts';
import type { EndLabel, Plot } from './plot.ts';
import { memoryUnit } from './units.ts';

interface Quantity {
  readonly panel: string;
  readonly title: string;
  readonly value: (usage: KindUsage) => number | null;
  readonly format: (value: number) => string;
}

/** CPU and RAM of the high containers against the low ones, and how many of each were removed. */
export function containersPlot(series: Series): Plot {
  const unit = memoryUnit(
    Math.max(0, ...series.points.flatMap(({ high, low }) => [high.ram_kb, low.ram_kb])),
  );
  const removed = removalBars(series, 'removed', label);
  const quantities: readonly Quantity[] = [
    {
      panel: 'ram',
      title: `RAM, ${unit.name}`,
      value: (usage) => usage.ram_kb / unit.kb,
      format: (value) => unit.format(value * unit.kb),
    },
    {
      panel: 'cpu',
      title: 'CPU, % of a core',
      value: (usage) => usage.cpu_percent,
      format: (value) => `${value.toFixed(value < 10 ? 1 : 0)} %`,
    },
  ];
  return {
    title: 'High against low consumption containers',
    datasets: [...quantities.flatMap((quantity) => lines(series, quantity)), ...removed.bars],
    panels: {
      removed: removed.panel,
      ...Object.fromEntries(
        quantities.map((quantity) => {
          const values = series.points.flatMap(({ high, low }) => [
            quantity.value(high),
            quantity.value(low),
          ]);
          const largest = Math.max(...values.map((value) => value ?? 0));
          return [quantity.panel, { title: quantity.title, weight: 4, largest }];
        }),
      ),
    },
    endLabels: [...quantities.flatMap((quantity) => lastValues(series, quantity)), ...removedInAll(series)],
  };
}

const label = (kind: Kind) => `${kind} consumption`;

function lines(series: Series, { panel, value }: Quantity) {
  return KINDS.map((kind) =>
    timeLine(series.points, panel, { label: label(kind), colour: KIND_COLOUR[kind] }, (point) =>
      value(point[kind]),
    ),
  );
}

function lastValues(series: Series, { panel, value, format }: Quantity): EndLabel[] {
  return KINDS.flatMap((kind) => {
    const y = series.points.map((point) => value(point[kind])).findLast((each) => each !== null);
    return y === null || y === undefined
      ? []
      : [{ panel, y, text: `${kind} ${format(y)}`, colour: KIND_COLOUR[kind] }];
  });
}

function removedInAll(series: Series): EndLabel[] {
  return KINDS.map((kind) => {
    const count = series.points.reduce((sum, point) => sum + point[kind].removed, 0);
    return {
      panel: 'removed',
      y: 0,
      text: `${kind} ${count.toLocaleString('en-US')} in all`,
      colour: KIND_COLOUR[kind],
    };
  });
}
