import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fault, type FaultPlan, faultyDisk } from '../../test/faulty-disk.ts';
import { temporaryFolder } from '../../test/folder.ts';
import { LogFile } from './log-file.ts';

const refuse = () => Promise.reject(new RangeError('nothing was to be cut'));
const line = (n: number) => Buffer.from(JSON.stringify({ n, text: 'x'.repeat(n % 7) }));

async function numbers(path: string): Promise<number[]> {
  const records: { n: number }[] = JSON.parse(await readFile(path, 'utf8'));
  return records.map(({ n }) => n);
}

describe('a log file', () => {
  it('is a valid array from the first moment, one record a line', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'logs.json');
    const log = await LogFile.open(path, refuse);
    expect(await readFile(path, 'utf8')).toBe('[\n]\n');
    await log.append(line(1));
    await log.append(Buffer.from('{"n":2} ,\n{"n":3}'));
    expect(await readFile(path, 'utf8')).toBe('[\n{"n":1,"text":"x"},\n{"n":2} ,\n{"n":3}\n]\n');
    expect(log.bytes).toBe((await readFile(path)).length);
    await log.close();
    expect(await numbers(path)).toEqual([1, 2, 3]);
  });

  it('goes on where it ended', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'logs.json');
    for (const n of [1, 2, 3]) {
      const log = await LogFile.open(path, refuse);
      await log.append(line(n));
      await log.close();
    }
    expect(await numbers(path)).toEqual([1, 2, 3]);
  });

  it('hands over what it cuts before it cuts', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'logs.json');
    await writeFile(path, '[\n{"n":1},\n{"n":');
    const cuts: string[] = [];
    const log = await LogFile.open(path, async (cut) => {
      cuts.push(cut.toString());
      expect(await readFile(path, 'utf8')).toBe('[\n{"n":1},\n{"n":');
    });
    await log.append(line(2));
    await log.close();
    expect(cuts).toEqual([',\n{"n":']);
    expect(await numbers(path)).toEqual([1, 2]);
  });

  it('finds its end behind more rubbish than it reads at first', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'logs.json');
    await writeFile(path, `[\n{"n":1},\n${'\0'.repeat(300_000)}`);
    let cut = 0;
    const log = await LogFile.open(path, async (bytes) => {
      cut = bytes.length;
    });
    await log.close();
    expect(cut).toBe(300_002);
    expect(await numbers(path)).toEqual([1]);
  });
});

describe('a failing disk', () => {
  const faults: [string, Fault][] = [
    ['EIO', { code: 'EIO' }],
    ['ENOSPC', { code: 'ENOSPC' }],
    ['a short write', { short: true }],
  ];

  it.each(faults)(
    'with %s at any call never holds what was refused, nor loses what was not',
    async (_name, fault) => {
      for (let failing = 0; ; failing++) {
        await using folder = await temporaryFolder();
        const path = join(folder.path, 'logs.json');
        const plan: FaultPlan = { calls: 0, at: (call) => (call === failing ? fault : undefined) };
        const log = await LogFile.open(path, refuse, faultyDisk(plan)).catch(() => undefined);
        const held: number[] = [];
        for (let n = 1; log && n <= 4; n++) {
          await log.append(line(n)).then(
            () => held.push(n),
            () => undefined,
          );
          expect(await numbers(path)).toEqual(held);
        }
        await log?.close();
        if (log) expect(held.length).toBeGreaterThanOrEqual(3);
        if (plan.calls <= failing) break;
      }
    },
  );

  it('that stays broken is never trusted, and resumes by itself once it works', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'logs.json');
    const broken = fc.array(fc.boolean(), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(broken, async (states) => {
        await writeFile(path, '');
        let failing = false;
        const plan: FaultPlan = { calls: 0, at: () => (failing ? { code: 'ENOSPC' } : undefined) };
        const log = await LogFile.open(path, refuse, faultyDisk(plan));
        const held: number[] = [];
        for (const [n, state] of [...states, false].entries()) {
          failing = state;
          const stored = await log.append(line(n)).then(
            () => true,
            () => false,
          );
          expect(stored).toBe(!state);
          if (stored) held.push(n);
        }
        await log.close();
        expect(await numbers(path)).toEqual(held);
      }),
      { numRuns: 30 },
    );
  });

  it('leaves nothing of a long write that failed behind a short one', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'logs.json');
    let failing = false;
    const plan: FaultPlan = { calls: 0, at: () => (failing ? { code: 'EIO' } : undefined) };
    const log = await LogFile.open(path, refuse, faultyDisk(plan));
    failing = true;
    await expect(log.append(Buffer.from(`{"n":1,"text":"${'x'.repeat(10_000)}"}`))).rejects.toThrow('EIO');
    failing = false;
    await log.append(line(2));
    expect(await numbers(path)).toEqual([2]);
    await log.close();
  });
});
