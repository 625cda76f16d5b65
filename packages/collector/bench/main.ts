import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { LoadResult } from './load-result.ts';
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
  readonly refused: number;
  /** CPU time of the server for each post, in microseconds. */
  readonly cpuUs: number;
}

const whole = (value: number) => Math.round(value).toLocaleString('en-US');
const ms = (value: number) => (value < 10 ? value.toFixed(2) : whole(value));
const columns = sizes.map((size) => `${whole(size)} records`);
const say = (text: string) => console.error(`bench: ${text}`);

type Measured = LoadResult & Pick<Loads, 'cpuUs'>;

/** What is put under load: a server's route, by name. */
interface Target {
  readonly name: string;
  readonly server: Server;
  readonly path: string;
}

/**
 * Loads all targets in turn, round by round: whatever else the machine does then falls on all of them, and
 * their ratios hold where the figures themselves would not.
 */
async function loadAll(targets: readonly Target[]): Promise<Loads[][]> {
  const all: Loads[][] = targets.map(() => []);
  for (const clients of CLIENTS) {
    const rows: Measured[][] = targets.map(() => []);
    for (let round = 0; round < rounds; round++) {
      say(`${clients} clients, round ${round + 1} of ${rounds}`);
      for (const [i, { server, path }] of targets.entries()) {
        const before = await server.cpuMs();
        const result = await load(server, path, clients, seconds);
        rows[i]?.push({ ...result, cpuUs: ((await server.cpuMs()) - before) * (1000 / result.sent) });
      }
    }
    for (const [i, results] of rows.entries()) all[i]?.push(summarize(results));
  }
  return all;
}

function summarize(results: readonly Measured[]): Loads {
  return {
    perSecond: median(results.map(({ per_second }) => per_second)),
    p50: median(results.map(({ p50_ms }) => p50_ms)),
    p99: median(results.map(({ p99_ms }) => p99_ms)),
    cpuUs: median(results.map(({ cpuUs }) => cpuUs)),
    refused: results.reduce((sum, { failures }) => sum + failures, 0),
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

/** Makes a log of this size in the folder, starts the collector on it, and measures it but for load. */
async function prepare(dir: string, size: number) {
  say(`${whole(size)} records: log, starts, queries`);
  await writeLog(dir, size);
  const starts: number[] = [];
  for (let start = 0; start <= rounds; start++) {
    await using server = await startCollector(dir);
    starts.push(server.startMs);
  }
  const [indexMs = 0, ...later] = starts;
  const server = await startCollector(dir);
  const idleMb = await server.residentMb();
  const queries: number[] = [];
  if (size > 0) {
    for (const [, path] of QUERIES) {
      queries.push(await timed(async () => (await fetch(`${server.url}${path}`)).arrayBuffer()));
    }
    const graphs = { method: 'POST', headers: { authorization: `Bearer ${server.token}` } };
    queries.push(await timed(async () => (await fetch(`${server.url}/graphs`, graphs)).arrayBuffer()));
  }
  return { server, indexMs, startMs: median(later), idleMb, queries };
}

const RIVALS = {
  '/empty': 'empty Fastify route, nothing stored',
  '/sqlite': 'SQLite, synchronous=FULL, one insert a transaction',
  '/rewrite': 'read, parse, append, rewrite the file',
} as const;
const REWRITE_SIZES = [0, 100_000];

await using opened = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), 'bench-'));
opened.defer(() => rm(folder, { recursive: true }));

const measured: Awaited<ReturnType<typeof prepare>>[] = [];
const targets: Target[] = [];
for (const [i, size] of sizes.entries()) {
  const one = await prepare(join(folder, `collector-${size}`), size);
  opened.use(one.server);
  measured.push(one);
  targets.push({ name: `collector, ${columns[i]}`, server: one.server, path: '/logs' });
}
for (const size of REWRITE_SIZES) {
  const dir = join(folder, `rivals-${size}`);
  await writeLog(dir, size);
  const server = opened.use(await startRivals(dir));
  for (const [path, name] of Object.entries(RIVALS)) {
    if (path === '/rewrite') targets.push({ name: `${name}, ${whole(size)} records`, server, path });
    else if (size === 0) targets.push({ name, server, path });
  }
}
const posts = await loadAll(targets);
const loadedMb = await Promise.all(measured.map(({ server }) => server.residentMb()));

const loadRow = (name: string, all: readonly Loads[]) => [
  name,
  ...all.flatMap(({ perSecond, p50, p99 }) => [whole(perSecond), p50 > 0 ? `${ms(p50)} / ${ms(p99)}` : '–']),
  ...all.slice(1, 2).map(({ cpuUs }) => (Number.isFinite(cpuUs) ? whole(cpuUs) : '–')),
];
console.log(
  `Node.js ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ${seconds} s for each figure, median of ${rounds}.\n`,
);
console.log('Durable posts of one record each: acknowledged a second, and latency p50 / p99 in ms\n');
console.log(
  formatTable(
    ['', ...CLIENTS.flatMap((clients) => [`${clients} client${clients === 1 ? '' : 's'}`, 'ms']), 'CPU, µs'],
    targets.map(({ name }, i) => loadRow(name, posts[i] ?? [])),
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
      ['resident, after all of the load, MB', ...loadedMb.map(whole)],
      ...[...QUERIES.map(([name]) => name), 'draw both charts'].map((name, i) => [
        `${name}, ms`,
        ...measured.map(({ queries }) => (queries[i] === undefined ? '–' : ms(queries[i]))),
      ]),
    ],
  ),
);
const with20 = (name: string) => posts[targets.findIndex((target) => target.name === name)]?.[1];
const [smallest, largest] = [with20(`collector, ${columns[0]}`), with20(`collector, ${columns.at(-1)}`)];
const ratio = (a: number | undefined, b: number | undefined) => ((a ?? 0) / (b ?? 0)).toFixed(2);
console.log(`
20 clients, ${columns.at(-1)} against ${columns[0]}: posts a second ${ratio(largest?.perSecond, smallest?.perSecond)}, CPU for each ${ratio(largest?.cpuUs, smallest?.cpuUs)}
20 clients, ${columns[0]} against the empty route: posts a second ${ratio(smallest?.perSecond, with20(RIVALS['/empty'])?.perSecond)}
Load of the machine (1 min): ${loadavg()[0]?.toFixed(1)}, of which the benchmark itself is about 2`);
console.log(`Refused in all: ${posts.flat().reduce((sum, { refused }) => sum + refused, 0)}`);
