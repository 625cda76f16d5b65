import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../test/folder.ts';
import { memory } from '../test/records.ts';

/** Starts the collector as a process of its own; `said` grows with what it prints. */
function start(data: string, port = 0) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: { ...process.env, GESTOR_DATA: data, GESTOR_HOST: '127.0.0.1', GESTOR_PORT: String(port) },
  });
  const out = { said: '', child, ended: ended(child), url: '' };
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

async function started(data: string) {
  const collector = start(data);
  for (let url: string | undefined; !url; await new Promise((resolve) => setTimeout(resolve, 20))) {
    url = /listening on (\S+)/.exec(collector.said)?.[1];
    if (collector.child.exitCode !== null) throw new RangeError(collector.said);
    collector.url = url ?? '';
  }
  return collector;
}

describe('the collector as a process', () => {
  it('serves, and ends with 0 when told to', async () => {
    await using folder = await temporaryFolder();
    const collector = await started(folder.path);
    const tokenPath = join(folder.path, 'run', 'collector.token');
    expect((await stat(tokenPath)).mode & 0o777).toBe(0o600);
    const token = (await readFile(tokenPath, 'utf8')).trim();
    const answer = await fetch(`${collector.url}/logs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify([memory()]),
    });
    expect(answer.status).toBe(201);
    collector.child.kill('SIGTERM');
    expect(await collector.ended).toBe(0);
    expect(collector.said).toContain('stopped');
  });

  it('leaves a folder to the collector that has it, and takes it when that one is killed', async () => {
    await using folder = await temporaryFolder();
    const first = await started(folder.path);
    const second = start(folder.path);
    expect(await second.ended).toBe(1);
    expect(second.said).toContain('Another collector is writing');
    first.child.kill('SIGKILL');
    await first.ended;
    const third = await started(folder.path);
    third.child.kill('SIGINT');
    expect(await third.ended).toBe(0);
  });

  it('ends with 1 and a sentence when its port is taken', async () => {
    await using folder = await temporaryFolder();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const collector = start(folder.path, typeof address === 'object' ? address?.port : 0);
    expect(await collector.ended).toBe(1);
    expect(collector.said).toContain('another program has it');
    server.close();
  });

  it('ends with 1 and a sentence when its folder is no folder', async () => {
    await using folder = await temporaryFolder();
    await mkdir(join(folder.path, 'logs', 'logs.json'), { recursive: true });
    const collector = start(folder.path);
    expect(await collector.ended).toBe(1);
    expect(collector.said).toContain("can't be opened for writing (EISDIR)");
  });

  it.runIf(process.getuid?.() !== 0)(
    'ends with 1 and a sentence when its folder is not writable',
    async () => {
      await using folder = await temporaryFolder();
      await mkdir(join(folder.path, 'logs'));
      await chmod(join(folder.path, 'logs'), 0o500);
      const collector = start(folder.path);
      expect(await collector.ended).toBe(1);
      expect(collector.said).toContain("can't be written");
    },
  );
});
