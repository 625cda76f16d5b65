import { Ledger } from 'contract';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { linesOf, resultsOf } from './results.ts';

const Files = Type.Object({
  count: Type.Number(),
  records: Type.Number(),
  distinct: Type.Number(),
  partial: Type.Number(),
});
/** What the guest tells after a start: what the files hold (null: one is no JSON), what is served, the ledger. */
const Held = Type.Object({
  event: Type.Literal('held'),
  start_ms: Type.Number(),
  files: Type.Union([Files, Type.Null()]),
  served: Type.Number(),
  ledger: Ledger,
  said: Type.String(),
});
const Acknowledged = Type.Object({
  event: Type.Literal('acknowledged'),
  boot_id: Type.String(),
  first: Type.Number(),
  last: Type.Number(),
});
const held = Compile(Held);
const acknowledged = Compile(Acknowledged);

interface Boot {
  readonly held: Static<typeof Held>;
  readonly acknowledged: Static<typeof Acknowledged>[];
}

/** The boots of a guest, in their order. The last line of each may be torn: the power was cut. */
function bootsOf(guest: string): Boot[] {
  const boots: Boot[] = [];
  for (let boot = 1; ; boot++) {
    const lines = linesOf(guest, `boot-${boot}.jsonl`);
    if (lines === undefined) return boots;
    const [first] = lines.filter((line) => held.Check(line));
    if (first === undefined) throw new RangeError(`boot ${boot} of ${guest} told nothing`);
    boots.push({ held: first, acknowledged: lines.filter((line) => acknowledged.Check(line)) });
  }
}

/** How many batches were acknowledged before the last start and are not held after it. */
function lost(boots: readonly Boot[]): number {
  const ranges = boots.at(-1)?.held.ledger.boots ?? [];
  const isHeld = ({ boot_id, first, last }: Static<typeof Acknowledged>) =>
    ranges.some(
      (boot) => boot.boot_id === boot_id && boot.held.some((r) => r.first <= first && last <= r.last),
    );
  const before = boots.slice(0, -1).flatMap((boot) => boot.acknowledged);
  return before.filter((batch) => !isHeld(batch)).length;
}

describe.each(resultsOf('power-synced'))('the log after power cuts', (guest) => {
  const boots = bootsOf(guest);

  it('holds all that was acknowledged, after each cut', () => {
    const batches = boots.map((boot) => boot.acknowledged.length);
    console.log(
      `${boots.length - 1} power cuts; batches acknowledged before each: ${batches.slice(0, -1).join(', ')}`,
    );
    console.log(`ms to start after each: ${boots.map(({ held: { start_ms } }) => start_ms).join(', ')}`);
    expect(boots.length).toBeGreaterThan(2);
    expect(Math.min(...batches.slice(0, -1))).toBeGreaterThan(0);
    for (let end = 2; end <= boots.length; end++) expect(lost(boots.slice(0, end))).toBe(0);
  });

  it('is files of valid JSON, with every batch once and wholly, all of it served', () => {
    for (const { held: log } of boots) {
      expect(log.files).toMatchObject({ records: log.served, distinct: log.served, partial: 0 });
      expect(log.ledger.damaged.lines).toBe(0);
      expect(log.ledger.boots.reduce((sum, { records }) => sum + records, 0)).toBe(log.served);
    }
  });

  it('has been closed and begun anew meanwhile', () => {
    expect(boots.at(-1)?.held.files?.count).toBeGreaterThan(2);
  });
});

describe.each(resultsOf('power-unsynced'))('a log that is not synced', (guest) => {
  it('is seen to lose what was acknowledged', () => {
    expect(lost(bootsOf(guest))).toBeGreaterThan(0);
  });
});
