import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CgroupDirectories } from './cgroup.ts';
import { wordLine } from './proc-text.ts';

/** A process may end, and a cgroup with it, between any two reads: what is gone reads as null. */
export const readOrNull = (path: string): Promise<string | null> => readFile(path, 'utf8').catch(() => null);

async function readNumber(path: string): Promise<number | null> {
  const text = await readOrNull(path);
  return text === null || !/^\d+\n?$/.test(text) ? null : Number(text);
}

/** CPU time in microseconds, from whichever of the two cgroup versions accounts for it. */
export async function readCgroupCpu({ cpuacct, unified }: CgroupDirectories): Promise<number | null> {
  if (cpuacct !== undefined) {
    const ns = await readNumber(join(cpuacct, 'cpuacct.usage'));
    if (ns !== null) return Math.floor(ns / 1000);
  }
  if (unified === undefined) return null;
  return wordLine((await readOrNull(join(unified, 'cpu.stat'))) ?? '', 'usage_usec');
}

/** Memory charged to the cgroup, and the part of it that is page cache nobody used lately. */
export async function readCgroupMemory({ memory, unified }: CgroupDirectories) {
  const [directory, usageFile, inactiveKey] =
    memory !== undefined
      ? [memory, 'memory.usage_in_bytes', 'total_inactive_file']
      : [unified, 'memory.current', 'inactive_file'];
  if (directory === undefined) return { usageKb: null, inactiveKb: null };
  const usage = await readNumber(join(directory, usageFile));
  const inactive = wordLine((await readOrNull(join(directory, 'memory.stat'))) ?? '', inactiveKey);
  const kb = (bytes: number | null) => (bytes === null ? null : Math.floor(bytes / 1024));
  return { usageKb: kb(usage), inactiveKb: kb(inactive) };
}
