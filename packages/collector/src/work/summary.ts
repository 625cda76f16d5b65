import type { DatabaseSync } from 'node:sqlite';
import type { Summary } from 'contract';
import type { Point } from '../series.ts';
import { newestHost, readSeries, type Span, spanFilter } from './read-series.ts';

const TOP = 5;

/** Figures over time, and the containers that used most. Undefined when there is no record. */
export function summarize(database: DatabaseSync, span: Span, pointsMax: number): Summary | undefined {
  const host = span.host ?? newestHost(database);
  const series = host === undefined ? undefined : readSeries(database, host, span, pointsMax);
  if (host === undefined || series === undefined) return undefined;
  const { records, sensors, points } = series;
  const removed = (kind: 'high' | 'low') => points.reduce((sum, point) => sum + point[kind].removed, 0);
  return {
    host,
    sensors: [...sensors],
    records,
    from: toTime(series.from_ms),
    to: toTime(series.to_ms),
    removed: { high: removed('high'), low: removed('low') },
    points: points.map(toPoint),
    top_ram: topContainers(database, host, span, 'ram_kb'),
    top_cpu: topContainers(database, host, span, 'cpu_percent'),
  };
}

function toPoint({ at_ms, after_gap, memory, high, low }: Point): Summary['points'][number] {
  return { at: toTime(at_ms), after_gap, memory, high, low };
}

function toTime(ms: number): string {
  return new Date(ms).toISOString();
}

function topContainers(database: DatabaseSync, host: string, span: Span, column: 'ram_kb' | 'cpu_percent') {
  const { where, values } = spanFilter(host, span);
  return database
    .prepare(
      `SELECT container_id, container_name, image, kind, max(${column}) AS peak, max(fate = 'removed') AS removed
       FROM records JOIN containers ON containers.ref = container
       WHERE ${where} AND ${column} IS NOT NULL GROUP BY container ORDER BY peak DESC, container_id LIMIT ${TOP}`,
    )
    .all(...values)
    .map((row) => ({
      container_id: String(row.container_id),
      container_name: String(row.container_name),
      image: String(row.image),
      kind: row.kind === 'high' ? ('high' as const) : ('low' as const),
      peak: Number(row.peak),
      removed: row.removed === 1,
    }));
}
