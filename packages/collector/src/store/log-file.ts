import { type Disk, type DiskFile, nodeDisk, readRange, writeAll } from './disk.ts';
import { findEnd } from './tail.ts';

const CLOSING = Buffer.from('\n]\n');
const PAGE_BYTES = 4096;

/** Most bytes that one append may carry. */
const APPEND_BYTES_MAX = 16 * 1024 * 1024;

/**
 * One log file: a JSON array with one record a line, valid JSON at every moment.
 *
 * An append overwrites only the closing bracket, in one write, so it costs the same at any size. A record
 * that is not the last of its batch has a blank before its comma; so a torn batch can be told from a whole
 * one. Nothing counts as held before the sync has succeeded. Has one user at a time: callers wait their turn.
 */
export class LogFile {
  readonly #file: DiskFile;
  #end: number;
  #trusted = true;

  private constructor(file: DiskFile, end: number) {
    this.#file = file;
    this.#end = end;
  }

  /** Opens or creates the file. A torn tail is handed to keepAside, which must make it durable, then cut. */
  static async open(
    path: string,
    keepAside: (cut: Buffer) => Promise<void>,
    disk: Disk = nodeDisk,
  ): Promise<LogFile> {
    const file = await disk.open(path, 'a').then(async (created) => {
      await created.close();
      return disk.open(path, 'r+');
    });
    try {
      const { size } = await file.stat();
      const tail = await findEnd(file, size);
      if (tail.cutFrom !== undefined) await keepCut(file, tail.cutFrom, size, keepAside);
      const lines = tail.end === 1 ? reformatted(await readRange(file, 0, size)) : '';
      const log = new LogFile(file, tail.end);
      await log.#settle();
      if (lines !== '') await log.append(Buffer.from(lines));
      return log;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Offset just after the last record that is held. What lies before it never changes. */
  get end(): number {
    return this.#end;
  }

  /** Size of the file, closing bracket included. */
  get bytes(): number {
    return this.#end + CLOSING.length;
  }

  /**
   * Appends the lines of whole batches (records joined by comma and newline) and syncs. When any step
   * fails, the file is put back as it was, now or before the next append, and the error is thrown.
   */
  async append(lines: Buffer): Promise<void> {
    if (!this.#trusted) await this.#rollBack();
    const separator = this.#end === 1 ? '\n' : ',\n';
    const bytes = Buffer.concat([Buffer.from(separator), lines, CLOSING]);
    this.#trusted = false;
    try {
      await writeAll(this.#file, bytes, this.#end);
      await this.#file.datasync();
    } catch (error) {
      await this.#rollBack().catch(() => undefined);
      throw error;
    }
    this.#trusted = true;
    this.#end += bytes.length - CLOSING.length;
  }

  async close(): Promise<void> {
    if (!this.#trusted) await this.#rollBack().catch(() => undefined);
    await this.#file.close();
  }

  /**
   * Cuts the file back to what is held. After a failed sync the kernel may count lost pages as written, so
   * the last page is written anew and everything behind it dropped; only a sync of that restores trust.
   */
  async #rollBack(): Promise<void> {
    await this.#rewrite(PAGE_BYTES);
  }

  /**
   * At the start nobody knows whether the process before ended on a failed sync, so all that one append
   * can have written is written anew and synced before it counts as held.
   */
  async #settle(): Promise<void> {
    await this.#rewrite(APPEND_BYTES_MAX);
  }

  async #rewrite(span: number): Promise<void> {
    this.#trusted = false;
    const from = Math.max(0, Math.floor((this.#end - span) / PAGE_BYTES) * PAGE_BYTES);
    const kept = this.#end === 1 ? Buffer.from('[') : await readRange(this.#file, from, this.#end);
    await writeAll(this.#file, Buffer.concat([kept, CLOSING]), from);
    await this.#file.truncate(this.bytes);
    await this.#file.datasync();
    this.#trusted = true;
  }
}

async function keepCut(file: DiskFile, from: number, size: number, keep: (cut: Buffer) => Promise<void>) {
  const cut = await readRange(file, from, size);
  if (/[^\s,[\]]/.test(cut.toString('latin1'))) await keep(cut);
}

/** The records of a file that an editor or jq has laid out in its own way, one a line again; else nothing. */
function reformatted(bytes: Buffer): string {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return Array.isArray(value) ? value.map((record) => JSON.stringify(record)).join(',\n') : '';
  } catch {
    return '';
  }
}
