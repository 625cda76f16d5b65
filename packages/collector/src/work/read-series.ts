import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { type Sample, type Series, SeriesFold } from '../series.ts';

/** Which records a series is made from. */
export interface Span {
  readonly host?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** SQL that means the records of a span of one host, and its values. */
export function spanFilter(host: string, { since, until }: Span): { where: string; values: SQLInputValue[] } {
  const refs = 'boot IN (SELECT ref FROM boots WHERE host = ?)';
  const from = since === undefined ? -(2 ** 53) + 1 : Date.parse(since);
  const to = until === undefined ? 2 ** 53 - 1 : Date.parse(until);
  return { where: `taken_at_ms BETWEEN ? AND ? AND ${refs}`, values: [from, to, host] };
}

/** The host of the newest record, or undefined when there is none. */
export function newestHost(database: DatabaseSync): string | undefined {
  const row = database
    .prepare(
      'SELECT host FROM boots WHERE ref = (SELECT boot FROM records ORDER BY taken_at_ms DESC, id DESC LIMIT 1)',
    )
    .get();
  return row && String(row.host);
}

/** The series of one host over a span. Undefined when there is no record. */
export function readSeries(
  database: DatabaseSync,
  host: string,
  span: Span,
  pointsMax: number,
): Series | undefined {
  const fold = new SeriesFold(pointsMax);
  const { where, values } = spanFilter(host, span);
  const rows = database
    .prepare(
      `SELECT taken_at_ms, type, boot, sensor, total_kb, used_kb, available_kb, kind, cpu_percent, ram_kb, fate
       FROM records INDEXED BY records_time LEFT JOIN containers ON containers.ref = container
       WHERE ${where} ORDER BY taken_at_ms, id`,
    )
    .iterate(...values);
  for (const row of rows) fold.add(toSample(row));
  return fold.finish();
}

function toSample(row: Record<string, unknown>): Sample {
  const origin = { at_ms: Number(row.taken_at_ms), boot_id: String(row.boot), sensor: String(row.sensor) };
  if (row.type === 'memory') {
    const { total_kb, used_kb, available_kb } = row;
    return {
      ...origin,
      type: 'memory',
      total_kb: Number(total_kb),
      used_kb: Number(used_kb),
      available_kb: Number(available_kb),
    };
  }
  return {
    ...origin,
    type: 'process',
    kind: row.kind === 'high' ? 'high' : 'low',
    cpu_percent: row.cpu_percent === null ? null : Number(row.cpu_percent),
    ram_kb: Number(row.ram_kb),
    removed: row.fate === 'removed',
  };
}
