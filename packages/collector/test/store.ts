import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogQuery, LogRecord } from 'contract';
import type { Disk } from '../src/store/disk.ts';
import { Store, type StoreOptions } from '../src/store/store.ts';

const HOUR_MS = 3_600_000;

const OPTIONS: StoreOptions = { segmentBytes: 2 ** 28, segmentAgeMs: HOUR_MS, totalBytes: 2 ** 32 };

/** A store whose reports are kept; closed at the end of its scope. */
export async function testStore(logsDir: string, options: Partial<StoreOptions> = {}, disk?: Disk) {
  const reports: string[] = [];
  const store = await Store.open(logsDir, { ...OPTIONS, ...options }, (text) => reports.push(text), disk);
  return { store, reports, [Symbol.asyncDispose]: () => store.close() };
}

/** All records that a query gives. */
export async function ask(store: Store, query: LogQuery = {}): Promise<LogRecord[]> {
  const { texts } = await store.query(query);
  const records: LogRecord[] = [];
  for await (const page of texts) for (const text of page) records.push(JSON.parse(text));
  return records;
}

/**
 * The records of each log file, read by JSON.parse alone. Fails where a file is no JSON array, but for a torn
 * tail where that is allowed, as after a kill: then its whole lines count.
 */
export async function readFiles(
  logsDir: string,
  torn?: 'torn tail allowed',
): Promise<Map<string, LogRecord[]>> {
  const files = new Map<string, LogRecord[]>();
  const seen = new Set<number>();
  for (const name of (await readdir(logsDir)).sort()) {
    if (!/^logs(-\d+)?\.json$/.test(name)) continue;
    // While logs.json is being closed it has both names for a moment, and for longer if it is killed then.
    const { ino } = await stat(join(logsDir, name));
    if (seen.has(ino)) continue;
    seen.add(ino);
    const text = await readFile(join(logsDir, name), 'utf8');
    const whole = text.endsWith('\n]\n') || torn === undefined;
    const records: LogRecord[] = JSON.parse(whole ? text : `${text.slice(0, text.lastIndexOf('},\n') + 1)}]`);
    if (!Array.isArray(records)) throw new TypeError(`${name} is no array`);
    files.set(name, records);
  }
  return files;
}

export const sequencesOf = (records: readonly LogRecord[]) => records.map(({ sequence }) => sequence);
