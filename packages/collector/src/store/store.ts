import { type FileHandle, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogQuery, LogRecord } from 'contract';
import { StartError, systemCode } from '../errors.ts';
import { type Disk, nodeDisk } from './disk.ts';
import { GroupCommit } from './group-commit.ts';
import { readLines, recordText } from './lines.ts';
import { type Lock, lockLogs } from './lock.ts';
import { LogFile } from './log-file.ts';
import { matcher } from './match.ts';

export interface Store {
  /** Resolves when the whole batch is on disk; rejects with CollectorError when none of it is. */
  append(records: readonly LogRecord[]): Promise<void>;
  /** The texts of the matching records, oldest first, in chunks. */
  query(query: LogQuery): AsyncGenerator<string[]>;
  readonly records: number;
  readonly bytes: number;
  close(): Promise<void>;
}

/** Opens the log folder for writing. Throws StartError with what to do when that is not possible. */
export async function openStore(
  logsDir: string,
  report: (message: string) => void,
  disk: Disk = nodeDisk,
): Promise<Store> {
  const lock = lockLogs(logsDir);
  const path = join(logsDir, 'logs.json');
  try {
    const keepAside = async (cut: Buffer) => {
      const aside = `${path}.torn-${new Date().toISOString().replaceAll(':', '')}`;
      await writeFile(aside, cut, { flag: 'wx', flush: true });
      report(`logs.json ended in ${cut.length} bytes that are no whole batch; they were moved to ${aside}.`);
    };
    const log = await LogFile.open(path, keepAside, disk);
    const reader = await open(path, 'r');
    return new FileStore(log, reader, lock, await countRecords(reader, log.end));
  } catch (cause) {
    lock[Symbol.dispose]();
    throw new StartError(
      'logs_not_writable',
      `${path} can't be opened for writing (${systemCode(cause) ?? cause}). ` +
        'Check that the disk has space, is not mounted read-only, and that the file belongs to the collector.',
      cause,
    );
  }
}

class FileStore implements Store {
  readonly #log: LogFile;
  readonly #reader: FileHandle;
  readonly #lock: Lock;
  readonly #commits: GroupCommit;
  #records: number;

  constructor(log: LogFile, reader: FileHandle, lock: Lock, records: number) {
    this.#log = log;
    this.#reader = reader;
    this.#lock = lock;
    this.#records = records;
    this.#commits = new GroupCommit((lines) => log.append(lines));
  }

  get records(): number {
    return this.#records;
  }

  get bytes(): number {
    return this.#log.bytes;
  }

  async append(records: readonly LogRecord[]): Promise<void> {
    await this.#commits.add(records.map((record) => JSON.stringify(record)).join(' ,\n'));
    this.#records += records.length;
  }

  async *query(query: LogQuery): AsyncGenerator<string[]> {
    const end = this.#log.end;
    const matches = matcher(query);
    let skip = 0;
    if (query.limit !== undefined) {
      for await (const lines of readLines(this.#reader, 0, end)) skip += select(lines, matches).length;
      skip -= Number(query.limit);
    }
    for await (const lines of readLines(this.#reader, 0, end)) {
      const texts = select(lines, matches);
      const wanted = skip > 0 ? texts.slice(skip) : texts;
      skip -= texts.length;
      if (wanted.length > 0) yield wanted;
    }
  }

  async close(): Promise<void> {
    await this.#commits.settled();
    await this.#reader.close();
    await this.#log.close();
    this.#lock[Symbol.dispose]();
  }
}

function select(lines: readonly { text: Buffer }[], matches: (text: string) => boolean): string[] {
  return lines
    .map(({ text }) => recordText(text))
    .filter((text) => text.length > 0)
    .map((text) => text.toString('utf8'))
    .filter(matches);
}

async function countRecords(reader: FileHandle, end: number): Promise<number> {
  let records = 0;
  for await (const lines of readLines(reader, 0, end)) {
    for (const { text } of lines) if (text[0] === 0x7b) records++;
  }
  return records;
}
