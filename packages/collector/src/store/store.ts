import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Ledger as LedgerAnswer, LogQuery, LogRecord } from 'contract';
import { CollectorError, StartError, systemCode } from '../errors.ts';
import { Claims } from './claims.ts';
import { type Disk, nodeDisk } from './disk.ts';
import { GroupCommit } from './group-commit.ts';
import { Housekeeping, type Parts } from './housekeeping.ts';
import { Ledger, toRuns } from './ledger.ts';
import { lockLogs } from './lock.ts';
import { LogIndex } from './log-index.ts';
import { DroppedLog } from './retention.ts';
import { Segments } from './segments.ts';

export interface StoreOptions {
  /** logs.json is closed when it would grow beyond this. */
  readonly segmentBytes: number;
  /** logs.json is closed when it is older than this. */
  readonly segmentAgeMs: number;
  /** Closed segments are dropped, oldest first, while all together are larger than this. */
  readonly totalBytes: number;
}

/** Name of the index in the log folder. */
export const INDEX_FILE = 'index.sqlite';
const DAMAGED_SHOWN_MAX = 100;
/** The index follows the log by so much; a query catches up at once. */
const INDEX_DELAY_MS = 25;

/** The log: every record once, every batch wholly or not at all, on disk before it is acknowledged. */
export class Store {
  readonly #parts: Parts;
  readonly #ledger: Ledger;
  readonly #claims = new Claims();
  readonly #commits: GroupCommit;
  readonly #housekeeping: Housekeeping;
  /** All that is open, to be closed in the opposite order. */
  readonly #opened: AsyncDisposableStack;
  #indexTimer: NodeJS.Timeout | undefined;

  private constructor(
    parts: Parts,
    ledger: Ledger,
    housekeeping: Housekeeping,
    opened: AsyncDisposableStack,
  ) {
    this.#parts = parts;
    this.#opened = opened;
    this.#ledger = ledger;
    this.#housekeeping = housekeeping;
    this.#commits = new GroupCommit((lines) => parts.segments.append(lines));
  }

  /** Opens the log folder for writing. Throws StartError with what to do when that is not possible. */
  static async open(
    logsDir: string,
    options: StoreOptions,
    report: (message: string) => void,
    disk: Disk = nodeDisk,
  ): Promise<Store> {
    const lock = lockLogs(logsDir);
    await using opened = new AsyncDisposableStack();
    opened.defer(() => lock[Symbol.dispose]());
    try {
      const dropped = opened.adopt(await DroppedLog.open(logsDir, report, disk), (each) => each.close());
      const segments = opened.adopt(
        await Segments.open(logsDir, options, dropped.next, report, disk),
        (each) => each.close(),
      );
      const index = opened.adopt(await LogIndex.open(join(logsDir, INDEX_FILE), segments, report), (each) =>
        each.close(),
      );
      const ledger = new Ledger();
      const parts = { segments, index, dropped, report };
      const housekeeping = await Housekeeping.start(parts, ledger, options.totalBytes);
      opened.defer(() => housekeeping.end());
      return new Store(parts, ledger, housekeeping, opened.move());
    } catch (cause) {
      throw new StartError(
        'logs_not_writable',
        `The log in ${logsDir} can't be opened for writing (${systemCode(cause) ?? cause}). ` +
          'Check that the disk has space, is not mounted read-only, and that the files belong to the collector.',
        cause,
      );
    }
  }

  /** Number of records held. */
  get records(): number {
    return this.#ledger.records;
  }

  /** Bytes of logs.json and the closed segments. */
  get bytes(): number {
    return this.#parts.segments.bytes;
  }

  /**
   * Stores a batch; records that are held already are not stored again. Resolves when all are on disk.
   * Throws CollectorError: conflict, too_many_requests, disk_full, disk_error; then none was stored.
   */
  async append(records: readonly LogRecord[]): Promise<void> {
    refuseRepeated(records);
    const runs = toRuns(records);
    let held: LogRecord[] = [];
    for (;;) {
      const clash = this.#claims.clash(runs);
      if (clash !== undefined) {
        await clash;
        continue;
      }
      const known = records.filter((record) => this.#ledger.knows(record));
      if (known.length === held.length) break;
      held = known;
      await this.#refuseOthers(records, held);
    }
    const skip = new Set(held);
    if (skip.size < records.length) await this.#add(records.filter((record) => !skip.has(record)));
  }

  /** The records that a query means, oldest first, and the cursor at their end. */
  async query(query: LogQuery): Promise<{ texts: AsyncGenerator<string[]>; end: string | undefined }> {
    return this.#parts.index.query(query);
  }

  async ledger(): Promise<LedgerAnswer> {
    await this.#parts.index.catchUp();
    return { boots: this.#ledger.boots(), damaged: await this.#parts.index.damagedLines(DAMAGED_SHOWN_MAX) };
  }

  /** Resolves when the index has all that was acknowledged before. */
  async indexed(): Promise<void> {
    await this.#parts.index.catchUp();
  }

  /** Ends all work; every batch that was accepted is on disk or was refused. */
  async close(): Promise<void> {
    clearTimeout(this.#indexTimer);
    await this.#commits.settled();
    await this.#opened.disposeAsync();
  }

  async #add(records: readonly LogRecord[]): Promise<void> {
    const runs = toRuns(records);
    const release = this.#claims.claim(runs);
    try {
      await this.#commits.add(records.map((record) => JSON.stringify(record)).join(' ,\n'));
      for (const run of runs) this.#ledger.hold(run);
    } finally {
      release();
    }
    this.#housekeeping.afterAppend();
    this.#indexTimer ??= setTimeout(() => {
      this.#indexTimer = undefined;
      this.#parts.index.catchUp().catch((error) => this.#parts.report(`the index is behind: ${error}`));
    }, INDEX_DELAY_MS).unref();
  }

  /** A record that is held may be sent again, but not another one in its name. */
  async #refuseOthers(records: readonly LogRecord[], held: readonly LogRecord[]): Promise<void> {
    await this.#parts.index.catchUp();
    for (const record of held) {
      const text = await this.#parts.index.find(record.boot_id, record.sequence);
      if (text === undefined || isDeepStrictEqual(JSON.parse(text), record)) continue;
      throw new CollectorError(
        'conflict',
        `Record ${record.sequence} of boot ${record.boot_id} is held already, with other content. ` +
          'Number new records behind the last one that GET /ledger shows.',
        { pointer: `/${records.indexOf(record)}/sequence` },
      );
    }
  }
}

function refuseRepeated(records: readonly LogRecord[]): void {
  const names = new Set<string>();
  for (const [i, { boot_id, sequence }] of records.entries()) {
    names.add(`${boot_id} ${sequence}`);
    if (names.size > i) continue;
    throw new CollectorError('invalid', `Record ${sequence} of boot ${boot_id} is in the batch twice.`, {
      pointer: `/${i}/sequence`,
    });
  }
}
