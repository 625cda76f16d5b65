import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogRecord, MemoryRecord } from 'contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GestorError } from '../errors.ts';
import { openSpool, type Unnumbered } from './spool.ts';

const boot = '01234567-89ab-cdef-0123-456789abcdef';
const record: Unnumbered<MemoryRecord> = {
  type: 'memory',
  taken_at: '2026-11-21T10:00:00.000Z',
  host: 'host',
  sensor: 'procfs',
  total_kb: 1,
  free_kb: 1,
  available_kb: 1,
  used_kb: 0,
  used_percent: 0,
};
const records = (count: number) => Array.from({ length: count }, () => record);

async function inFolder<T>(test: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'gestor-spool-'));
  try {
    return await test(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A collector that takes batches while it is up, each once. */
function collector() {
  const taken: LogRecord[] = [];
  const keys: string[] = [];
  const state = { up: true };
  const send = async (key: string, batch: readonly LogRecord[]) => {
    if (!state.up) throw new GestorError('COLLECTOR_UNREACHABLE', 'down');
    keys.push(key);
    taken.push(...batch);
  };
  return { taken, keys, state, send };
}

const numbers = (taken: readonly LogRecord[]) => taken.map(({ sequence }) => sequence);

describe('the spool', () => {
  it('numbers records and delivers them in order with a key for each batch', () =>
    inFolder(async (folder) => {
      const spool = await openSpool(folder, boot);
      const { send, taken, keys } = collector();
      await spool.put(records(2));
      await spool.put(records(1));
      expect(await spool.deliver(send)).toBe(3);
      expect(numbers(taken)).toEqual([1, 2, 3]);
      expect(taken.every(({ boot_id }) => boot_id === boot)).toBe(true);
      expect(keys).toEqual([`${boot}-1`, `${boot}-3`]);
      expect(spool.counts()).toEqual({ waiting: 0, delivered: 3, dropped: 0 });
      expect(await readdir(folder)).toEqual(['last']);
    }));

  it('keeps what could not be delivered, also for the next run', () =>
    inFolder(async (folder) => {
      const { send, state, taken, keys } = collector();
      state.up = false;
      const spool = await openSpool(folder, boot);
      await spool.put(records(2));
      await expect(spool.deliver(send)).rejects.toMatchObject({ code: 'COLLECTOR_UNREACHABLE' });
      expect(spool.counts()).toEqual({ waiting: 2, delivered: 0, dropped: 0 });
      state.up = true;
      const next = await openSpool(folder, boot);
      await next.put(records(1));
      await next.deliver(send);
      expect(numbers(taken)).toEqual([1, 2, 3]);
      expect(keys[0]).toBe(`${boot}-1`);
    }));

  it('starts counting anew in a new boot', () =>
    inFolder(async (folder) => {
      const { send, taken } = collector();
      await (await openSpool(folder, boot)).put(records(2));
      const later = boot.replace('0', 'f');
      const spool = await openSpool(folder, later);
      await spool.put(records(1));
      await spool.deliver(send);
      expect(taken.map(({ boot_id, sequence }) => [boot_id, sequence])).toEqual([
        [boot, 1],
        [boot, 2],
        [later, 1],
      ]);
    }));

  it('goes on after what the collector holds when its own count was deleted', () =>
    inFolder(async (folder) => {
      const { send, taken } = collector();
      const spool = await openSpool(folder, boot);
      spool.numberAfter(41);
      spool.numberAfter(7);
      await spool.put(records(1));
      await spool.deliver(send);
      expect(numbers(taken)).toEqual([42]);
      expect(spool.last()).toBe(42);
    }));

  it('drops the oldest when it is full, and counts them', () =>
    inFolder(async (folder) => {
      const { send, taken } = collector();
      const spool = await openSpool(folder, boot, 1000);
      for (let batch = 0; batch < 10; batch += 1) await spool.put(records(1));
      const { waiting, dropped } = spool.counts();
      expect(waiting + dropped).toBe(10);
      expect(waiting).toBeGreaterThan(0);
      expect(dropped).toBeGreaterThan(0);
      await spool.deliver(send);
      expect(numbers(taken)).toEqual(Array.from({ length: waiting }, (_, index) => dropped + index + 1));
    }));

  it('sets aside a batch that will never be taken, and goes on', () =>
    inFolder(async (folder) => {
      const { send, taken } = collector();
      const spool = await openSpool(folder, boot);
      await spool.put(records(1));
      await spool.put(records(1));
      await spool.deliver((key, batch) =>
        key.endsWith('-1') ? Promise.reject(new GestorError('BATCH_REFUSED', 'bad')) : send(key, batch),
      );
      expect(numbers(taken)).toEqual([2]);
      expect(spool.counts()).toEqual({ waiting: 0, delivered: 1, dropped: 1 });
      expect((await readdir(folder)).filter((name) => name.endsWith('.refused'))).toHaveLength(1);
    }));

  it('says so when it has no room to write', async () => {
    await expect(openSpool('/dev/null/spool', boot)).rejects.toMatchObject({ code: 'VOLUME_NOT_WRITABLE' });
  });

  it('loses and repeats nothing, however the collector comes and goes and the manager restarts', async () => {
    const action = fc.oneof(
      fc.record({ do: fc.constant('put' as const), count: fc.integer({ min: 1, max: 3 }) }),
      fc.constantFrom({ do: 'deliver' as const }, { do: 'switch' as const }, { do: 'restart' as const }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 12 }), (actions) =>
        inFolder(async (folder) => {
          const { send, state, taken } = collector();
          let spool = await openSpool(folder, boot);
          let put = 0;
          for (const step of actions) {
            if (step.do === 'switch') state.up = !state.up;
            if (step.do === 'restart') spool = await openSpool(folder, boot);
            if (step.do === 'deliver') await spool.deliver(send).catch(() => undefined);
            if (step.do === 'put') {
              await spool.put(records(step.count));
              put += step.count;
            }
          }
          state.up = true;
          await spool.deliver(send);
          expect(numbers(taken)).toEqual(Array.from({ length: put }, (_, index) => index + 1));
        }),
      ),
      { numRuns: 30 },
    );
  });
});
