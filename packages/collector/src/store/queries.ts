import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { LogQuery } from 'contract';
import type { Run } from './ledger.ts';
import { idBase } from './projection.ts';

/** Where a record is: its id, and the length of its text. */
export interface Place {
  readonly id: number;
  readonly bytes: number;
  readonly taken_at_ms: number;
}

/** The place after which a page begins; records are in the order of their time, then of their arrival. */
export interface Cursor {
  readonly taken_at_ms: number;
  readonly id: number;
}

/** A cursor as text, and back. */
export const writeCursor = ({ taken_at_ms, id }: Cursor) => `${taken_at_ms}_${id}`;

export function readCursor(text: string): Cursor {
  const [taken_at_ms, id] = text.split('_').map(Number);
  return { taken_at_ms: taken_at_ms ?? START.taken_at_ms, id: id ?? 0 };
}

export const START: Cursor = { taken_at_ms: -(2 ** 53) + 1, id: 0 };

/** Which records a query means: SQL for the index that fits, and its values. */
interface Filter {
  readonly from: string;
  readonly where: string;
  readonly values: readonly SQLInputValue[];
}

/** Ids that a query may see: nothing that was dropped, nothing that came after it began. */
export interface Bounds {
  readonly idMin: number;
  readonly idMax: number;
}

/** Bounds for a query that begins now, over the segments of these numbers. */
export function boundsOf(database: DatabaseSync, numbers: readonly number[]): Bounds {
  const newest = database.prepare('SELECT max(id) AS id FROM records').get()?.id;
  return { idMin: idBase(numbers[0] ?? 0), idMax: Number(newest ?? 0) };
}

/** The next places after the cursor. */
export function nextPage(
  database: DatabaseSync,
  query: LogQuery,
  bounds: Bounds,
  after: Cursor,
  limit: number,
): Place[] {
  const { from, where, values } = toFilter(query, bounds);
  return database
    .prepare(
      `SELECT id, bytes, taken_at_ms FROM ${from}
       WHERE (taken_at_ms, id) > (?, ?) AND ${where} ORDER BY taken_at_ms, id LIMIT ?`,
    )
    .all(after.taken_at_ms, after.id, ...values, limit)
    .map((row) => ({ id: Number(row.id), bytes: Number(row.bytes), taken_at_ms: Number(row.taken_at_ms) }));
}

/** The cursor at the end of an answer that begins after `after`; undefined when the answer is empty. */
export function endOfAnswer(
  database: DatabaseSync,
  query: LogQuery,
  bounds: Bounds,
  after: Cursor,
  limit: number | undefined,
): Cursor | undefined {
  const { from, where, values } = toFilter(query, bounds);
  const select = `SELECT taken_at_ms, id FROM ${from} WHERE (taken_at_ms, id) > (?, ?) AND ${where}`;
  const start = [after.taken_at_ms, after.id, ...values];
  const atLimit =
    limit === undefined
      ? undefined
      : database.prepare(`${select} ORDER BY taken_at_ms, id LIMIT 1 OFFSET ?`).get(...start, limit - 1);
  const row =
    atLimit ?? database.prepare(`${select} ORDER BY taken_at_ms DESC, id DESC LIMIT 1`).get(...start);
  return row && { taken_at_ms: Number(row.taken_at_ms), id: Number(row.id) };
}

/** The cursor before the newest `count` records. */
export function beforeNewest(database: DatabaseSync, query: LogQuery, bounds: Bounds, count: number): Cursor {
  const { from, where, values } = toFilter(query, bounds);
  const row = database
    .prepare(
      `SELECT taken_at_ms, id FROM ${from} WHERE ${where} ORDER BY taken_at_ms DESC, id DESC LIMIT 1 OFFSET ?`,
    )
    .get(...values, count);
  return row === undefined ? START : { taken_at_ms: Number(row.taken_at_ms), id: Number(row.id) };
}

/** Where the record of this name is, or undefined. */
export function findRecord(database: DatabaseSync, bootId: string, sequence: number): Place | undefined {
  const row = database
    .prepare(
      `SELECT id, bytes, taken_at_ms FROM records
       WHERE boot = (SELECT ref FROM boots WHERE boot_id = ?) AND sequence = ?`,
    )
    .get(bootId, sequence);
  return row && { id: Number(row.id), bytes: Number(row.bytes), taken_at_ms: Number(row.taken_at_ms) };
}

/** What all segments, or one, hold of each boot. */
export function heldRuns(database: DatabaseSync, segment?: number): Run[] {
  return database
    .prepare(
      `SELECT host, boot_id, first, last FROM ranges JOIN boots ON boots.ref = boot
       WHERE segment = ifnull(?, segment) ORDER BY boot, first`,
    )
    .all(segment ?? null)
    .map(({ host, boot_id, first, last }) => ({
      host: String(host),
      boot_id: String(boot_id),
      first: Number(first),
      last: Number(last),
    }));
}

/** Lines that are no records, or repeat one: how many, and the places of the first. */
export function damagedLines(database: DatabaseSync, shownMax: number) {
  const count = database.prepare('SELECT count(*) AS count FROM damaged').get()?.count;
  const places = database
    .prepare('SELECT segment, line FROM damaged ORDER BY segment, line LIMIT ?')
    .all(shownMax)
    .map(({ segment, line }) => ({ segment: Number(segment), line: Number(line) }));
  return { count: Number(count), places };
}

/** Number of records in each segment, and the time they span. */
export function segmentFigures(database: DatabaseSync) {
  return database
    .prepare('SELECT number, records, first_ms, last_ms FROM segments')
    .all()
    .map(({ number, records, first_ms, last_ms }) => ({
      number: Number(number),
      records: Number(records),
      firstMs: first_ms === null ? undefined : Number(first_ms),
      lastMs: last_ms === null ? undefined : Number(last_ms),
    }));
}

function toFilter(query: LogQuery, { idMin, idMax }: Bounds): Filter {
  const conditions = ['id >= ?', 'id <= ?'];
  const values: SQLInputValue[] = [idMin, idMax];
  const add = (condition: string, ...more: SQLInputValue[]) => {
    conditions.push(condition);
    values.push(...more);
  };
  if (query.since !== undefined) add('taken_at_ms >= ?', Date.parse(query.since));
  if (query.until !== undefined) add('taken_at_ms <= ?', Date.parse(query.until));
  if (query.type !== undefined) add('type = ?', query.type);
  let index = query.type === undefined ? 'records_time' : 'records_type';
  if (query.container !== undefined) {
    index = 'records_container';
    add(
      `container IN (SELECT ref FROM containers WHERE container_name = ?
         UNION SELECT ref FROM containers WHERE container_id >= ? AND container_id < ?)`,
      query.container,
      query.container,
      `${query.container}g`,
    );
  }
  return { from: `records INDEXED BY ${index}`, where: conditions.join(' AND '), values };
}
