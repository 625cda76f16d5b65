import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Disk, type DiskFile, syncDirectory } from './disk.ts';
import { LogFile } from './log-file.ts';
import { ACTIVE, type ClosedSegment, closedName, findClosed, keepAside, toStamp } from './segment-files.ts';

/** When logs.json is closed and a new one begun. */
export interface RollLimits {
  readonly segmentBytes: number;
  readonly segmentAgeMs: number;
}

const RETRY_ROLL_MS = 60_000;

/**
 * The log as a row of files: logs.json, which grows, and the closed segments before it. Each is a valid
 * JSON array at every moment, and so is logs.json while it is closed: its new name is linked first, then
 * the next file is renamed over the old name. Has one user at a time, as LogFile.
 */
export class Segments {
  readonly #directory: string;
  readonly #disk: Disk;
  readonly #limits: RollLimits;
  readonly #report: (message: string) => void;
  readonly #files = new Map<number, Promise<DiskFile>>();
  #log: LogFile;
  #number: number;
  #closed: ClosedSegment[];
  #bornMs: number;
  /** The stamp that logs.json had before it was opened: opening writes its end anew. */
  readonly foundStamp: string;
  #nextRollMs = 0;
  /** Whether the directory's names are sure to be on disk; before that nothing in them counts as held. */
  #namesSynced = false;

  private constructor(
    place: { directory: string; disk: Disk; limits: RollLimits; report: (message: string) => void },
    found: { log: LogFile; number: number; closed: ClosedSegment[]; bornMs: number; foundStamp: string },
  ) {
    this.#directory = place.directory;
    this.#disk = place.disk;
    this.#limits = place.limits;
    this.#report = place.report;
    this.#log = found.log;
    this.#number = found.number;
    this.#closed = found.closed;
    this.#bornMs = found.bornMs;
    this.foundStamp = found.foundStamp;
  }

  /** Opens what is there. `numberMin`: no segment before it may be written again, it was dropped. */
  static async open(
    directory: string,
    limits: RollLimits,
    numberMin: number,
    report: (message: string) => void,
    disk: Disk,
  ): Promise<Segments> {
    await using opened = new AsyncDisposableStack();
    const closed = await findClosed(directory, disk);
    const path = join(directory, ACTIVE);
    const foundStamp = await stat(path).then(toStamp, () => '');
    const log = opened.adopt(
      await LogFile.open(path, (cut) => keepAside(path, cut, report, disk), disk),
      (each) => each.close(),
    );
    const number = Math.max(numberMin, (closed.at(-1)?.number ?? 0) + 1);
    const bornMs = (await stat(path)).birthtimeMs;
    const segments = new Segments(
      { directory, disk, limits, report },
      { log, number, closed, bornMs, foundStamp },
    );
    await segments.file(number);
    opened.move();
    return segments;
  }

  get closed(): readonly ClosedSegment[] {
    return this.#closed;
  }

  /** Number of the segment that grows. */
  get active(): number {
    return this.#number;
  }

  /** Most bytes that all segments can come to before the next one is closed. */
  get bytesMax(): number {
    return this.#closed.reduce((sum, { bytes }) => sum + bytes, this.#limits.segmentBytes);
  }

  /** Numbers of all segments, oldest first. */
  get numbers(): number[] {
    return [...this.#closed.map(({ number }) => number), this.#number];
  }

  /** Bytes of all segments. */
  get bytes(): number {
    return this.#closed.reduce((sum, { bytes }) => sum + bytes, this.#log.bytes);
  }

  /** Up to where a segment holds records; undefined when there is no such segment. */
  end(number: number): number | undefined {
    return number === this.#number
      ? this.#log.end
      : this.#closed.find((each) => each.number === number)?.bytes;
  }

  name(number: number): string {
    return number === this.#number ? ACTIVE : closedName(number);
  }

  async append(lines: Buffer): Promise<void> {
    if (this.#isDue(lines.length)) await this.#roll();
    if (!this.#namesSynced) await syncDirectory(this.#disk, this.#directory);
    this.#namesSynced = true;
    await this.#log.append(lines);
  }

  /** A segment open for reading; stays readable while it is renamed. */
  file(number: number): Promise<DiskFile> {
    let file = this.#files.get(number);
    if (file === undefined) {
      file = this.#disk.open(join(this.#directory, this.name(number)), 'r');
      this.#files.set(number, file);
      file.catch(() => this.#files.delete(number));
    }
    return file;
  }

  /** Tells whether a segment's file was changed: by whom, it doesn't. */
  async stamp(number: number): Promise<string> {
    return toStamp(await (await this.file(number)).stat());
  }

  /** Removes the oldest closed segment. */
  async dropOldest(): Promise<void> {
    const [oldest] = this.#closed;
    if (oldest === undefined) return;
    await this.#disk.unlink(join(this.#directory, closedName(oldest.number)));
    this.#closed = this.#closed.slice(1);
    const file = this.#files.get(oldest.number);
    this.#files.delete(oldest.number);
    await (await file)?.close();
  }

  async close(): Promise<void> {
    await this.#log.close();
    for (const file of this.#files.values()) await (await file).close();
    this.#files.clear();
  }

  #isDue(bytes: number): boolean {
    if (this.#log.end === 1 || performance.now() < this.#nextRollMs) return false;
    const old = Date.now() - this.#bornMs > this.#limits.segmentAgeMs;
    return old || this.#log.bytes + bytes > this.#limits.segmentBytes;
  }

  /** Closes logs.json and begins a new one. When that fails, logs.json simply goes on growing for a while. */
  async #roll(): Promise<void> {
    const [active, closed] = [join(this.#directory, ACTIVE), join(this.#directory, closedName(this.#number))];
    const next = `${active}.next`;
    let log: LogFile | undefined;
    let reader: DiskFile | undefined;
    try {
      await this.#disk.unlink(next).catch(() => undefined);
      log = await LogFile.open(next, () => Promise.resolve(), this.#disk);
      // Opened before it has the name that a later file will have as well.
      reader = await this.#disk.open(next, 'r');
      await this.#disk.link(active, closed);
      await this.#disk.rename(next, active);
    } catch (error) {
      await log?.close();
      await reader?.close();
      await this.#disk.unlink(closed).catch(() => undefined);
      this.#nextRollMs = performance.now() + RETRY_ROLL_MS;
      this.#report(`logs.json can't be closed yet (${error}); it goes on growing.`);
      return;
    }
    const old = this.#log;
    this.#closed = [...this.#closed, { number: this.#number, bytes: old.bytes }];
    this.#log = log;
    this.#number++;
    this.#bornMs = Date.now();
    this.#files.set(this.#number, Promise.resolve(reader));
    this.#namesSynced = false;
    await old.close();
  }
}
