import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Run } from './ledger.ts';
import { addRange, removeRange } from './ranges.ts';
import type { Row } from './row.ts';
import { RowInserter } from './row-inserter.ts';

/** Ids of a segment's records start here. */
export const idBase = (segment: number) => segment * 2 ** 32;

/** How far a segment is indexed: up to `end`, which lies in line `line` of its file. */
export interface Progress {
  readonly segment: number;
  readonly end: number;
  readonly line: number;
}

/** One line of a segment: a record, or, without a row, something that is none. */
export interface Entry {
  readonly offset: number;
  readonly bytes: number;
  readonly line: number;
  readonly row: Row | undefined;
}

/** Writes the index. Every method is one transaction. */
export class Projection {
  readonly #database: DatabaseSync;
  readonly #inserter: RowInserter;
  readonly #progress: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#inserter = new RowInserter(database);
    this.#progress = database.prepare(
      `INSERT INTO segments (number, end, line, records, first_ms, last_ms) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (number) DO UPDATE SET end = excluded.end, line = excluded.line,
         records = records + excluded.records, first_ms = min(ifnull(first_ms, excluded.first_ms), excluded.first_ms),
         last_ms = max(ifnull(last_ms, excluded.last_ms), excluded.last_ms)`,
    );
  }

  progress(segment: number): Progress {
    const row = this.#database.prepare('SELECT end, line FROM segments WHERE number = ?').get(segment);
    return { segment, end: Number(row?.end ?? 0), line: Number(row?.line ?? 1) };
  }

  /** What a segment's file looked like when it was last known to be as it is indexed. */
  verified(segment: number): string | undefined {
    const row = this.#database.prepare('SELECT verified FROM segments WHERE number = ?').get(segment);
    return row?.verified === null || row === undefined ? undefined : String(row.verified);
  }

  setVerified(segment: number, stamp: string): void {
    this.#database.prepare('UPDATE segments SET verified = ? WHERE number = ?').run(stamp, segment);
  }

  /** The last record that is indexed of a segment. */
  last(segment: number): { offset: number; bytes: number; sequence: number } | undefined {
    const row = this.#database
      .prepare('SELECT id, bytes, sequence FROM records WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT 1')
      .get(idBase(segment), idBase(segment + 1));
    return (
      row && {
        offset: Number(row.id) - idBase(segment),
        bytes: Number(row.bytes),
        sequence: Number(row.sequence),
      }
    );
  }

  /** Adds what follows the progress so far. */
  extend(entries: readonly Entry[], progress: Progress): void {
    this.#transaction(() => this.#add(entries, progress));
  }

  /** Puts the entries in the place of what the index has of [from, to) of the segment, where that differs. */
  mend(entries: readonly Entry[], segment: number, from: number, to: number): boolean {
    if (!this.#differs(entries, segment, from, to)) return false;
    this.#transaction(() => {
      this.#remove(segment, from, to);
      this.#add(entries, this.progress(segment));
    });
    return true;
  }

  /** Removes up to `limit` records of a segment; false when none is left and the segment is forgotten. */
  forget(segment: number, limit: number): boolean {
    return this.#transaction(() => {
      const { changes } = this.#database
        .prepare('DELETE FROM records WHERE id IN (SELECT id FROM records WHERE id >= ? AND id < ? LIMIT ?)')
        .run(idBase(segment), idBase(segment + 1), limit);
      if (changes > 0) return true;
      for (const [table, column] of [
        ['ranges', 'segment'],
        ['damaged', 'segment'],
        ['segments', 'number'],
      ]) {
        this.#database.prepare(`DELETE FROM ${table} WHERE ${column} = ?`).run(segment);
      }
      return false;
    });
  }

  #transaction<T>(run: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = run();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#inserter.forgetRefs();
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #add(entries: readonly Entry[], { segment, end, line }: Progress): void {
    let records = 0;
    let [firstMs, lastMs]: [number | null, number | null] = [null, null];
    const runs = new Map<number, Run>();
    for (const entry of entries) {
      const boot = entry.row && this.#inserter.bootRef(entry.row);
      if (
        entry.row === undefined ||
        boot === undefined ||
        !this.#inserter.insert(idBase(segment) + entry.offset, entry.bytes, entry.row, boot)
      ) {
        this.#damaged(segment, entry);
        continue;
      }
      const { taken_at_ms, sequence, host, boot_id } = entry.row;
      records++;
      firstMs = Math.min(firstMs ?? taken_at_ms, taken_at_ms);
      lastMs = Math.max(lastMs ?? taken_at_ms, taken_at_ms);
      const run = runs.get(boot);
      if (run?.last === sequence - 1) runs.set(boot, { ...run, last: sequence });
      else {
        if (run) addRange(this.#database, segment, boot, run);
        runs.set(boot, { host, boot_id, first: sequence, last: sequence });
      }
    }
    for (const [boot, run] of runs) addRange(this.#database, segment, boot, run);
    this.#progress.run(segment, end, line, records, firstMs, lastMs);
  }

  #damaged(segment: number, { line, offset }: Entry): void {
    this.#database.prepare('INSERT OR REPLACE INTO damaged VALUES (?, ?, ?)').run(segment, line, offset);
  }

  #differs(entries: readonly Entry[], segment: number, from: number, to: number): boolean {
    const base = idBase(segment);
    const indexed = this.#database
      .prepare('SELECT id, bytes, sequence FROM records WHERE id >= ? AND id < ?')
      .all(base + from, base + to);
    const damaged = this.#database
      .prepare('SELECT offset FROM damaged WHERE segment = ? AND offset >= ? AND offset < ?')
      .all(segment, from, to);
    const rows = new Map(
      indexed.map(({ id, bytes, sequence }) => [Number(id) - base, `${bytes} ${sequence}`]),
    );
    const bad = new Set(damaged.map(({ offset }) => Number(offset)));
    if (entries.length !== rows.size + bad.size) return true;
    return entries.some(({ offset, bytes, row }) => {
      return !bad.has(offset) && rows.get(offset) !== `${bytes} ${row?.sequence}`;
    });
  }

  #remove(segment: number, from: number, to: number): void {
    const place = [idBase(segment) + from, idBase(segment) + to];
    const rows = this.#database
      .prepare('SELECT boot, sequence FROM records WHERE id >= ? AND id < ?')
      .all(...place);
    for (const { boot, sequence } of rows) {
      removeRange(this.#database, segment, Number(boot), Number(sequence));
    }
    this.#database.prepare('DELETE FROM records WHERE id >= ? AND id < ?').run(...place);
    this.#database
      .prepare('DELETE FROM damaged WHERE segment = ? AND offset >= ? AND offset < ?')
      .run(segment, from, to);
    this.#database
      .prepare('UPDATE segments SET records = records - ? WHERE number = ?')
      .run(rows.length, segment);
  }
}
