import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogRecord } from 'contract';
import { expect } from 'vitest';
import { type Fault, type FaultPlan, faultyDisk } from './faulty-disk.ts';
import { temporaryFolder } from './folder.ts';
import { memory } from './records.ts';
import { ask, readFiles, testStore } from './store.ts';

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

export const FAULTS: readonly Fault[] = [{ code: 'ENOSPC' }, { code: 'EIO' }, { short: true }];

/** Lets each changing call of a scenario fail once, in the way that `choose` says, and checks what is held then. */
export async function failEachCall(choose: (call: number) => Fault | undefined): Promise<void> {
  await using folder = await temporaryFolder();
  const run = async (name: string, plan: FaultPlan) => {
    await mkdir(join(folder.path, name));
    return scenario(join(folder.path, name), plan);
  };
  const whole: FaultPlan = { calls: 0, at: () => undefined };
  expect((await run('whole', whole)).stored).toHaveLength(16);
  for (let failing = 0; failing < whole.calls; failing++) {
    const plan: FaultPlan = { calls: 0, at: (call) => (call === failing ? choose(call) : undefined) };
    const { stored, refused, opened } = await run(String(failing), plan);
    expect(plan.open ?? 0).toBe(0);
    const isKnown = await known(join(folder.path, String(failing)));
    expect(stored.filter((n) => !isKnown(n))).toEqual([]);
    expect(refused.filter(isKnown)).toEqual([]);
    expect(stored.length + refused.length).toBe(opened ? 16 : 0);
    expect(refused.length).toBeLessThanOrEqual(1);
  }
}
