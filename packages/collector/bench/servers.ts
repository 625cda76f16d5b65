import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { memory, process as processRecord } from '../test/records.ts';
import type { LoadResult } from './load-result.ts';

const FRAME_RECORDS = 16;

export interface Server extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  /** From the start of the process to the moment it listens. */
  readonly startMs: number;
  residentMb(): Promise<number>;
  /** CPU time that the process has used, to 10 ms. */
  cpuMs(): Promise<number>;
}

/** Writes a log of so many records as a run of the manager makes them: one memory record a frame, 15 containers. */
export async function writeLog(dir: string, records: number): Promise<void> {
  await mkdir(join(dir, 'logs'), { recursive: true });
  await using file = await open(join(dir, 'logs', 'logs.json'), 'w');
  let text = '[';
  for (let i = 0; i < records; i++) {
    text += `${i === 0 ? '' : ','}\n${JSON.stringify(record(i))}`;
    if (text.length > 1_000_000 || i === records - 1) {
      await file.write(text);
      text = '';
    }
  }
  await file.write(`${text}\n]\n`);
}

function record(i: number) {
  const frame = Math.floor(i / FRAME_RECORDS);
  const origin = { taken_at: new Date(1_790_000_000_000 + frame * 10_000).toISOString(), sequence: i + 1 };
  if (i % FRAME_RECORDS === 0)
    return memory({ ...origin, total_kb: 8_000_000, used_kb: 3_000_000 + (frame % 1000) });
  const number = Math.floor(frame / 20) * FRAME_RECORDS + (i % FRAME_RECORDS);
  const kind = i % 2 ? 'high' : 'low';
  return processRecord({
    ...origin,
    kind,
    container_id: number.toString(16).padStart(8, '0').repeat(8),
    container_name: `${kind}-${number}`,
    fate: frame % 20 === 19 ? 'removed' : 'kept',
    ram_kb: 1000 + (number % 5000),
  });
}

/** Starts the collector on a folder. */
export async function startCollector(dir: string): Promise<Server> {
  const main = join(import.meta.dirname, '../src/main.ts');
  const data = {
    GESTOR_DATA: dir,
    GESTOR_HOST: '127.0.0.1',
    GESTOR_PORT: '0',
    GESTOR_TOTAL_BYTES: String(2 ** 40),
  };
  const server = await start(['--max-semi-space-size=4', '--optimize-for-size', main], data, 'SIGTERM');
  const token = (await readFile(join(dir, 'run', 'collector.token'), 'utf8')).trim();
  return { ...server, token };
}

/** Starts what the collector is compared with. */
export async function startRivals(dir: string): Promise<Server> {
  return {
    ...(await start([join(import.meta.dirname, 'rivals.ts'), '--dir', join(dir, 'logs')], {}, 'SIGKILL')),
    token: '',
  };
}

async function start(
  args: string[],
  env: NodeJS.ProcessEnv,
  signal: NodeJS.Signals,
): Promise<Omit<Server, 'token'>> {
  const begun = performance.now();
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await listening(child);
  const startMs = performance.now() - begun;
  return {
    url,
    startMs,
    residentMb: async () => {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
    },
    cpuMs: async () => {
      const fields = (await readFile(`/proc/${child.pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ');
      return (Number(fields[11]) + Number(fields[12])) * 10;
    },
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    },
  };
}

async function listening(child: ChildProcess): Promise<string> {
  let said = '';
  for await (const text of child.stdout ?? []) {
    said += text;
    const url = /listening on (\S+)/.exec(said)?.[1];
    if (url !== undefined) {
      child.stdout?.resume();
      return url;
    }
  }
  throw new RangeError(`The server ended before it listened: ${said}`);
}

/** Puts a load on a server and gives what came of it. */
export async function load(
  server: Server,
  path: string,
  clients: number,
  seconds: number,
): Promise<LoadResult> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(import.meta.dirname, 'load.ts'),
    ...['--url', server.url, '--path', path, `--token=${server.token}`, '--boot', crypto.randomUUID()],
    ...['--clients', String(clients), '--seconds', String(seconds)],
  ]);
  return JSON.parse(stdout);
}
