import type { Ledger } from './ledger.ts';
import type { LogIndex } from './log-index.ts';
import type { DroppedLog } from './retention.ts';
import { closedName } from './segment-files.ts';
import type { Segments } from './segments.ts';

/** What a store is made of. */
export interface Parts {
  readonly segments: Segments;
  readonly index: LogIndex;
  readonly dropped: DroppedLog;
  readonly report: (message: string) => void;
}

/** What happens to the log beside requests: retention, and finding what other hands have changed. */
export class Housekeeping {
  readonly #parts: Parts;
  readonly #ledger: Ledger;
  readonly #totalBytes: number;
  #active: number;
  #work: Promise<void> = Promise.resolve();
  #ending = false;

  private constructor(parts: Parts, ledger: Ledger, totalBytes: number) {
    this.#parts = parts;
    this.#ledger = ledger;
    this.#totalBytes = totalBytes;
    this.#active = parts.segments.active;
  }

  /** Fills the ledger and finishes what the process before left; goes on in the background. */
  static async start(parts: Parts, ledger: Ledger, totalBytes: number): Promise<Housekeeping> {
    const { segments, index, dropped } = parts;
    while (segments.closed[0] !== undefined && segments.closed[0].number < dropped.next) {
      await segments.dropOldest();
    }
    for (const number of segments.numbers) for (const run of await index.heldRuns(number)) ledger.hold(run);
    for (const { runs } of dropped.dropped) for (const run of runs) ledger.drop(run);
    const housekeeping = new Housekeeping(parts, ledger, totalBytes);
    housekeeping.#enqueue(() => housekeeping.#verify());
    housekeeping.#enqueue(() => housekeeping.#retain());
    return housekeeping;
  }

  /** To be called after each append: a segment may have been closed. */
  afterAppend(): void {
    const { active } = this.#parts.segments;
    if (active === this.#active) return;
    const closed = this.#active;
    this.#active = active;
    this.#enqueue(async () => {
      await this.#parts.index.catchUp();
      await this.#parts.index.markVerified(closed);
    });
    this.#enqueue(() => this.#retain());
  }

  /** Ends the work under way; the next start then need not read logs.json to know that it is sound. */
  async end(): Promise<void> {
    this.#ending = true;
    await this.#work;
    const { index, segments, report } = this.#parts;
    try {
      await index.catchUp();
      await index.markVerified(segments.active);
    } catch (error) {
      report(`the index is behind: ${error}`);
    }
  }

  #enqueue(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error) => this.#parts.report(`housekeeping: ${error}`));
  }

  async #verify(): Promise<void> {
    const { index, segments, report } = this.#parts;
    for (const number of segments.numbers) {
      if (this.#ending || !(await index.isChanged(number))) continue;
      const before = await index.heldRuns(number);
      const mended = await index.verify(number);
      if (mended) {
        const after = await index.heldRuns(number);
        for (const run of before) this.#ledger.lose(run);
        for (const run of after) this.#ledger.hold(run);
        report(`${segments.name(number)} was changed by other hands; GET /ledger names what is damaged.`);
      }
      if (number !== segments.active) await index.markVerified(number);
    }
  }

  /** Drops the oldest closed segments where all might exceed the limit; what they held is recorded first. */
  async #retain(): Promise<void> {
    const { index, segments, dropped, report } = this.#parts;
    for (
      let [oldest] = segments.closed;
      oldest && segments.bytesMax > this.#totalBytes;
      [oldest] = segments.closed
    ) {
      const { number, bytes } = oldest;
      await index.catchUp();
      const runs = await index.heldRuns(number);
      const figures = (await index.figures()).find((each) => each.number === number);
      await dropped.add(number, {
        records: figures?.records ?? 0,
        bytes,
        first_taken_at: toTime(figures?.firstMs),
        last_taken_at: toTime(figures?.lastMs),
        runs,
      });
      for (const run of runs) this.#ledger.drop(run);
      await segments.dropOldest();
      report(
        `${closedName(number)} was dropped: all segments together may not exceed ${this.#totalBytes} bytes.`,
      );
    }
    await index.forgetMissing();
  }
}

function toTime(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
