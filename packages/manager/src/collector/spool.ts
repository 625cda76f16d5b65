import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogRecord } from 'contract';
import { codeOf, GestorError, messageOf } from '../errors.ts';

/** Most bytes of undelivered records that are kept; beyond it the oldest batches are dropped. */
const SPOOL_LIMIT_BYTES = 64 * 1024 * 1024;

/** A record before it has its number. */
export type Unnumbered<T> = T extends LogRecord ? Omit<T, 'sequence' | 'boot_id'> : never;

/** Records on their way to the collector, on disk until it has them. */
export interface Spool {
  /** Numbers the records and puts them on disk. @throws GestorError VOLUME_NOT_WRITABLE */
  put(records: readonly Unnumbered<LogRecord>[]): Promise<void>;
  /**
   * Sends what is waiting, oldest first; stops at the first failure. A batch that the collector will
   * never take is set aside beside the others as `<name>.refused` and counted as dropped.
   * @throws what `send` throws, with all that is not delivered still waiting
   */
  deliver(send: (key: string, records: readonly LogRecord[]) => Promise<unknown>): Promise<number>;
  /** Records waiting, and delivered and dropped since the start. */
  counts(): { readonly waiting: number; readonly delivered: number; readonly dropped: number };
  /** Number of the last record of this boot, over all runs. */
  last(): number;
  /** Numbers what comes next after this: the collector may know of more than a spool that was deleted. */
  numberAfter(sequence: number): void;
}

interface Batch {
  readonly file: string;
  readonly key: string;
  readonly records: number;
  readonly bytes: number;
}

/** Writes a file so that it is there wholly or not at all, also after a power cut. */
async function writeDurably(directory: string, name: string, text: string): Promise<void> {
  const temporary = join(directory, `.${name}.tmp`);
  {
    await using handle = await open(temporary, 'w', 0o600);
    await handle.writeFile(text);
    await handle.datasync();
  }
  await rename(temporary, join(directory, name));
  await using folder = await open(directory, 'r');
  await folder.sync();
}

/** Number of the last record that was ever put, 0 in a new boot. */
async function lastSequence(directory: string, bootId: string): Promise<number> {
  const text = await readFile(join(directory, 'last'), 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  });
  const [boot, last] = text.trim().split(' ');
  return boot === bootId && /^\d+$/.test(last ?? '') ? Number(last) : 0;
}

const batchName = /^(\d{16})-(\d+)-([0-9a-f-]{36})-(\d{16})\.json$/;

/** Name of a batch's file: order of arrival, number of records, boot, first sequence. */
const fileName = (order: number, records: number, bootId: string, first: number) =>
  `${String(order).padStart(16, '0')}-${records}-${bootId}-${String(first).padStart(16, '0')}.json`;

async function leftBehind(directory: string): Promise<Batch[]> {
  const batches: Batch[] = [];
  for (const file of (await readdir(directory)).toSorted()) {
    const [, , records, bootId, first] = batchName.exec(file) ?? [];
    if (bootId === undefined) continue;
    const { size } = await stat(join(directory, file));
    batches.push({ file, key: `${bootId}-${Number(first)}`, records: Number(records), bytes: size });
  }
  return batches;
}

const notWritable = (directory: string, error: unknown) =>
  new GestorError('VOLUME_NOT_WRITABLE', `${directory} can't be written: ${messageOf(error)}`, error);

class DiskSpool implements Spool {
  private readonly directory: string;
  private readonly bootId: string;
  private readonly limitBytes: number;
  private waiting: readonly Batch[];
  private lastSequence: number;
  private order: number;
  private delivered = 0;
  private dropped = 0;

  constructor(
    directory: string,
    bootId: string,
    limitBytes: number,
    waiting: readonly Batch[],
    last: number,
  ) {
    this.directory = directory;
    this.bootId = bootId;
    this.limitBytes = limitBytes;
    this.waiting = waiting;
    this.lastSequence = last;
    this.order = Number(waiting.at(-1)?.file.slice(0, 16) ?? 0);
  }

  async put(records: readonly Unnumbered<LogRecord>[]): Promise<void> {
    const first = this.lastSequence + 1;
    const last = this.lastSequence + records.length;
    const text = JSON.stringify(
      records.map((record, index) => ({ ...record, boot_id: this.bootId, sequence: first + index })),
    );
    const file = fileName(this.order + 1, records.length, this.bootId, first);
    try {
      // The counter goes first: after a crash between the two a number is missing, never used twice.
      await writeDurably(this.directory, 'last', `${this.bootId} ${last}\n`);
      await writeDurably(this.directory, file, text);
    } catch (error) {
      throw notWritable(this.directory, error);
    }
    this.lastSequence = last;
    this.order += 1;
    const bytes = Buffer.byteLength(text);
    this.waiting = [
      ...this.waiting,
      { file, key: `${this.bootId}-${first}`, records: records.length, bytes },
    ];
    await this.dropExcess();
  }

  async deliver(send: (key: string, records: readonly LogRecord[]) => Promise<unknown>): Promise<number> {
    let sent = 0;
    for (const batch of this.waiting) {
      const records: LogRecord[] = JSON.parse(await readFile(join(this.directory, batch.file), 'utf8'));
      try {
        await send(batch.key, records);
      } catch (error) {
        if (!(error instanceof GestorError && error.code === 'BATCH_REFUSED')) throw error;
        await this.setAside(batch);
        continue;
      }
      await this.erase(batch);
      this.delivered += batch.records;
      sent += batch.records;
    }
    return sent;
  }

  counts() {
    const waiting = this.waiting.reduce((total, batch) => total + batch.records, 0);
    return { waiting, delivered: this.delivered, dropped: this.dropped };
  }

  last() {
    return this.lastSequence;
  }

  numberAfter(sequence: number) {
    this.lastSequence = Math.max(this.lastSequence, sequence);
  }

  private async dropExcess(): Promise<void> {
    let bytes = this.waiting.reduce((total, batch) => total + batch.bytes, 0);
    for (const oldest of this.waiting) {
      if (bytes <= this.limitBytes) return;
      bytes -= oldest.bytes;
      this.dropped += oldest.records;
      await this.erase(oldest);
    }
  }

  private async erase(batch: Batch): Promise<void> {
    await rm(join(this.directory, batch.file), { force: true });
    this.waiting = this.waiting.filter((other) => other !== batch);
  }

  private async setAside(batch: Batch): Promise<void> {
    const path = join(this.directory, batch.file);
    await rename(path, `${path}.refused`);
    this.waiting = this.waiting.filter((other) => other !== batch);
    this.dropped += batch.records;
  }
}

/**
 * Opens the spool in `directory`, with what an earlier run could not deliver.
 * @throws GestorError VOLUME_NOT_WRITABLE
 */
export async function openSpool(
  directory: string,
  bootId: string,
  limitBytes = SPOOL_LIMIT_BYTES,
): Promise<Spool> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const waiting = await leftBehind(directory);
    return new DiskSpool(directory, bootId, limitBytes, waiting, await lastSequence(directory, bootId));
  } catch (error) {
    throw notWritable(directory, error);
  }
}
