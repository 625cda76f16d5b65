import { type DiskFile, readRange } from './disk.ts';

/** One line of a log file without its newline, and where it starts. */
export interface Line {
  readonly text: Buffer;
  readonly offset: number;
}

const CHUNK_BYTES = 256 * 1024;

/** The lines of the file between two offsets, chunk by chunk, so that memory is bounded by the longest line. */
export async function* readLines(file: Pick<DiskFile, 'read'>, start: number, end: number) {
  let rest: Buffer = Buffer.alloc(0);
  for (let at = start; at < end; ) {
    const chunk = await readRange(file, at, Math.min(end, at + CHUNK_BYTES));
    if (chunk.length === 0) break;
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const lines = splitLines(bytes, at - rest.length);
    const used = lines.reduce((sum, { text }) => sum + text.length + 1, 0);
    rest = bytes.subarray(used);
    at += chunk.length;
    yield lines;
  }
  if (rest.length > 0) yield [{ text: rest, offset: end - rest.length }];
}

function splitLines(bytes: Buffer, offset: number): Line[] {
  const lines: Line[] = [];
  let start = 0;
  for (let newline = bytes.indexOf(0x0a); newline !== -1; newline = bytes.indexOf(0x0a, start)) {
    lines.push({ text: bytes.subarray(start, newline), offset: offset + start });
    start = newline + 1;
  }
  return lines;
}

/** Where in a line its record's own text is, without comma and blanks; undefined where there is none. */
export function recordSpan(line: Buffer): { start: number; end: number } | undefined {
  let start = 0;
  let end = line.length;
  while (start < end && isFiller(line[start])) start++;
  while (end > start && isFiller(line[end - 1])) end--;
  return start < end ? { start, end } : undefined;
}

/** Whether a line holds nothing but the array's own brackets and commas. */
function isFiller(byte: number | undefined): boolean {
  return byte === 0x2c || byte === 0x20 || byte === 0x0d || byte === 0x09 || byte === 0x5b || byte === 0x5d;
}
