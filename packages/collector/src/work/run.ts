import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Graphs, Summary } from 'contract';
import { CollectorError } from '../errors.ts';
import type { Span } from './read-series.ts';

/** Work that is too long for the process that serves requests. */
export interface Task {
  readonly indexPath: string;
  readonly work:
    | { readonly kind: 'graphs'; readonly graphsDir: string; readonly timeZone: string }
    | { readonly kind: 'summary'; readonly span: Span; readonly pointsMax: number };
}

interface Results {
  readonly graphs: Graphs;
  readonly summary: Summary;
}

const WAITING_MAX = 8;

type Waiting = { readonly [K in keyof Results]: Map<string, Promise<Results[K] | undefined>> };

/**
 * Runs tasks in a process of their own, one after the other: requests are served meanwhile, memory does not
 * grow with their number, and what drawing takes is given back. A task begins after it was asked for, so it
 * sees every record that was acknowledged before; who asks for one that waits to begin shares its result.
 * Throws CollectorError: no_records, too_many_requests.
 */
export class WorkQueue {
  readonly #indexPath: string;
  readonly #prepare: () => Promise<void>;
  readonly #waiting: Waiting = { graphs: new Map(), summary: new Map() };
  #last: Promise<unknown> = Promise.resolve();

  /** `prepare` brings the index up to date. */
  constructor(indexPath: string, prepare: () => Promise<void>) {
    this.#indexPath = indexPath;
    this.#prepare = prepare;
  }

  async run<K extends keyof Results>(work: Task['work'] & { readonly kind: K }): Promise<Results[K]> {
    const waiting: Map<string, Promise<Results[K] | undefined>> = this.#waiting[work.kind];
    const key = JSON.stringify(work);
    let turn = waiting.get(key);
    if (turn === undefined) {
      if (waiting.size >= WAITING_MAX) {
        const message = 'Other charts and summaries come first. Ask again in a second.';
        throw new CollectorError('too_many_requests', message);
      }
      turn = this.#last
        .catch(() => undefined)
        .then(() => {
          waiting.delete(key);
          return this.#run<K>(work);
        });
      waiting.set(key, turn);
      this.#last = turn;
    }
    const result = await turn;
    if (result !== undefined) return result;
    throw new CollectorError('no_records', 'There are no such records yet, so there is nothing to show.');
  }

  async #run<K extends keyof Results>(work: Task['work']): Promise<Results[K] | undefined> {
    await this.#prepare();
    const task: Task = { indexPath: this.#indexPath, work };
    const worker = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), {
      serialization: 'advanced',
    });
    return new Promise((resolve, reject) => {
      worker.once('error', reject);
      worker.once('exit', (code, signal) => {
        reject(new CollectorError('internal', `The work ended early (${signal ?? `exit code ${code}`}).`));
      });
      worker.once('message', ({ result }: { result: Results[K] | undefined }) => resolve(result));
      worker.send(task);
    });
  }
}
