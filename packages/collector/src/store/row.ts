import type { LogRecord } from 'contract';

/** What the index keeps of one record; text that is no record of ours has no row. */
export interface Row {
  readonly host: string;
  readonly boot_id: string;
  readonly sequence: number;
  readonly taken_at_ms: number;
  readonly record: LogRecord;
}

/** Reads a line's record. Undefined when the line was damaged: what was stored once is not judged again. */
export function toRow(text: Buffer): Row | undefined {
  const record = parse(text);
  if (record === undefined) return undefined;
  const { host, boot_id, sequence, taken_at } = record;
  const taken_at_ms = Date.parse(taken_at);
  const sound = typeof host === 'string' && typeof boot_id === 'string' && Number.isSafeInteger(sequence);
  return sound && Number.isFinite(taken_at_ms) ? { host, boot_id, sequence, taken_at_ms, record } : undefined;
}

function parse(text: Buffer): LogRecord | undefined {
  try {
    const value: LogRecord | undefined = JSON.parse(text.toString('utf8'));
    return value?.type === 'memory' || value?.type === 'process' ? value : undefined;
  } catch {
    return undefined;
  }
}
