import { appendFile, cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { faultyDisk } from '../../test/faulty-disk.ts';
import { temporaryFolder } from '../../test/folder.ts';
import { BOOT, memory, process } from '../../test/records.ts';
import { ask, readFiles, sequencesOf, testStore } from '../../test/store.ts';

const numbered = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => memory({ sequence: first + i }));

async function replaceInFile(path: string, from: string, to: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  expect(text).toContain(from);
  await writeFile(path, text.replace(from, to));
}

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

describe('an index that is lost', () => {
  it.each([
    ['missing', (path: string) => rm(path)],
    ['no database', (path: string) => writeFile(path, 'rubbish'.repeat(1000))],
    ['empty', (path: string) => truncate(path, 0)],
    ['damaged in the middle', (path: string) => writeFile(path, Buffer.alloc(9000, 7), { flag: 'r+' })],
  ])('because it is %s is made anew', async (_what, harm) => {
    await using folder = await temporaryFolder();
    {
      await using open = await testStore(folder.path, { segmentBytes: 1500 });
      for (let n = 1; n <= 20; n++) await open.store.append([memory({ sequence: n })]);
    }
    await rm(join(folder.path, 'index.sqlite-wal'), { force: true });
    await harm(join(folder.path, 'index.sqlite'));
    await using open = await testStore(folder.path, { segmentBytes: 1500 });
    expect(sequencesOf(await ask(open.store))).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect((await open.store.ledger()).boots).toMatchObject([{ records: 20, missing: 0 }]);
    await open.store.append(numbered(20, 21));
    expect(open.store.records).toBe(21);
  });

  it('while it runs is made anew', async () => {
    await using folder = await temporaryFolder();
    await using open = await testStore(folder.path);
    await open.store.append(numbered(1, 2000));
    await ask(open.store);
    for (const file of ['index.sqlite', 'index.sqlite-wal']) {
      await writeFile(join(folder.path, file), Buffer.alloc(4096 * 20, 7), { flag: 'r+' });
    }
    expect((await ask(open.store)).length).toBe(2000);
    expect((await ask(open.store, { type: 'memory', limit: '3' })).length).toBe(3);
  });
});

describe('damage by other hands', () => {
  async function filled(path: string, options = {}) {
    await using open = await testStore(path, options);
    for (let n = 1; n <= 20; n += 2) await open.store.append(numbered(n, n + 1));
  }

  it.each([
    ['of the same length', '"sequence":7,', '"sequence":#,'],
    ['that makes the line longer', '"sequence":7,', '"sequence":7 oops,'],
    ['that removes a field', '"sequence":7,', ''],
    ['by control bytes', '"sequence":7,', '"sequence"\0\0,'],
  ])('%s costs that record only, and is named by its line', async (_what, from, to) => {
    await using folder = await temporaryFolder();
    await filled(folder.path);
    await replaceInFile(join(folder.path, 'logs.json'), from, to);
    await using open = await testStore(folder.path);
    const rest = Array.from({ length: 20 }, (_, i) => i + 1).filter((n) => n !== 7);
    expect(sequencesOf(await ask(open.store))).toEqual(rest);
    await vi.waitFor(async () => {
      const { damaged, boots } = await open.store.ledger();
      expect(damaged).toEqual({ lines: 1, places: [{ file: 'logs.json', line: 8 }] });
      expect(boots).toMatchObject([{ records: 19, gaps: [{ first: 7, last: 7 }] }]);
    });
    expect(open.reports.join()).toContain('changed by other hands');
    await open.store.append(numbered(7, 7));
    expect(sequencesOf(await ask(open.store)).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
  });

  it('in a closed segment is found, whatever else is in order', async () => {
    await using folder = await temporaryFolder();
    await filled(folder.path, { segmentBytes: 1500 });
    await replaceInFile(join(folder.path, 'logs-000002.json'), '"type":"memory"', '"type":"mem"');
    await using open = await testStore(folder.path, { segmentBytes: 1500 });
    await vi.waitFor(async () => expect((await open.store.ledger()).damaged.lines).toBe(1));
    expect(await ask(open.store)).toHaveLength(19);
  });

  it('that inserts and repeats lines loses nothing and serves nothing twice', async () => {
    await using folder = await temporaryFolder();
    await filled(folder.path);
    const path = join(folder.path, 'logs.json');
    const lines = (await readFile(path, 'utf8')).split('\n');
    lines.splice(5, 0, '# a note', lines[3] ?? '');
    await writeFile(path, lines.join('\n'));
    await using open = await testStore(folder.path);
    await vi.waitFor(async () => expect((await open.store.ledger()).damaged.lines).toBe(2));
    expect(sequencesOf(await ask(open.store))).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it('of everything leaves a log that works, and keeps what was there', async () => {
    await using folder = await temporaryFolder();
    await filled(folder.path);
    await writeFile(join(folder.path, 'logs.json'), 'who needs JSON?');
    await using open = await testStore(folder.path);
    expect(await ask(open.store)).toEqual([]);
    await open.store.append(numbered(1, 1));
    expect([...(await readFiles(folder.path)).values()]).toEqual([numbered(1, 1)]);
    const aside = (await readdir(folder.path)).find((name) => name.startsWith('logs.json.torn-'));
    expect(await readFile(join(folder.path, aside ?? ''), 'utf8')).toBe('who needs JSON?');
  });

  it('by an editor that indents every line keeps every record', async () => {
    await using folder = await temporaryFolder();
    await filled(folder.path);
    const path = join(folder.path, 'logs.json');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replaceAll(/ ?,\n\{/g, ',\r\n  {'));
    await using open = await testStore(folder.path);
    expect(await ask(open.store)).toHaveLength(20);
  });
});

describe('a crash', () => {
  it('while a segment is closed loses and repeats nothing', async () => {
    await using folder = await temporaryFolder();
    await using crashed = await temporaryFolder();
    {
      await using open = await testStore(folder.path);
      await open.store.append(numbered(1, 3));
    }
    await cp(folder.path, crashed.path, { recursive: true });
    const { link } = await import('node:fs/promises');
    await link(join(crashed.path, 'logs.json'), join(crashed.path, 'logs-000001.json'));
    await writeFile(join(crashed.path, 'logs.json.next'), '[\n');
    await using open = await testStore(crashed.path, { segmentBytes: 500 });
    await open.store.append(numbered(4, 5));
    await open.store.append(numbered(6, 6));
    expect(sequencesOf(await ask(open.store))).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...(await readFiles(crashed.path)).keys()]).toEqual([
      'logs-000001.json',
      'logs-000002.json',
      'logs.json',
    ]);
  });

  it('that tears the tail costs only what was never acknowledged', async () => {
    await using folder = await temporaryFolder();
    {
      await using open = await testStore(folder.path);
      await open.store.append(numbered(1, 3));
    }
    const path = join(folder.path, 'logs.json');
    const { length } = await readFile(path);
    await truncate(path, length - 3);
    await appendFile(
      path,
      `,\n${JSON.stringify(memory({ sequence: 4 }))} ,\n${JSON.stringify(process({ sequence: 5 }))}`,
    );
    await using open = await testStore(folder.path);
    expect(open.reports.join()).toContain('no whole batch');
    expect(sequencesOf(await ask(open.store))).toEqual([1, 2, 3]);
    await open.store.append([memory({ sequence: 4 }), process({ sequence: 5 })]);
    expect(sequencesOf(await ask(open.store))).toEqual([1, 2, 3, 4, 5]);
  });
});
