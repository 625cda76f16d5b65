import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogQuery, LogRecord } from 'contract';
import fc from 'fast-check';
import { expect, vi } from 'vitest';
import { temporaryFolder } from './folder.ts';
import { BOOT, memory, process } from './records.ts';
import { ask, sequencesOf, testStore } from './store.ts';

/** What the store should hold, in the order of arrival, and the names of lines that were damaged. */
interface Model {
  records: LogRecord[];
  next: number;
}

interface Real {
  path: string;
  open: Awaited<ReturnType<typeof testStore>>;
}

type Command = fc.AsyncCommand<Model, Real>;

const OPTIONS = { segmentBytes: 2500 };
const START_MS = Date.parse('2026-11-21T10:00:00Z');

function makeRecord(sequence: number, seed: number): LogRecord {
  const changes = { sequence, taken_at: new Date(START_MS + (seed % 50) * 1000).toISOString() };
  if (seed % 3 === 0) return memory({ ...changes, used_kb: seed % 1000 });
  const container_id = (seed % 4).toString(16).repeat(64);
  return process({
    ...changes,
    container_id,
    container_name: `box-${seed % 4}`,
    kind: seed % 2 ? 'high' : 'low',
  });
}

/** What a query means, told in the plainest way. */
function select(records: readonly LogRecord[], query: LogQuery): number[] {
  const { container } = query;
  const found = records.filter((record) => {
    if (query.type !== undefined && record.type !== query.type) return false;
    if (query.since !== undefined && Date.parse(record.taken_at) < Date.parse(query.since)) return false;
    if (query.until !== undefined && Date.parse(record.taken_at) > Date.parse(query.until)) return false;
    if (container === undefined) return true;
    if (record.type !== 'process') return false;
    return record.container_name === container || record.container_id.startsWith(container);
  });
  const sorted = found.toSorted((a, b) => Date.parse(a.taken_at) - Date.parse(b.taken_at));
  return sequencesOf(query.limit === undefined ? sorted : sorted.slice(-Number(query.limit)));
}

class Append implements Command {
  readonly seeds: number[];
  constructor(seeds: number[]) {
    this.seeds = seeds;
  }
  check = () => true;
  async run(model: Model, { open }: Real): Promise<void> {
    const batch = this.seeds.map((seed, i) => makeRecord(model.next + i, seed));
    model.next += batch.length;
    const half = Math.ceil(batch.length / 2);
    await Promise.all([open.store.append(batch.slice(0, half)), open.store.append(batch)]);
    model.records.push(...batch);
  }
  toString = () => `append ${this.seeds.length}`;
}

class Retry implements Command {
  readonly pick: number;
  constructor(pick: number) {
    this.pick = pick;
  }
  check = ({ records }: Readonly<Model>) => records.length > 0;
  async run({ records }: Model, { open }: Real): Promise<void> {
    const from = this.pick % records.length;
    await open.store.append(records.slice(from, from + 7));
  }
  toString = () => `retry ${this.pick}`;
}

class Query implements Command {
  readonly query: LogQuery;
  constructor(query: LogQuery) {
    this.query = query;
  }
  check = () => true;
  async run({ records }: Model, { open }: Real): Promise<void> {
    expect(sequencesOf(await ask(open.store, this.query))).toEqual(select(records, this.query));
  }
  toString = () => `query ${JSON.stringify(this.query)}`;
}

class Pages implements Command {
  readonly limit: number;
  constructor(limit: number) {
    this.limit = limit;
  }
  check = () => true;
  async run({ records }: Model, { open }: Real): Promise<void> {
    const seen: number[] = [];
    for (let after: string | undefined = '0_0'; after !== undefined; ) {
      const query: LogQuery = { after, limit: String(this.limit) };
      seen.push(...sequencesOf(await ask(open.store, query)));
      after = (await open.store.query(query)).end;
    }
    expect(seen).toEqual(select(records, {}));
  }
  toString = () => `pages of ${this.limit}`;
}

type Harm = 'none' | 'crash' | 'no index' | 'bad index' | 'bad line';

