import { appendFile, cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../../test/folder.ts';
import { memory, process } from '../../test/records.ts';
import { ask, readFiles, sequencesOf, testStore } from '../../test/store.ts';

const numbered = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => memory({ sequence: first + i }));

async function replaceInFile(path: string, from: string, to: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  expect(text).toContain(from);
  await writeFile(path, text.replace(from, to));
}

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

  it.each([
    ['in many lines', 2],
    ['in one line', 0],
  ])('that lays the whole file out anew, %s, keeps every record', async (_what, indent) => {
    await using folder = await temporaryFolder();
    await filled(folder.path);
    const path = join(folder.path, 'logs.json');
    await writeFile(path, JSON.stringify(JSON.parse(await readFile(path, 'utf8')), null, indent));
    await using open = await testStore(folder.path);
    await open.store.append(numbered(20, 21));
    expect(sequencesOf(await ask(open.store))).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
    expect((await readFiles(folder.path)).get('logs.json')).toHaveLength(21);
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
