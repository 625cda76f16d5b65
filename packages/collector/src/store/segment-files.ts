import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Disk, syncDirectory, writeAll } from './disk.ts';

export interface ClosedSegment {
  readonly number: number;
  readonly bytes: number;
}

export const ACTIVE = 'logs.json';
const CLOSED = /^logs-(\d{6,12})\.json$/;

export const closedName = (number: number) => `logs-${String(number).padStart(6, '0')}.json`;

/** What tells that a file was changed. */
export function toStamp({ mtimeMs, size }: Stats): string {
  return `${mtimeMs} ${size}`;
}

/** The closed segments, oldest first. A file that was just being closed when the process ended is still logs.json. */
export async function findClosed(directory: string, disk: Disk): Promise<ClosedSegment[]> {
  const active = await stat(join(directory, ACTIVE)).catch(() => undefined);
  const closed: ClosedSegment[] = [];
  for (const name of await readdir(directory)) {
    const number = CLOSED.exec(name)?.[1];
    if (number === undefined) continue;
    const { ino, dev, size } = await stat(join(directory, name));
    if (active?.ino === ino && active.dev === dev) await disk.unlink(join(directory, name));
    else closed.push({ number: Number(number), bytes: size });
  }
  return closed.sort((a, b) => a.number - b.number);
}

/** Keeps bytes that are cut off a log file beside it. */
export async function keepAside(
  path: string,
  cut: Buffer,
  report: (message: string) => void,
  disk: Disk,
): Promise<void> {
  const time = new Date().toISOString().replaceAll(/[-:]/g, '');
  const aside = `${path}.torn-${time}-${randomBytes(2).toString('hex')}`;
  const file = await disk.open(aside, 'wx');
  try {
    await writeAll(file, cut, 0);
    await file.datasync();
  } finally {
    await file.close();
  }
  await syncDirectory(disk, dirname(path));
  report(`${path} ended in ${cut.length} bytes that are no whole batch; they are kept in ${aside}.`);
}
