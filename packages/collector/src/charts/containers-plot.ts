import type { KindUsage, Series } from '../series.ts';
import { KIND_COLOUR, removalBars, timeLine } from './marks.ts';
import type { EndLabel, Plot } from './plot.ts';
import { memoryUnit } from './units.ts';

/** CPU and RAM of the high containers against the low ones, and how many of each were removed. */
export function containersPlot(series: Series): Plot {
  const unit = memoryUnit(
    Math.max(0, ...series.points.map(({ high, low }) => Math.max(high.ram_kb, low.ram_kb))),
  );
  const removed = removalBars(series, 'removed');
  const panels = [
    {
      id: 'cpu',
      value: (usage: KindUsage) => usage.cpu_percent,
      format: (value: number) => `${value.toFixed(0)} %`,
    },
    {
      id: 'ram',
      value: (usage: KindUsage) => usage.ram_kb / unit.kb,
      format: (value: number) => unit.format(value * unit.kb),
    },
  ];
  const endLabels: EndLabel[] = [];
  const datasets = panels.flatMap(({ id, value, format }) =>
    (['high', 'low'] as const).map((kind) => {
      const last = series.points.map((point) => value(point[kind])).findLast((each) => each !== null);
      const colour = KIND_COLOUR[kind];
      if (last !== undefined)
        endLabels.push({ panel: id, y: last ?? 0, text: `${kind} ${format(last ?? 0)}`, colour });
      return timeLine(series.points, id, { label: `${kind} consumption`, colour }, (point) =>
        value(point[kind]),
      );
    }),
  );
  for (const kind of ['high', 'low'] as const) {
    const count = series.points.reduce((sum, point) => sum + point[kind].removed, 0);
    endLabels.push({ panel: 'removed', y: 0, text: `${kind} ${count} removed`, colour: KIND_COLOUR[kind] });
  }
  return {
    title: 'High against low consumption containers',
    datasets: [...datasets, ...removed.bars],
    panels: {
      removed: { title: `removed\nper ${removed.per}`, weight: 2, whole: true },
      ram: { title: `RAM, ${unit.name}`, weight: 4 },
      cpu: { title: 'CPU, % of a core', weight: 4 },
    },
    endLabels,
  };
}
