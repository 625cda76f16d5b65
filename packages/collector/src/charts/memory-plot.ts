import type { MemoryUsage, Series } from '../series.ts';
import { type LineStyle, removalBars, timeLine } from './marks.ts';
import type { Plot } from './plot.ts';
import { COLOUR } from './style.ts';
import { memoryUnit } from './units.ts';

const LINES: readonly (LineStyle & { readonly key: keyof MemoryUsage })[] = [
  { key: 'total_kb', label: 'total', colour: COLOUR.muted, dashed: true },
  { key: 'available_kb', label: 'available', colour: COLOUR.green },
  { key: 'used_kb', label: 'used', colour: COLOUR.violet, filled: true },
];

/** The host's memory over time against its total, and below it how many containers were removed when. */
export function memoryPlot(series: Series): Plot {
  const total_kb = Math.max(0, ...series.points.map(({ memory }) => memory?.total_kb ?? 0));
  const unit = memoryUnit(total_kb);
  const last = series.points.findLast(({ memory }) => memory !== null)?.memory;
  const removed = removalBars(series, 'removed', (kind) => `${kind} containers removed`);
  return {
    title: 'Memory of the host, and when containers were removed',
    datasets: [
      ...LINES.map((style) =>
        timeLine(series.points, 'memory', style, ({ memory }) => memory && memory[style.key] / unit.kb),
      ),
      ...removed.bars,
    ],
    panels: {
      removed: removed.panel,
      memory: { title: `memory, ${unit.name}`, weight: 7, largest: total_kb / unit.kb },
    },
    endLabels: LINES.filter(() => last).map(({ key, label, colour }) => ({
      panel: 'memory',
      y: (last?.[key] ?? 0) / unit.kb,
      text: `${label} ${unit.format(last?.[key] ?? 0)}`,
      colour,
    })),
  };
}
