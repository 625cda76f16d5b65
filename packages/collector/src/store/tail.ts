import { type DiskFile, readRange } from './disk.ts';

/** Where a log file's last whole record ends, and what lies behind it. */
export interface Tail {
  /** Offset just after the last whole record; 1, just after the opening bracket, when there is none. */
  readonly end: number;
  /** Offset from which the file is torn or foreign and is to be cut; undefined when the file is in order. */
  readonly cutFrom: number | undefined;
}

const FIRST_WINDOW_BYTES = 64 * 1024;
const RECORD_LINE = /^([ \t]*\{.*\})( ?)([,\]]{0,2})\r?$/s;

/**
 * Finds the end of the last whole batch by reading backwards from the end of the file, so that the time
 * does not depend on the file's size but on how much of its tail is torn.
 */
export async function findEnd(file: DiskFile, size: number): Promise<Tail> {
  if (size === 0) return { end: 1, cutFrom: 0 };
  for (let window = FIRST_WINDOW_BYTES; ; window *= 8) {
    const from = Math.max(0, size - window);
    const tail = endIn(await readRange(file, from, size), from);
    if (tail !== undefined) return tail;
  }
}

/** The same within the file's last bytes, which start at `from`; undefined when more must be read. */
export function endIn(bytes: Buffer, from: number): Tail | undefined {
  // No record holds a raw newline, so this is the array's own bracket and not part of a torn text.
  const closed = /\n\]\s*$/.test(bytes.toString('latin1', bytes.length - 16));
  let lineEnd = bytes.length;
  let terminated = false;
  while (lineEnd > 0) {
    const lineStart = bytes.lastIndexOf(0x0a, lineEnd - 1) + 1;
    if (lineStart === 0 && from > 0) return undefined;
    const length = finishedRecord(bytes.subarray(lineStart, lineEnd), terminated, closed);
    if (length !== undefined) {
      const end = lineStart + length;
      return { end: from + end, cutFrom: bytes.toString('latin1', end) === '\n]\n' ? undefined : from + end };
    }
    lineEnd = lineStart - 1;
    terminated = true;
  }
  const text = bytes.toString('latin1');
  return { end: 1, cutFrom: text === '[\n]\n' ? undefined : text.startsWith('[') ? 1 : 0 };
}

/**
 * Length of the record in this line, if it is whole and may end the log: in a file that ends without its
 * bracket, a write was torn, and a blank before the comma says that the batch was to go on.
 */
function finishedRecord(line: Buffer, terminated: boolean, closed: boolean): number | undefined {
  const [, record = '', blank, mark] = RECORD_LINE.exec(line.toString('latin1')) ?? [];
  if (record === '' || !isJson(line.subarray(0, record.length))) return undefined;
  return closed || (blank === '' && (terminated || mark !== '')) ? record.length : undefined;
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}
