import type { Ledger as LedgerAnswer } from 'contract';
import { Intervals, type Range } from './intervals.ts';

/** What names a record: one boot of a host numbers its records from 1. */
export interface RecordName {
  readonly host: string;
  readonly boot_id: string;
  readonly sequence: number;
}

/** Consecutive records of one boot. */
export interface Run extends Range {
  readonly host: string;
  readonly boot_id: string;
}

interface Boot {
  readonly host: string;
  readonly held: Intervals;
  readonly dropped: Intervals;
}

const RANGES_SHOWN_MAX = 1000;

/** Which records of which boot are held, and which were held until their segment was dropped. */
export class Ledger {
  readonly #boots = new Map<string, Boot>();

  hold({ host, boot_id, first, last }: Run): void {
    this.#boot(host, boot_id).held.add(first, last);
  }

  /** Forgets records that turned out to be damaged. */
  lose({ host, boot_id, first, last }: Run): void {
    this.#boot(host, boot_id).held.remove(first, last);
  }

  drop({ host, boot_id, first, last }: Run): void {
    const boot = this.#boot(host, boot_id);
    boot.held.remove(first, last);
    boot.dropped.add(first, last);
  }

  /** Whether the record was stored before, even if it is held no more. */
  knows({ boot_id, sequence }: RecordName): boolean {
    const boot = this.#boots.get(boot_id);
    return boot !== undefined && (boot.held.has(sequence) || boot.dropped.has(sequence));
  }

  /** Number of records held. */
  get records(): number {
    let records = 0;
    for (const { held } of this.#boots.values()) records += held.count;
    return records;
  }

  boots(): LedgerAnswer['boots'] {
    return [...this.#boots].map(([boot_id, { host, held, dropped }]) => {
      const known = new Intervals();
      for (const { first, last } of [...held.ranges, ...dropped.ranges]) known.add(first, last);
      const gaps = known.gaps();
      return {
        host,
        boot_id,
        records: held.count,
        last: known.ranges.at(-1)?.last ?? 0,
        missing: gaps.reduce((sum, { first, last }) => sum + last - first + 1, 0),
        held: held.ranges.slice(0, RANGES_SHOWN_MAX),
        dropped: dropped.ranges.slice(0, RANGES_SHOWN_MAX),
        gaps: gaps.slice(0, RANGES_SHOWN_MAX),
      };
    });
  }

  #boot(host: string, bootId: string): Boot {
    let boot = this.#boots.get(bootId);
    if (boot === undefined) {
      boot = { host, held: new Intervals(), dropped: new Intervals() };
      this.#boots.set(bootId, boot);
    }
    return boot;
  }
}

/** The records as runs of consecutive numbers, in their order. */
export function toRuns(records: Iterable<RecordName>): Run[] {
  const runs: { -readonly [key in keyof Run]: Run[key] }[] = [];
  for (const { host, boot_id, sequence } of records) {
    const run = runs.at(-1);
    if (run?.boot_id === boot_id && run.last + 1 === sequence) run.last = sequence;
    else runs.push({ host, boot_id, first: sequence, last: sequence });
  }
  return runs;
}
