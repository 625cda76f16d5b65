import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { faultyDisk } from '../../test/faulty-disk.ts';
import { temporaryFolder } from '../../test/folder.ts';
import { BOOT, memory } from '../../test/records.ts';
import { ask, readFiles, sequencesOf, testStore } from '../../test/store.ts';

const numbered = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => memory({ sequence: first + i }));

describe('exactly once', () => {
  it('stores a batch that is sent again only once, also across a restart', async () => {
    await using folder = await temporaryFolder();
    for (let start = 0; start < 2; start++) {
      await using open = await testStore(folder.path);
      await Promise.all([1, 2, 3].map(() => open.store.append(numbered(1, 5))));
      await open.store.append(numbered(4, 8));
      expect(sequencesOf(await ask(open.store))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      expect(open.store.records).toBe(8);
    }
    expect(sequencesOf([...(await readFiles(folder.path)).values()].flat())).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8,
    ]);
  });

  it('refuses another record in the name of one that is held, with all of its batch', async () => {
    await using folder = await temporaryFolder();
    await using open = await testStore(folder.path);
    await open.store.append(numbered(1, 3));
    const other = [memory({ sequence: 4 }), memory({ sequence: 2, used_kb: 999 })];
    await expect(open.store.append(other)).rejects.toMatchObject({
      code: 'conflict',
      pointer: '/1/sequence',
    });
    expect(sequencesOf(await ask(open.store))).toEqual([1, 2, 3]);
  });

  it('refuses a batch that names a record twice', async () => {
    await using folder = await temporaryFolder();
    await using open = await testStore(folder.path);
    const twice = [memory(), memory()];
    await expect(open.store.append(twice)).rejects.toMatchObject({ code: 'invalid', pointer: '/1/sequence' });
  });

  it('takes a batch again whose first try failed', async () => {
    await using folder = await temporaryFolder();
    let failing = false;
    const disk = faultyDisk({ calls: 0, at: () => (failing ? { code: 'EIO' } : undefined) });
    await using open = await testStore(folder.path, {}, disk);
    failing = true;
    await expect(open.store.append(numbered(1, 2))).rejects.toMatchObject({
      code: 'disk_error',
      statusCode: 503,
    });
    failing = false;
    await open.store.append(numbered(1, 2));
    expect(sequencesOf(await ask(open.store))).toEqual([1, 2]);
  });
});

describe('the ledger', () => {
  it('shows what is held and what is missing, for each boot', async () => {
    await using folder = await temporaryFolder();
    const other = BOOT.replace('0', 'f');
    await using open = await testStore(folder.path);
    await open.store.append([...numbered(1, 3), ...numbered(6, 7), memory({ boot_id: other, sequence: 3 })]);
    const { boots, damaged } = await open.store.ledger();
    expect(boots).toEqual([
      {
        host: 'host',
        boot_id: BOOT,
        records: 5,
        last: 7,
        missing: 2,
        held: [
          { first: 1, last: 3 },
          { first: 6, last: 7 },
        ],
        gaps: [{ first: 4, last: 5 }],
        dropped: [],
      },
      expect.objectContaining({ boot_id: other, records: 1, missing: 2, gaps: [{ first: 1, last: 2 }] }),
    ]);
    expect(damaged).toEqual({ lines: 0, places: [] });
  });
});

describe('segments', () => {
  const options = { segmentBytes: 1500 };

  it('are closed when they are full, are arrays by themselves, and are asked as one log', async () => {
    await using folder = await temporaryFolder();
    for (let start = 0; start < 3; start++) {
      await using open = await testStore(folder.path, options);
      for (let n = 1; n <= 10; n++) await open.store.append([memory({ sequence: start * 10 + n })]);
    }
    const files = await readFiles(folder.path);
    expect(files.size).toBeGreaterThan(4);
    const expected = Array.from({ length: 30 }, (_, i) => i + 1);
    expect(sequencesOf([...files.values()].flat()).sort((a, b) => a - b)).toEqual(expected);
    await using open = await testStore(folder.path, options);
    expect(sequencesOf(await ask(open.store))).toEqual(expected);
    expect(sequencesOf(await ask(open.store, { limit: '12' }))).toEqual(expected.slice(-12));
  });

  it('are closed when they are old', async () => {
    await using folder = await temporaryFolder();
    await using open = await testStore(folder.path, { segmentAgeMs: -1 });
    for (let n = 1; n <= 3; n++) await open.store.append([memory({ sequence: n })]);
    expect((await readFiles(folder.path)).size).toBe(3);
  });

  it('are dropped, oldest first, when all together are too large; what they held is recorded', async () => {
    await using folder = await temporaryFolder();
    const bounded = { segmentBytes: 1500, totalBytes: 5000 };
    {
      await using open = await testStore(folder.path, bounded);
      for (let n = 1; n <= 60; n++) await open.store.append([memory({ sequence: n })]);
      await vi.waitFor(() => expect(open.store.bytes).toBeLessThanOrEqual(5000));
      expect(open.reports.join()).toContain('logs-000001.json was dropped');
    }
    await using open = await testStore(folder.path, bounded);
    const held = sequencesOf(await ask(open.store));
    expect(held.at(-1)).toBe(60);
    const { boots } = await open.store.ledger();
    expect(boots).toMatchObject([
      {
        records: held.length,
        missing: 0,
        gaps: [],
        held: [{ first: held[0], last: 60 }],
        dropped: [{ first: 1, last: (held[0] ?? 0) - 1 }],
      },
    ]);
    expect(open.store.records).toBe(held.length);
    const dropped: { segment: number }[] = JSON.parse(
      await readFile(join(folder.path, 'dropped.json'), 'utf8'),
    );
    expect(dropped.map(({ segment }) => segment)).toEqual(dropped.map((_, i) => i + 1));
    await open.store.append([memory({ sequence: 1, used_kb: 1 })]);
    expect(open.store.records).toBe(held.length);
    const numbers = (await readdir(folder.path)).filter((name) => name.startsWith('logs-'));
    await rm(join(folder.path, 'index.sqlite'));
    expect(numbers).not.toContain('logs-000001.json');
  });
});
