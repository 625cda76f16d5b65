import { existsSync } from 'node:fs';
import type { Sysinfo } from 'contract';
import { GestorError, messageOf } from '../errors.ts';
import { completeFromCgroups } from './complete.ts';
import { readModule } from './module.ts';
import { readProcfs } from './procfs.ts';

/** How long one reading may take: a process stuck in the kernel can block whoever reads its memory. */
const READ_LIMIT_MS = 5000;

/** Where frames come from. It stays the same for a whole run. */
export interface Sensor {
  readonly name: Sysinfo['sensor'];
  /** For people: what it reads. */
  readonly source: string;
  /** @throws GestorError with a SENSOR_… code */
  read(): Promise<Sysinfo>;
}

async function withinLimit(reading: Promise<Sysinfo>, source: string, limitMs: number): Promise<Sysinfo> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const message = `${source} has not answered for ${limitMs / 1000} s: a process it looks at may be stuck.`;
    late.reject(new GestorError('SENSOR_STUCK', message));
  }, limitMs);
  try {
    return await Promise.race([reading, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

export function moduleSensor(path: string, limitMs = READ_LIMIT_MS): Sensor {
  const read = async () => completeFromCgroups(await readModule(path));
  return { name: 'module', source: path, read: () => withinLimit(read(), path, limitMs) };
}

function procfsSensor(source: string, limitMs = READ_LIMIT_MS): Sensor {
  let sequence = 0;
  const read = async () => {
    try {
      sequence += 1;
      return await withinLimit(readProcfs(sequence), '/proc', limitMs);
    } catch (error) {
      if (error instanceof GestorError) throw error;
      throw new GestorError('SENSOR_UNREADABLE', `/proc can't be read: ${messageOf(error)}`, error);
    }
  };
  return { name: 'procfs', source, read };
}

/** The module where it is loaded, else the procfs sensor; `wanted` other than `auto` settles it. */
export function chooseSensor(wanted: 'auto' | Sysinfo['sensor'], path: string): Sensor {
  const modular = wanted === 'module' || (wanted === 'auto' && existsSync(path));
  return modular ? moduleSensor(path) : procfsSensor('/proc and the cgroup files');
}
