import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ProcessRecord } from 'contract';
import type { Row } from './row.ts';

const INSERT = `INSERT OR IGNORE INTO records (id, bytes, taken_at_ms, type, boot, sequence, sensor,
  total_kb, available_kb, used_kb, container, cpu_percent, ram_kb, vsz_kb, rss_kb, fate)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const REFS_MAX = 20_000;

/** Writes records into the index; boots and containers, which many records share, are written once. */
export class RowInserter {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #refs = new Map<string, number>();

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#insert = database.prepare(INSERT);
  }

  /** Adds a record; false when one of its name is there already. */
  insert(id: number, bytes: number, row: Row, boot: number): boolean {
    const { record, taken_at_ms, sequence } = row;
    const memory = record.type === 'memory' ? record : undefined;
    const process = record.type === 'process' ? record : undefined;
    const { changes } = this.#insert.run(
      id,
      bytes,
      taken_at_ms,
      record.type,
      boot,
      sequence,
      String(record.sensor),
      number(memory?.total_kb),
      number(memory?.available_kb),
      number(memory?.used_kb),
      process === undefined ? null : this.#containerRef(process),
      number(process?.cpu_percent),
      number(process?.ram_kb),
      number(process?.vsz_kb),
      number(process?.rss_kb),
      process === undefined ? null : String(process.fate),
    );
    return changes > 0;
  }

  /** To be called when a transaction was undone: what it wrote is not there any more. */
  forgetRefs(): void {
    this.#refs.clear();
  }

  /** The number by which rows name a boot. */
  bootRef({ boot_id, host }: Row): number {
    return this.#ref(
      boot_id,
      'INSERT INTO boots (boot_id, host) VALUES (?, ?) ON CONFLICT DO UPDATE SET host = host RETURNING ref',
      [boot_id, host],
    );
  }

  #containerRef({ container_id, container_name, image, kind }: ProcessRecord): number {
    return this.#ref(
      String(container_id),
      `INSERT INTO containers (container_id, container_name, image, kind) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET container_name = excluded.container_name RETURNING ref`,
      [String(container_id), String(container_name), String(image), String(kind)],
    );
  }

  #ref(key: string, sql: string, values: string[]): number {
    const known = this.#refs.get(key);
    if (known !== undefined) return known;
    if (this.#refs.size >= REFS_MAX) this.#refs.clear();
    const ref = Number(this.#database.prepare(sql).get(...values)?.ref);
    this.#refs.set(key, ref);
    return ref;
  }
}

function number(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
