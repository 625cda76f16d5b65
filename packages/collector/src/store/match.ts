import type { LogQuery, LogRecord } from 'contract';

/** Whether a record's text matches the filters; a text that is no record never does. */
export function matcher(query: LogQuery): (text: string) => boolean {
  const since = query.since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(query.since);
  const until = query.until === undefined ? Number.POSITIVE_INFINITY : Date.parse(query.until);
  return (text) => {
    const record = parse(text);
    if (record === undefined || (query.type !== undefined && record.type !== query.type)) return false;
    const at = Date.parse(record.taken_at);
    return at >= since && at <= until && (query.container === undefined || isOf(record, query.container));
  };
}

function isOf(record: LogRecord, container: string): boolean {
  if (record.type !== 'process') return false;
  return record.container_name === container || record.container_id.startsWith(container);
}

function parse(text: string): LogRecord | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
