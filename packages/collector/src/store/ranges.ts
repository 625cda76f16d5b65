import type { DatabaseSync } from 'node:sqlite';
import type { Range } from './intervals.ts';

/** Adds to the sequence numbers that a segment holds of a boot, joining the ranges that touch. */
export function addRange(
  database: DatabaseSync,
  segment: number,
  boot: number,
  { first, last }: Range,
): void {
  const merged = { first, last };
  for (const range of overlapping(database, segment, boot, first - 1, last + 1)) {
    merged.first = Math.min(merged.first, range.first);
    merged.last = Math.max(merged.last, range.last);
    deleteRange(database, segment, boot, range.first);
  }
  insertRange(database, segment, boot, merged);
}

/** Takes one sequence number away from what a segment holds of a boot. */
export function removeRange(database: DatabaseSync, segment: number, boot: number, sequence: number): void {
  for (const { first, last } of overlapping(database, segment, boot, sequence, sequence)) {
    deleteRange(database, segment, boot, first);
    if (first < sequence) insertRange(database, segment, boot, { first, last: sequence - 1 });
    if (sequence < last) insertRange(database, segment, boot, { first: sequence + 1, last });
  }
}

/** The ranges that share a number with [first, last]; they lie together, so reading stops at the first other. */
function overlapping(
  database: DatabaseSync,
  segment: number,
  boot: number,
  first: number,
  last: number,
): Range[] {
  const found: Range[] = [];
  const rows = database
    .prepare(
      'SELECT first, last FROM ranges WHERE segment = ? AND boot = ? AND first <= ? ORDER BY first DESC',
    )
    .iterate(segment, boot, last);
  for (const row of rows) {
    if (Number(row.last) < first) break;
    found.push({ first: Number(row.first), last: Number(row.last) });
  }
  return found;
}

function insertRange(database: DatabaseSync, segment: number, boot: number, { first, last }: Range): void {
  database.prepare('INSERT INTO ranges VALUES (?, ?, ?, ?)').run(segment, boot, first, last);
}

function deleteRange(database: DatabaseSync, segment: number, boot: number, first: number): void {
  database
    .prepare('DELETE FROM ranges WHERE segment = ? AND boot = ? AND first = ?')
    .run(segment, boot, first);
}
