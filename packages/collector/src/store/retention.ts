import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Disk } from './disk.ts';
import type { Run } from './ledger.ts';
import { LogFile } from './log-file.ts';
import { closedName, keepAside } from './segment-files.ts';

/** What is left of a segment that was dropped: which records it held. */
export interface Dropped {
  readonly segment: number;
  readonly file: string;
  readonly records: number;
  readonly bytes: number;
  readonly first_taken_at: string | null;
  readonly last_taken_at: string | null;
  readonly dropped_at: string;
  readonly runs: readonly Run[];
}

/** dropped.json: one line for each segment that retention removed, written before it is removed. */
export class DroppedLog {
  readonly #log: LogFile;
  /** What was dropped before this start. */
  readonly dropped: readonly Dropped[];

  private constructor(log: LogFile, dropped: readonly Dropped[]) {
    this.#log = log;
    this.dropped = dropped;
  }

  static async open(logsDir: string, report: (message: string) => void, disk: Disk): Promise<DroppedLog> {
    await using opened = new AsyncDisposableStack();
    const path = join(logsDir, 'dropped.json');
    const log = opened.adopt(
      await LogFile.open(path, (cut) => keepAside(path, cut, report, disk), disk),
      (each) => each.close(),
    );
    const lines = (await readFile(path, 'utf8')).split('\n');
    opened.move();
    return new DroppedLog(log, lines.flatMap(toDropped));
  }

  /** Number of the first segment that was not dropped before this start. */
  get next(): number {
    return Math.max(0, ...this.dropped.map(({ segment }) => segment)) + 1;
  }

  async add(segment: number, entry: Omit<Dropped, 'segment' | 'file' | 'dropped_at'>): Promise<void> {
    const dropped: Dropped = {
      segment,
      file: closedName(segment),
      dropped_at: new Date().toISOString(),
      ...entry,
    };
    await this.#log.append(Buffer.from(JSON.stringify(dropped)));
  }

  async close(): Promise<void> {
    await this.#log.close();
  }
}

/** The entry of one line; none where the line is none of ours, whoever wrote it. */
function toDropped(line: string): Dropped[] {
  try {
    const dropped: Dropped = JSON.parse(line.replace(/,$/, ''));
    return Number.isSafeInteger(dropped.segment) && Array.isArray(dropped.runs) ? [dropped] : [];
  } catch {
    return [];
  }
}
