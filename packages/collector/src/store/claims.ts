import type { Run } from './ledger.ts';

interface Claim {
  readonly runs: readonly Run[];
  readonly settled: Promise<void>;
}

/** Record names that are on their way to the disk, so that a retry waits for the first try to end. */
export class Claims {
  readonly #pending = new Set<Claim>();

  /** Resolves when a batch that shares a record with these has ended; undefined when there is none. */
  clash(runs: readonly Run[]): Promise<void> | undefined {
    for (const claim of this.#pending) {
      if (claim.runs.some((held) => runs.some((run) => overlap(held, run)))) return claim.settled;
    }
    return undefined;
  }

  /** Claims the names; the answer gives them free again. */
  claim(runs: readonly Run[]): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    const claim = { runs, settled: promise };
    this.#pending.add(claim);
    return () => {
      this.#pending.delete(claim);
      resolve();
    };
  }
}

function overlap(a: Run, b: Run): boolean {
  return a.boot_id === b.boot_id && a.first <= b.last && b.first <= a.last;
}
