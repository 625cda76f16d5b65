import { once } from 'node:events';
import { chmod, mkdir, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../test/folder.ts';
import { send, start, started } from '../test/process.ts';
import { memory } from '../test/records.ts';

describe('the collector as a process', () => {
  it('serves, and ends with 0 when told to', async () => {
    await using folder = await temporaryFolder();
    const collector = await started(folder.path);
    const tokenPath = join(folder.path, 'run', 'collector.token');
    expect((await stat(tokenPath)).mode & 0o777).toBe(0o600);
    expect(await send(collector, [memory()])).toBe(201);
    collector.child.kill('SIGTERM');
    expect(await collector.ended).toBe(0);
    expect(collector.said()).toContain('stopped');
  });

  it('takes a folder that is named from where it is started', async () => {
    await using folder = await temporaryFolder();
    const collector = start('x', {}, folder.path);
    await vi
      .waitFor(() => expect(collector.said).toContain('listening'), { timeout: 4000 })
      .finally(() => {
        collector.child.kill('SIGKILL');
      });
    await stat(join(folder.path, 'x', 'logs', 'logs.json'));
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
    const collector = start(folder.path, {
      GESTOR_PORT: String(typeof address === 'object' ? address?.port : 0),
    });
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
