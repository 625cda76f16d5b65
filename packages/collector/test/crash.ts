import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogRecord } from 'contract';
import { expect } from 'vitest';
import { send, started } from './process.ts';
import { BOOT, memory, process as processRecord } from './records.ts';
import { readFiles, sequencesOf } from './store.ts';

const CLIENTS = 8;
const ENV = { GESTOR_SEGMENT_BYTES: '200000' };

type Collector = Awaited<ReturnType<typeof started>>;

/**
 * Kills the collector `kills` times at random moments under load. After each kill every file must be a JSON
 * array without a record twice, and after each start all that was acknowledged must be there; each batch that
 * got no answer is sent again, to be held once.
 */
export async function crash(data: string, kills: number): Promise<{ acknowledged: number; retried: number }> {
  const acknowledged = new Set<number>();
  let unanswered: LogRecord[][] = [];
  let retried = 0;
  let next = 1;

  async function client(collector: Collector, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const batch = makeBatch(next, randomInt(1, 40));
      next += batch.length;
      const status = await send(collector, batch);
      if (status === 201) for (const { sequence } of batch) acknowledged.add(sequence);
      else unanswered.push(batch);
    }
  }

  for (let kill = 0; kill <= kills; kill++) {
    const collector = await started(data, ENV);
    let over = false;
    try {
      await checkServed(collector, acknowledged);
      for (const batch of unanswered) {
        expect(await send(collector, batch)).toBe(201);
        for (const { sequence } of batch) acknowledged.add(sequence);
        retried++;
      }
      unanswered = [];
      const clients = Promise.all(Array.from({ length: CLIENTS }, () => client(collector, () => over)));
      await sleep(randomInt(5, 250));
      collector.child.kill('SIGKILL');
      over = true;
      await clients;
    } finally {
      collector.child.kill('SIGKILL');
      await collector.ended;
    }
    await checkFiles(data, acknowledged);
  }
  return { acknowledged: acknowledged.size, retried };
}

function makeBatch(first: number, length: number): LogRecord[] {
  return Array.from({ length }, (_, i) => {
    const origin = { sequence: first + i, taken_at: new Date().toISOString() };
    return i === 0 ? memory(origin) : processRecord({ ...origin, reason: 'x'.repeat(randomInt(1000)) });
  });
}

/** Of a torn tail only whole lines count: it is what the next start will find, and cut. */
async function checkFiles(data: string, acknowledged: ReadonlySet<number>): Promise<void> {
  const held = new Set<number>();
  for (const records of (await readFiles(join(data, 'logs'), 'torn tail allowed')).values()) {
    for (const sequence of sequencesOf(records)) {
      expect(held.has(sequence), `record ${sequence} twice`).toBe(false);
      held.add(sequence);
    }
  }
  expect([...acknowledged].filter((sequence) => !held.has(sequence))).toEqual([]);
}

async function checkServed({ url }: Collector, acknowledged: ReadonlySet<number>): Promise<void> {
  const records: LogRecord[] = JSON.parse(await (await fetch(`${url}/logs`)).text());
  const served = new Set(sequencesOf(records));
  expect(served.size, 'a record twice').toBe(records.length);
  expect([...acknowledged].filter((sequence) => !served.has(sequence))).toEqual([]);
  const { boots } = JSON.parse(await (await fetch(`${url}/ledger`)).text());
  if (served.size > 0) expect(boots).toMatchObject([{ boot_id: BOOT, records: served.size }]);
}
