import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogRecord } from 'contract';
import { describe, expect, it } from 'vitest';
import { type Fault, type FaultPlan, faultyDisk } from '../../test/faulty-disk.ts';
import { temporaryFolder } from '../../test/folder.ts';
import { memory } from '../../test/records.ts';
import { ask, readFiles, testStore } from '../../test/store.ts';

const OPTIONS = { segmentBytes: 1200, totalBytes: 3000 };
const numbers = (records: Iterable<LogRecord>) => new Set([...records].map(({ sequence }) => sequence));

/** Appends, closes segments and drops them, and gives what was acknowledged and what was refused. */
async function scenario(path: string, plan: FaultPlan) {
  const [stored, refused]: [number[], number[]] = [[], []];
  await using open = await testStore(path, OPTIONS, faultyDisk(plan)).catch(() => undefined);
  for (let n = 1; open && n <= 16; n++) {
    await open.store.append([memory({ sequence: n })]).then(
      () => stored.push(n),
      () => refused.push(n),
    );
  }
  return { stored, refused, opened: open !== undefined };
}

/** What is held, as the ledger tells it: dropped counts as held, it was acknowledged and then recorded as dropped. */
async function known(path: string) {
  await using open = await testStore(path);
  const served = numbers(await ask(open.store));
  const inFiles = numbers([...(await readFiles(path)).values()].flat());
  expect([...served].sort()).toEqual([...inFiles].sort());
  const { boots } = await open.store.ledger();
  const ranges = boots.flatMap(({ held, dropped }) => [...held, ...dropped]);
  return (n: number) => ranges.some(({ first, last }) => first <= n && n <= last);
}

describe('the store on a disk that fails once', () => {
  const faults: [string, Fault][] = [
    ['ENOSPC', { code: 'ENOSPC' }],
    ['EIO', { code: 'EIO' }],
    ['a short write', { short: true }],
  ];

  it.each(faults)(
    'with %s at any call keeps what it acknowledged and nothing that it refused',
    async (_name, fault) => {
      await using folder = await temporaryFolder();
      const all: FaultPlan = { calls: 0, at: () => undefined };
      await mkdir(join(folder.path, 'all'));
      await scenario(join(folder.path, 'all'), all);
      expect(all.calls).toBeGreaterThan(50);
      for (let failing = 0; failing < all.calls; failing++) {
        const path = join(folder.path, String(failing));
        await mkdir(path);
        const plan: FaultPlan = { calls: 0, at: (call) => (call === failing ? fault : undefined) };
        const { stored, refused, opened } = await scenario(path, plan);
        if (!opened) expect(stored).toEqual([]);
        const isKnown = await known(path);
        expect(stored.filter((n) => !isKnown(n))).toEqual([]);
        expect(refused.filter(isKnown)).toEqual([]);
        expect(refused.length).toBeLessThanOrEqual(1);
      }
    },
    30_000,
  );
});
