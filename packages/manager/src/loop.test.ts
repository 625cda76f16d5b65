import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleSysinfo } from '../test/sysinfo.ts';
import type { CycleParts } from './cycle.ts';
import { GestorError } from './errors.ts';
import { nextTick, runLoop } from './loop.ts';

describe('the moment of the next cycle', () => {
  it('lies on the grid, after now, and less than one interval away', () => {
    const time = fc.integer({ min: 0, max: 1e9 });
    fc.assert(
      fc.property(time, fc.integer({ min: 1, max: 3_600_000 }), time, (start, interval, passed) => {
        const tick = nextTick(start, interval, start + passed);
        expect((tick - start) % interval).toBe(0);
        expect(tick).toBeGreaterThan(start + passed);
        expect(tick - (start + passed)).toBeLessThanOrEqual(interval);
      }),
    );
  });
});

const never = new AbortController().signal;
const quiet = { intervalMs: 1, cycles: 1, stop: never, hurry: never, show: () => {}, say: () => {} };

/** Parts whose sensor fails as told, once for each cycle. */
function failing(failures: (GestorError | null)[]): CycleParts {
  const left = failures.values();
  return {
    sensor: {
      name: 'procfs',
      source: 'test',
      read: async () => {
        const failure = left.next().value ?? null;
        if (failure !== null) throw failure;
        return sampleSysinfo();
      },
    },
    engine: { list: async () => [], remove: async () => undefined },
    cron: { create: async (_kind, count) => count },
    spool: { put: async () => undefined },
    deliver: async () => undefined,
    policy: { quota: { high: 2, low: 3 }, order: ['cpu'], spared: new Map() },
    dryRun: false,
    host: 'test',
  };
}

async function run(failures: (GestorError | null)[], stop = never) {
  const shown: number[] = [];
  const said: string[] = [];
  await runLoop(failing(failures), {
    intervalMs: 1,
    cycles: failures.length,
    stop,
    hurry: never,
    show: (_report, cycle) => shown.push(cycle),
    say: (line) => said.push(line),
  });
  return { shown, said };
}

describe('the loop', () => {
  const empty = new GestorError('SENSOR_EMPTY', 'it is empty');
  const gone = new GestorError('SENSOR_MISSING', 'it is gone');

  it('goes on after cycles that had to be skipped, says so once and counts them', async () => {
    const { shown, said } = await run([null, empty, empty, gone, null]);
    expect(shown).toEqual([1, 5]);
    expect(said).toEqual([
      'cycle skipped [SENSOR_EMPTY] it is empty',
      'cycle skipped [SENSOR_MISSING] it is gone',
      'working again after 3 skipped cycles',
    ]);
  });

  it('does not begin once it was asked to end', async () => {
    expect((await run([null], AbortSignal.abort())).shown).toEqual([]);
  });

  it('lets a defect of its own through', async () => {
    const parts = { ...failing([null]), deliver: () => Promise.reject(new TypeError('a defect')) };
    await expect(runLoop(parts, quiet)).rejects.toThrow('a defect');
  });

  it.each(['stop', 'hurry'] as const)('gives up a cycle that goes on for too long after %s', async (name) => {
    const asked = new AbortController();
    const parts = { ...failing([null]), deliver: () => new Promise<void>(() => undefined) };
    const ended = runLoop(parts, { ...quiet, [name]: asked.signal, finishLimitMs: 1 });
    asked.abort();
    await expect(ended).resolves.toBeUndefined();
  });

  it('begins nothing new in a cycle that was given up', async () => {
    const hurry = new AbortController();
    const engine = {
      list: async () => {
        hurry.abort();
        return [];
      },
      remove: () => Promise.reject(new TypeError('too late')),
    };
    const begun: string[] = [];
    const create = async () => {
      begun.push('create');
      return 0;
    };
    const put = async () => {
      begun.push('put');
    };
    await runLoop(
      { ...failing([null]), engine, cron: { create }, spool: { put } },
      { ...quiet, hurry: hurry.signal },
    );
    await setImmediate();
    expect(begun).toEqual([]);
  });
});
