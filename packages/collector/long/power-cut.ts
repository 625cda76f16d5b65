import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Ledger, LogRecord } from 'contract';
import { send, started } from '../test/process.ts';
import { memory } from '../test/records.ts';
import { readFiles } from '../test/store.ts';

// Runs in a guest whose power is cut at any moment (npm run test:power). First it tells what the log holds after
// the last cut, then it posts batches, and tells of each one as soon as it is acknowledged. It judges nothing;
// each line it prints is one JSON object.
// power-cut.ts [--posts] [--unsynced] DATA
const { values, positionals } = parseArgs({
  options: { posts: { type: 'boolean' }, unsynced: { type: 'boolean' } },
  allowPositionals: true,
});
const [data = '/data'] = positionals;
const CLIENTS = 8;
const PRELOAD = `--import=${join(import.meta.dirname, 'unsynced.ts')}`;

const tell = (line: object) => console.log(JSON.stringify(line));
/** For whoever wonders on the console how far it came. */
const note = (text: string) => console.error(`gestor-test: ${text}`);

/** Each batch has its length in every record, so that it shows when only a part of it is held. */
function makeBatch(boot_id: string, first: number, length: number): LogRecord[] {
  return Array.from({ length }, (_, i) =>
    memory({ boot_id, sequence: first + i, host: `${first}+${length}`, taken_at: new Date().toISOString() }),
  );
}

/** What the files hold; null when one of them is no JSON, which is for the judge to judge. */
async function summarizeFiles(logsDir: string) {
  const files = await readFiles(logsDir).catch((error: unknown) => {
    if (error instanceof SyntaxError) return null;
    throw error;
  });
  return files && summarize(files);
}

function summarize(files: ReadonlyMap<string, readonly LogRecord[]>) {
  const records = [...files.values()].flat();
  const lengths = new Map<string, number>();
  for (const { boot_id, host } of records) {
    const batch = `${boot_id} ${host}`;
    lengths.set(batch, (lengths.get(batch) ?? 0) + 1);
  }
  return {
    count: files.size,
    records: records.length,
    distinct: new Set(records.map(({ boot_id, sequence }) => `${boot_id} ${sequence}`)).size,
    partial: [...lengths].filter(([batch, length]) => Number(batch.split('+').at(-1)) !== length).length,
  };
}

const begun = performance.now();
note('starting the collector');
const collector = await started(data, {
  GESTOR_SEGMENT_BYTES: '100000',
  ...(values.unsynced && { NODE_OPTIONS: PRELOAD }),
});
const start_ms = Math.round(performance.now() - begun);
note('it listens');
const served: LogRecord[] = JSON.parse(await (await fetch(`${collector.url}/logs`)).text());
note('it has served its log');
const ledger: Ledger = JSON.parse(await (await fetch(`${collector.url}/ledger`)).text());
tell({
  event: 'held',
  start_ms,
  files: await summarizeFiles(join(data, 'logs')),
  served: served.length,
  ledger,
  said: collector.said(),
});

note('all is told');
const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
let next = 1;

async function client(): Promise<void> {
  for (;;) {
    const first = next;
    const batch = makeBatch(boot, first, randomInt(1, 12));
    next += batch.length;
    const status = await send(collector, batch);
    if (status !== 201) throw new RangeError(`a batch was answered ${status}: ${collector.said()}`);
    tell({ event: 'acknowledged', boot_id: boot, first, last: first + batch.length - 1 });
  }
}

if (values.posts) await Promise.all(Array.from({ length: CLIENTS }, client));
collector.child.kill('SIGTERM');
await collector.ended;