class Restart implements Command {
  readonly harm: Harm;
  readonly pick: number;
  constructor(harm: Harm, pick: number) {
    this.harm = harm;
    this.pick = pick;
  }
  check = ({ records }: Readonly<Model>) => this.harm !== 'bad line' || records.length > 0;
  async run(model: Model, real: Real): Promise<void> {
    const path = `${real.path}+`;
    // The files as a kill would leave them at this moment; the process itself can't be killed here.
    if (this.harm === 'crash') await cp(real.path, path, { recursive: true });
    await real.open.store.close();
    if (this.harm !== 'crash') await cp(real.path, path, { recursive: true });
    real.path = path;
    await this.harmFiles(model, path);
    real.open = await testStore(path, OPTIONS);
    await vi.waitFor(async () => {
      const { boots } = await real.open.store.ledger();
      expect(boots.reduce((sum, { records }) => sum + records, 0)).toBe(model.records.length);
    });
  }
  async harmFiles(model: Model, path: string): Promise<void> {
    if (this.harm === 'no index') {
      for (const name of await readdir(path)) if (name.startsWith('index')) await rm(join(path, name));
    } else if (this.harm === 'bad index') {
      await writeFile(join(path, 'index.sqlite'), Buffer.alloc(5000, this.pick % 256), { flag: 'r+' });
    } else if (this.harm === 'bad line') {
      const victim = model.records[this.pick % model.records.length];
      for (const name of (await readdir(path)).filter((each) => each.endsWith('.json'))) {
        const text = await readFile(join(path, name), 'utf8');
        await writeFile(
          join(path, name),
          text.replace(`"sequence":${victim?.sequence},`, `"sequence":oops,`),
        );
      }
      model.records = model.records.filter((record) => record !== victim);
    }
  }
  toString = () => `restart, ${this.harm} ${this.pick}`;
}

class Check implements Command {
  check = () => true;
  async run({ records, next }: Model, { open }: Real): Promise<void> {
    expect(open.store.records).toBe(records.length);
    const held = new Set(sequencesOf(records));
    const { boots } = await open.store.ledger();
    const shown = boots.flatMap((boot) => (boot.boot_id === BOOT ? boot.held : []));
    const numbers = Array.from({ length: next }, (_, n) => n);
    expect(numbers.filter((n) => shown.some(({ first, last }) => first <= n && n <= last))).toEqual(
      numbers.filter((n) => held.has(n)),
    );
  }
  toString = () => 'check';
}

const second = fc.integer({ min: 0, max: 50 }).map((s) => new Date(START_MS + s * 1000).toISOString());
const query: fc.Arbitrary<LogQuery> = fc.record(
  {
    type: fc.constantFrom('memory' as const, 'process' as const),
    since: second,
    until: second,
    container: fc.constantFrom('box-1', '2', '3333', 'nobody'),
    limit: fc.integer({ min: 1, max: 30 }).map(String),
  },
  { requiredKeys: [] },
);
const harm = fc.constantFrom<Harm>('none', 'crash', 'no index', 'bad index', 'bad line');

/** A property: whatever commands are run, the store and the plain list agree. */
export function runModel({ commandsMax }: { commandsMax: number }) {
  const commands = [
    fc.array(fc.nat(1000), { minLength: 1, maxLength: 8 }).map((seeds) => new Append(seeds)),
    fc.nat().map((pick) => new Retry(pick)),
    query.map((each) => new Query(each)),
    fc.integer({ min: 1, max: 20 }).map((limit) => new Pages(limit)),
    fc.tuple(harm, fc.nat()).map(([how, pick]) => new Restart(how, pick)),
    fc.constant(new Check()),
  ];
  return fc.asyncProperty(fc.commands(commands, { maxCommands: commandsMax }), async (all) => {
    await using folder = await temporaryFolder();
    const real: Real = { path: join(folder.path, 'logs'), open: await openFirst(folder.path) };
    try {
      await fc.asyncModelRun(() => ({ model: { records: [], next: 1 }, real }), all);
    } finally {
      await real.open.store.close();
    }
  });
}

async function openFirst(folder: string) {
  const { mkdir } = await import('node:fs/promises');
  await mkdir(join(folder, 'logs'));
  return testStore(join(folder, 'logs'), OPTIONS);
}
