import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Starts the collector as a process of its own; `said` grows with what it prints. */
export function start(data: string, env: NodeJS.ProcessEnv = {}, cwd?: string) {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../src/main.ts')], {
    cwd,
    env: { GESTOR_DATA: data, GESTOR_HOST: '127.0.0.1', GESTOR_PORT: '0', ...env },
  });
  const out = { said: '', child, ended: ended(child) };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      out.said += text;
    });
  }
  return out;
}

async function ended(child: ChildProcess): Promise<number | null> {
  const [code]: (number | null)[] = await once(child, 'exit');
  return code ?? null;
}

/** Starts the collector and waits until it listens. */
export async function started(data: string, env: NodeJS.ProcessEnv = {}) {
  const collector = start(data, env);
  for (;;) {
    const url = /listening on (\S+)/.exec(collector.said)?.[1];
    if (url !== undefined) {
      const token = (await readFile(join(data, 'run', 'collector.token'), 'utf8')).trim();
      return { ...collector, url, token, said: () => collector.said };
    }
    const { exitCode, signalCode } = collector.child;
    if (exitCode !== null || signalCode !== null) {
      throw new RangeError(`the collector ended with ${exitCode ?? signalCode}: ${collector.said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Sends a batch to a collector with its key; gives the status, or undefined when there was no answer. */
export async function send(
  { url, token }: { url: string; token: string },
  batch: readonly { boot_id: string; sequence: number }[],
): Promise<number | undefined> {
  const [first] = batch;
  try {
    const answer = await fetch(`${url}/logs`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': `${first?.boot_id}-${first?.sequence}`,
      },
      body: JSON.stringify(batch),
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return undefined;
  }
}
