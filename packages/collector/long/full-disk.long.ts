import { execFileSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../test/folder.ts';
import { send, started } from '../test/process.ts';
import { memory } from '../test/records.ts';
import { readFiles, sequencesOf } from '../test/store.ts';

/** A disk of so many bytes for one test. Mounting needs root. */
function mountSmallDisk(path: string, bytes: number) {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path]);
  return { [Symbol.dispose]: () => execFileSync('umount', ['--lazy', path]) };
}

it.runIf(process.getuid?.() === 0)(
  'a full disk is answered 507, and the log goes on when there is space',
  async () => {
    await using folder = await temporaryFolder();
    const logs = join(folder.path, 'logs');
    await mkdir(logs);
    using _disk = mountSmallDisk(logs, 3_000_000);
    await writeFile(join(logs, 'ballast'), Buffer.alloc(1_500_000));
    const collector = await started(folder.path);
    const stored: number[] = [];
    let refusals = 0;
    for (let n = 1; refusals < 20 && n < 100_000; n += 10) {
      const batch = Array.from({ length: 10 }, (_, i) => memory({ sequence: n + i }));
      const status = await send(collector, batch);
      if (status === 201) stored.push(...sequencesOf(batch));
      else {
        expect(status).toBe(507);
        refusals++;
      }
    }
    expect(refusals).toBe(20);
    expect(sequencesOf([...(await readFiles(logs)).values()].flat())).toEqual(stored);

    await rm(join(logs, 'ballast'));
    const late = [memory({ sequence: 1_000_000 })];
    expect(await send(collector, late)).toBe(201);
    const answer = await fetch(`${collector.url}/logs`);
    expect(sequencesOf(JSON.parse(await answer.text()))).toEqual([...stored, 1_000_000]);
    collector.child.kill('SIGTERM');
    expect(await collector.ended).toBe(0);
  },
);
