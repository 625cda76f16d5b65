import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { load, type Server, startCollector, startRivals, writeLog } from './servers.ts';
import { formatTable, median } from './table.ts';

// Measures the collector on this machine and prints the tables of docs/BENCHMARKS.md.
// --seconds: of load for each figure; --rounds: each figure is the median of so many.
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    sizes: { type: 'string', default: '0,100000,1000000' },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const sizes = values.sizes.split(',').map(Number);
const CLIENTS = [1, 20, 200];
const QUERIES = [
  ['newest 100', '/logs?limit=100'],
  ['page of 500 in the middle', '/logs?limit=500&after=1790100000000_0'],
  ['one container', '/logs?container=high-17'],
  ['newest 10 of memory', '/logs?type=memory&limit=10'],
  ['ledger', '/ledger'],
  ['summary', '/summary'],
] as const;

interface Loads {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

const whole = (value: number) => Math.round(value).toLocaleString('en-US');
const ms = (value: number) => (value < 10 ? value.toFixed(2) : whole(value));
const columns = sizes.map((size) => `${whole(size)} records`);
const say = (text: string) => console.error(`bench: ${text}`);

async function loads(server: Server, path: string, clients: number, onlySeconds = seconds): Promise<Loads> {
  const results = [];
  for (let round = 0; round < rounds; round++) results.push(await load(server, path, clients, onlySeconds));
  if (results.some(({ failures }) => failures > 0)) say(`${path}: some posts were refused`);
  return {
    perSecond: median(results.map(({ per_second }) => per_second)),
    p50: median(results.map(({ p50_ms }) => p50_ms)),
    p99: median(results.map(({ p99_ms }) => p99_ms)),
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    await work();
    times.push(performance.now() - begun);
  }
  return median(times);
}

/** All figures of one size, in a folder of its own. */
async function measureSize(size: number) {
  const dir = await mkdtemp(join(tmpdir(), 'bench-'));
  try {
    say(`${whole(size)} records: writing the log`);
    await writeLog(dir, size);
    let indexMs: number;
    {
      await using first = await startCollector(dir);
      indexMs = first.startMs;
    }
    const starts: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await using again = await startCollector(dir);
      starts.push(again.startMs);
    }
    await using server = await startCollector(dir);
    const idleMb = await server.residentMb();
    say(`${whole(size)} records: queries`);
    const queries: number[] = [];
    if (size > 0) {
      for (const [, path] of QUERIES) {
        queries.push(await timed(async () => (await fetch(`${server.url}${path}`)).arrayBuffer()));
      }
      const graphs = { method: 'POST', headers: { authorization: `Bearer ${server.token}` } };
      queries.push(await timed(async () => (await fetch(`${server.url}/graphs`, graphs)).arrayBuffer()));
    }
    const posts: Loads[] = [];
    for (const clients of CLIENTS) {
      say(`${whole(size)} records: ${clients} clients`);
      posts.push(await loads(server, '/logs', clients));
    }
    return { indexMs, startMs: median(starts), idleMb, loadedMb: await server.residentMb(), queries, posts };
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** The collector's rivals: an empty route, rewriting the whole file, and SQLite with one insert a transaction. */
async function measureRivals() {
  const results: { name: string; loads: Loads[] }[] = [];
  for (const size of sizes.filter((each) => each <= 100_000)) {
    const dir = await mkdtemp(join(tmpdir(), 'bench-'));
    try {
      await writeLog(dir, size);
      await using server = await startRivals(dir);
      for (const path of size === 0 ? ['/empty', '/sqlite', '/rewrite'] : ['/rewrite']) {
        say(`rival ${path}, ${whole(size)} records`);
        const all: Loads[] = [];
        for (const clients of CLIENTS) all.push(await loads(server, path, clients));
        results.push({
          name: `${RIVALS[path] ?? path}${path === '/rewrite' ? `, ${whole(size)} records` : ''}`,
          loads: all,
        });
      }
    } finally {
      await rm(dir, { recursive: true });
    }
  }
  return results;
}

const RIVALS: Record<string, string> = {
  '/empty': 'empty Fastify route, nothing stored',
  '/sqlite': 'SQLite, synchronous=FULL, one insert a transaction',
  '/rewrite': 'read, parse, append, rewrite the file',
};

const measured: Awaited<ReturnType<typeof measureSize>>[] = [];
for (const size of sizes) measured.push(await measureSize(size));
const rivals = await measureRivals();

const loadRow = (name: string, all: readonly Loads[]) => [
  name,
  ...all.flatMap(({ perSecond, p50, p99 }) => [whole(perSecond), `${ms(p50)} / ${ms(p99)}`]),
];
console.log(
  `Node.js ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ${seconds} s for each figure, median of ${rounds}.\n`,
);
console.log('Durable posts of one record each: acknowledged a second, and latency p50 / p99 in ms\n');
console.log(
  formatTable(
    ['', ...CLIENTS.flatMap((clients) => [`${clients} client${clients === 1 ? '' : 's'}`, 'ms'])],
    [
      ...measured.map(({ posts }, i) => loadRow(`collector, ${columns[i]}`, posts)),
      ...rivals.map(({ name, loads: all }) => loadRow(name, all)),
    ],
  ),
);
console.log('\nTime and memory\n');
console.log(
  formatTable(
    ['', ...columns],
    [
      ['start, ms', ...measured.map(({ startMs }) => whole(startMs))],
      ['first start, index to be made, ms', ...measured.map(({ indexMs }) => whole(indexMs))],
      ['resident, idle, MB', ...measured.map(({ idleMb }) => whole(idleMb))],
      ['resident, after all of the load, MB', ...measured.map(({ loadedMb }) => whole(loadedMb))],
      ...[...QUERIES.map(([name]) => name), 'draw both charts'].map((name, i) => [
        `${name}, ms`,
        ...measured.map(({ queries }) => (queries[i] === undefined ? '–' : ms(queries[i]))),
      ]),
    ],
  ),
);
const [smallest, largest] = [measured[0]?.posts[1], measured.at(-1)?.posts[1]];
const empty = rivals.find(({ name }) => name.startsWith('empty'))?.loads[1];
if (smallest && largest && empty) {
  console.log(
    `\n20 clients, ${columns.at(-1)} against ${columns[0]}: ${(largest.perSecond / smallest.perSecond).toFixed(2)}`,
  );
  console.log(
    `20 clients, ${columns[0]} against the empty route: ${(smallest.perSecond / empty.perSecond).toFixed(2)}`,
  );
}
