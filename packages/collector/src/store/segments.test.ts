import { readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type FaultPlan, faultyDisk } from '../../test/faulty-disk.ts';
import { temporaryFolder } from '../../test/folder.ts';
import { memory } from '../../test/records.ts';
import { ask, readFiles, sequencesOf, testStore } from '../../test/store.ts';
import { type Disk, nodeDisk } from './disk.ts';
import { Segments } from './segments.ts';

const LIMITS = { segmentBytes: 40, segmentAgeMs: 3_600_000 };
const line = (n: number) => Buffer.from(JSON.stringify({ n, text: 'some text' }));

async function open(path: string, plan: FaultPlan) {
  const reports: string[] = [];
  const segments = await Segments.open(path, LIMITS, 1, (text) => reports.push(text), faultyDisk(plan));
  return { segments, reports, [Symbol.asyncDispose]: () => segments.close() };
}

describe('segments', () => {
  it('hold nothing in a new file before its name is on disk', async () => {
    await using folder = await temporaryFolder();
    const names: string[] = [];
    const plan: FaultPlan = { calls: 0, at: (_call, name) => void names.push(name) };
    await using opened = await open(folder.path, plan);
    for (let n = 1; n <= 3; n++) {
      names.length = 0;
      await opened.segments.append(line(n));
      expect(names.includes('rename')).toBe(n > 1);
      expect(names.lastIndexOf('sync')).toBeGreaterThan(names.lastIndexOf('rename'));
      expect(names.lastIndexOf('write')).toBeGreaterThan(names.lastIndexOf('sync'));
    }
  });

  it('cut nothing off before what is cut off is on disk under a name', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'logs.json'), '[\n{"n":1},\n{"n":');
    const names: string[] = [];
    const plan: FaultPlan = { calls: 0, at: (_call, name) => void names.push(name) };
    await using _opened = await open(folder.path, plan);
    expect(names.indexOf('sync')).toBeGreaterThan(names.indexOf('datasync'));
    expect(names.indexOf('sync')).toBeLessThan(names.indexOf('truncate'));
    expect(names.indexOf('datasync')).toBeGreaterThan(-1);
  });

  it('refuse a batch while the name of its file can not be synced', async () => {
    await using folder = await temporaryFolder();
    let failing = true;
    const plan: FaultPlan = {
      calls: 0,
      at: (_call, name) => (failing && name === 'sync' ? { code: 'EIO' } : undefined),
    };
    await using opened = await open(folder.path, plan);
    await expect(opened.segments.append(line(1))).rejects.toThrow('EIO');
    failing = false;
    await opened.segments.append(line(1));
  });

  it('let logs.json grow while it can not be closed, and say so', async () => {
    await using folder = await temporaryFolder();
    const plan: FaultPlan = {
      calls: 0,
      at: (_call, name) => (name === 'rename' ? { code: 'EIO' } : undefined),
    };
    await using opened = await open(folder.path, plan);
    for (let n = 1; n <= 3; n++) await opened.segments.append(line(n));
    expect(opened.segments.closed).toEqual([]);
    expect(opened.reports).toEqual([expect.stringContaining("can't be closed yet")]);
    expect((await readdir(folder.path)).filter((name) => name.startsWith('logs-'))).toEqual([]);
  });
});

it('serves each record from its own file, however long opening a file takes', async () => {
  await using folder = await temporaryFolder();
  // As on a busy machine: by the time logs.json is opened for reading, it may be another file already.
  const slow: Disk = {
    ...nodeDisk,
    open: async (path, flags) => {
      if (flags === 'r' && basename(path) === 'logs.json') await sleep(100);
      return nodeDisk.open(path, flags);
    },
  };
  await using open = await testStore(folder.path, { segmentBytes: 500 }, slow);
  for (let sequence = 1; sequence <= 8; sequence++) await open.store.append([memory({ sequence })]);
  expect((await readFiles(folder.path)).size).toBeGreaterThan(3);
  expect(sequencesOf(await ask(open.store))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});
