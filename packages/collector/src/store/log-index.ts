import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LogQuery } from 'contract';
import { CollectorError } from '../errors.ts';
import { Indexer } from './indexer.ts';
import { Projection } from './projection.ts';
import * as queries from './queries.ts';
import { makeIndex, openIndex } from './schema.ts';
import type { Segments } from './segments.ts';
import { readTexts } from './texts.ts';

const PAGE_RECORDS = 500;
const FORGET_AT_ONCE = 2000;
const SQLITE = { ioError: 10, corrupt: 11, full: 13, notADatabase: 26 };

/** The index over all segments: always caught up when it answers, and made anew when it is damaged. */
export class LogIndex {
  readonly #path: string;
  readonly #segments: Segments;
  readonly #report: (message: string) => void;
  #database: DatabaseSync;
  #projection: Projection;
  #indexer: Indexer;
  #rebuilding: Promise<void> | undefined;

  private constructor(path: string, segments: Segments, report: (message: string) => void) {
    this.#path = path;
    this.#segments = segments;
    this.#report = report;
    this.#database = openIndex(path, report);
    this.#projection = new Projection(this.#database);
    this.#indexer = new Indexer(segments, this.#projection, report);
  }

  static async open(path: string, segments: Segments, report: (message: string) => void): Promise<LogIndex> {
    const index = new LogIndex(path, segments, report);
    try {
      await index.#start();
    } catch (error) {
      index.#database.close();
      throw error;
    }
    return index;
  }

  /** Resolves when every record acknowledged before the call is indexed. */
  async catchUp(): Promise<void> {
    await this.#guard(() => this.#indexer.catchUp());
  }

  /** Records in all segments. */
  async figures() {
    return this.#guard(() => queries.segmentFigures(this.#database));
  }

  async heldRuns(segment: number) {
    return this.#guard(() => queries.heldRuns(this.#database, segment));
  }

  async damagedLines(shownMax: number) {
    const { count, places } = await this.#guard(() => queries.damagedLines(this.#database, shownMax));
    return {
      lines: count,
      places: places.map(({ segment, line }) => ({ file: this.#segments.name(segment), line })),
    };
  }

  /** The text of a record, or undefined when it is not held any more. */
  async find(bootId: string, sequence: number): Promise<string | undefined> {
    const place = await this.#guard(() => queries.findRecord(this.#database, bootId, sequence));
    return place && (await readTexts(this.#segments, [place]))[0];
  }

  /** The records that a query means, page by page, and the cursor at their end. */
  async query(query: LogQuery): Promise<{ texts: AsyncGenerator<string[]>; end: string | undefined }> {
    await this.catchUp();
    const limit = query.limit === undefined ? undefined : Number(query.limit);
    return this.#guard(() => {
      const bounds = queries.boundsOf(this.#database, this.#segments.numbers);
      const after = query.after
        ? queries.readCursor(query.after)
        : limit === undefined
          ? queries.START
          : queries.beforeNewest(this.#database, query, bounds, limit);
      const end = queries.endOfAnswer(this.#database, query, bounds, after, limit);
      const texts = this.#pages(query, bounds, after, limit ?? Number.POSITIVE_INFINITY);
      return { texts, end: end && queries.writeCursor(end) };
    });
  }

  /** Forgets segments that are not there any more, little by little. */
  async forgetMissing(): Promise<void> {
    const indexed = await this.figures();
    // Only now, since a segment may begin while the index is asked.
    const there = new Set(this.#segments.numbers);
    for (const { number } of indexed) {
      if (there.has(number)) continue;
      while (await this.#guard(() => this.#projection.forget(number, FORGET_AT_ONCE))) await nextTurn();
    }
  }

  async isChanged(segment: number): Promise<boolean> {
    return this.#guard(() => this.#indexer.isChanged(segment));
  }

  /** Reads a whole segment and mends what the index has of it; gives whether it differed. */
  async verify(segment: number): Promise<boolean> {
    return this.#guard(() => this.#indexer.verify(segment));
  }

  async markVerified(segment: number): Promise<void> {
    await this.#guard(() => this.#indexer.markVerified(segment));
  }

  async close(): Promise<void> {
    await this.#rebuilding;
    this.#database.close();
  }

  async #start(): Promise<void> {
    await this.#guard(async () => {
      for (const number of await this.#indexer.discardForeign(this.#segments.numbers)) {
        this.#report(
          `${this.#segments.name(number)} was changed by other hands; GET /ledger names what is damaged.`,
        );
      }
      await this.#indexer.catchUp();
    });
  }

  async *#pages(query: LogQuery, bounds: queries.Bounds, start: queries.Cursor, limit: number) {
    let after = start;
    for (let left = limit; left > 0; ) {
      const from = after;
      const count = Math.min(left, PAGE_RECORDS);
      const places = await this.#guard(() => queries.nextPage(this.#database, query, bounds, from, count));
      const last = places.at(-1);
      if (last === undefined) return;
      const texts = await readTexts(this.#segments, places);
      if (texts.length > 0) yield texts;
      after = last;
      left -= places.length;
    }
  }

  /** Runs what reads or writes the index; a damaged index is made anew and the run repeated. */
  async #guard<T>(run: () => T | Promise<T>): Promise<T> {
    await this.#rebuilding;
    try {
      return await run();
    } catch (error) {
      const code = sqliteCode(error);
      if (code !== SQLITE.corrupt && code !== SQLITE.notADatabase) throw indexError(error, code);
      await this.#rebuild(error);
      return run();
    }
  }

  async #rebuild(cause: unknown): Promise<void> {
    this.#rebuilding ??= (async () => {
      this.#report(
        `the index is damaged (${cause instanceof Error ? cause.message : cause}): making it anew`,
      );
      this.#database.close();
      this.#database = makeIndex(this.#path);
      this.#projection = new Projection(this.#database);
      this.#indexer = new Indexer(this.#segments, this.#projection, this.#report);
      await this.#indexer.catchUp();
    })().finally(() => {
      this.#rebuilding = undefined;
    });
    await this.#rebuilding;
  }
}

function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined;
  return error.errcode & 0xff;
}

function indexError(cause: unknown, code: number | undefined): unknown {
  if (code === SQLITE.full) {
    const message = 'The disk is full, so what was stored last can not be queried yet. Free some space.';
    return new CollectorError('disk_full', message, { cause });
  }
  if (code !== SQLITE.ioError) return cause;
  return new CollectorError('disk_error', 'The index can not be read or written. Check the disk.', { cause });
}
