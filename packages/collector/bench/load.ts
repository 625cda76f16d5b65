import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { memory } from '../test/records.ts';
import type { LoadResult } from './load-result.ts';

// A process of its own, so that the load does not share a thread with what it measures. Each client posts one
// record, waits for the answer, and posts the next. Prints a LoadResult as JSON.
const { values } = parseArgs({
  options: {
    url: { type: 'string', default: '' },
    path: { type: 'string', default: '/logs' },
    token: { type: 'string', default: '' },
    clients: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '3' },
    boot: { type: 'string', default: '' },
  },
});
const { url, path, token, boot } = values;
const clients = Number(values.clients);
const pool = new Pool(url, { connections: clients, pipelining: 1 });
const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
const WARM_UP_MS = 500;

let sequence = 0;
let sent = 0;
let failures = 0;
let latenciesMs: number[] = [];
let measuring = true;

async function client(): Promise<void> {
  while (measuring) {
    sequence++;
    const taken_at = new Date().toISOString();
    const body = JSON.stringify([memory({ boot_id: boot, sequence, taken_at })]);
    const begun = performance.now();
    const answer = await pool.request({ method: 'POST', path, headers, body });
    await answer.body.dump();
    sent++;
    latenciesMs.push(performance.now() - begun);
    if (answer.statusCode >= 300) failures++;
  }
}

const running = Promise.allSettled(Array.from({ length: clients }, client));
await sleep(WARM_UP_MS);
latenciesMs = [];
failures = 0;
const begun = performance.now();
await sleep(Number(values.seconds) * 1000);
const seconds = (performance.now() - begun) / 1000;
const sorted = Float64Array.from(latenciesMs).sort();
measuring = false;
// What is still under way is not waited for: of the slowest rival it takes minutes.
await pool.destroy();
await running;

const quantile = (share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
const result: LoadResult = {
  posts: sorted.length,
  sent,
  failures,
  per_second: sorted.length / seconds,
  p50_ms: quantile(0.5),
  p99_ms: quantile(0.99),
};
console.log(JSON.stringify(result));
