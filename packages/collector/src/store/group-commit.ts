import { CollectorError, systemCode } from '../errors.ts';

/** What a batch turns into on disk, and how many bytes of it may wait or go into one write. */
export interface GroupLimits {
  /** Bytes of one write; a single batch may be larger. */
  readonly writeBytes: number;
  /** Bytes that may wait; over it, batches are refused. */
  readonly queueBytes: number;
}

const LIMITS: GroupLimits = { writeBytes: 4 * 1024 * 1024, queueBytes: 32 * 1024 * 1024 };

interface Waiting {
  readonly lines: string;
  readonly done: (error?: unknown) => void;
}

/**
 * Lets many requests share one write and one sync: while a write is under way, batches gather; the next
 * write takes all of them. A batch's promise resolves when it is on disk and rejects when it is not.
 */
export class GroupCommit {
  readonly #append: (lines: Buffer) => Promise<void>;
  readonly #limits: GroupLimits;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #running: Promise<void> = Promise.resolve();
  #busy = false;

  constructor(append: (lines: Buffer) => Promise<void>, limits: GroupLimits = LIMITS) {
    this.#append = append;
    this.#limits = limits;
  }

  /** Queues one batch. Throws CollectorError: too_many_requests, disk_full or disk_error. */
  async add(lines: string): Promise<void> {
    if (this.#waitingBytes > this.#limits.queueBytes) {
      throw new CollectorError(
        'too_many_requests',
        'More records are waiting for the disk than the collector holds in memory. Send the batch again in a second.',
      );
    }
    const done = Promise.withResolvers<void>();
    this.#waitingBytes += lines.length;
    this.#waiting.push({ lines, done: (error) => (error ? done.reject(error) : done.resolve()) });
    if (!this.#busy) this.#running = this.#run();
    return done.promise;
  }

  /** Resolves when nothing is waiting any more. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    this.#busy = true;
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      const error = await this.#write(group).then(() => undefined, diskError);
      for (const each of group) each.done(error);
    }
    this.#busy = false;
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    await this.#append(Buffer.from(group.map((each) => each.lines).join(',\n')));
  }

  #takeGroup(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { lines } of this.#waiting) {
      if (count > 0 && bytes + lines.length > this.#limits.writeBytes) break;
      bytes += lines.length;
      count++;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, count);
  }
}

function diskError(cause: unknown): CollectorError {
  const code = systemCode(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new CollectorError(
      'disk_full',
      'The disk that holds logs.json is full: nothing of this batch was stored. Free some space, then send it again.',
      { cause },
    );
  }
  return new CollectorError(
    'disk_error',
    `logs.json can't be written (${code ?? 'unknown error'}): nothing of this batch was stored. Check the disk, then send it again.`,
    { cause },
  );
}
