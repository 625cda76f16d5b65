import { setImmediate as nextTurn } from 'node:timers/promises';
import { readRange } from './disk.ts';
import { type Line, readLines, recordSpan } from './lines.ts';
import type { Entry, Projection } from './projection.ts';
import { toRow } from './row.ts';
import type { Segments } from './segments.ts';

const FORGET_AT_ONCE = 2000;
const MB = 1024 * 1024;
/** When so much has to be read to catch up, it is told how far that is. */
const REPORT_BYTES = 64 * MB;

/** Brings the index up to the log files, from which alone it is made. */
export class Indexer {
  readonly #segments: Segments;
  readonly #projection: Projection;
  readonly #report: (message: string) => void;
  /** The first segment that may hold something that is not indexed. */
  #next = 0;
  #running: Promise<void> | undefined;
  #unreportedBytes = 0;

  constructor(segments: Segments, projection: Projection, report: (message: string) => void) {
    this.#segments = segments;
    this.#projection = projection;
    this.#report = report;
  }

  /** Resolves when all that was held at the call is indexed. */
  async catchUp(): Promise<void> {
    while (this.#running !== undefined) await this.#running.catch(() => undefined);
    this.#running = this.#catchUp().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  /** Forgets what is indexed of segments whose files are not the ones that were indexed; gives their numbers. */
  async discardForeign(numbers: readonly number[]): Promise<number[]> {
    const foreign: number[] = [];
    for (const segment of numbers) {
      if (await this.#isOurs(segment)) continue;
      foreign.push(segment);
      while (this.#projection.forget(segment, FORGET_AT_ONCE)) await nextTurn();
    }
    return foreign;
  }

  /** Whether a segment's file is not as it was when it was last known to be as it is indexed. */
  async isChanged(segment: number): Promise<boolean> {
    const { active, foundStamp } = this.#segments;
    const stamp = segment === active ? foundStamp : await this.#segments.stamp(segment);
    return this.#projection.verified(segment) !== stamp;
  }

  /** Remembers that a segment's file is as it is indexed. */
  async markVerified(segment: number): Promise<void> {
    this.#projection.setVerified(segment, await this.#segments.stamp(segment));
  }

  /**
   * Reads what is indexed of a segment that other hands may have changed, and mends the index where it
   * differs. Gives whether it did.
   */
  async verify(segment: number): Promise<boolean> {
    let mended = false;
    let line = 1;
    const { end } = this.#projection.progress(segment);
    for await (const lines of readLines(await this.#segments.file(segment), 0, end)) {
      const [first, last] = [lines[0], lines.at(-1)];
      if (first === undefined || last === undefined) continue;
      const entries = toEntries(lines, line);
      mended =
        this.#projection.mend(entries, segment, first.offset, last.offset + last.text.length + 1) || mended;
      line += lines.length;
      await nextTurn();
    }
    return mended;
  }

  async #isOurs(segment: number): Promise<boolean> {
    const last = this.#projection.last(segment);
    const to = this.#segments.end(segment) ?? 0;
    if (this.#projection.progress(segment).end > to) return false;
    if (last === undefined) return true;
    const file = await this.#segments.file(segment);
    const text = await readRange(file, last.offset, last.offset + last.bytes);
    return toRow(text)?.sequence === last.sequence;
  }

  async #catchUp(): Promise<void> {
    const { active, closed } = this.#segments;
    this.#unreportedBytes = 0;
    for (const { number } of closed) if (number >= this.#next) await this.#extend(number);
    await this.#extend(active);
    this.#next = active;
  }

  async #extend(segment: number): Promise<void> {
    const to = this.#segments.end(segment) ?? 0;
    let { end, line } = this.#projection.progress(segment);
    if (end >= to) return;
    let from = end;
    for await (const lines of readLines(await this.#segments.file(segment), end, to)) {
      const entries = toEntries(lines, line);
      for (const { text, offset } of lines) {
        end = Math.min(offset + text.length + 1, to);
        if (offset + text.length < to) line++;
      }
      this.#unreportedBytes += end - from;
      from = end;
      this.#projection.extend(entries, { segment, end, line });
      if (this.#unreportedBytes < REPORT_BYTES) continue;
      this.#unreportedBytes = 0;
      const [done, all] = [end, to].map((bytes) => Math.floor(bytes / MB));
      this.#report(`making the index: ${done} of ${all} MB of ${this.#segments.name(segment)} are read`);
    }
  }
}

function toEntries(lines: readonly Line[], firstLine: number): Entry[] {
  const entries: Entry[] = [];
  for (const [i, { text, offset }] of lines.entries()) {
    const span = recordSpan(text);
    if (span === undefined) continue;
    entries.push({
      offset: offset + span.start,
      bytes: span.end - span.start,
      line: firstLine + i,
      row: toRow(text.subarray(span.start, span.end)),
    });
  }
  return entries;
}
