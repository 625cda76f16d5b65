import type { MemoryRecord, ProcessRecord } from 'contract';

export const BOOT = '01234567-89ab-4cde-8f01-23456789abcd';

const ORIGIN = {
  taken_at: '2026-11-21T10:00:00.000Z',
  host: 'host',
  boot_id: BOOT,
  sequence: 1,
  sensor: 'procfs',
} as const;

/** A valid memory record with the given changes, for tests. */
export function memory(changes: Partial<MemoryRecord> = {}): MemoryRecord {
  const figures = { total_kb: 1000, free_kb: 600, available_kb: 700, used_kb: 400, used_percent: 40 };
  return { type: 'memory', ...ORIGIN, ...figures, ...changes };
}

/** A valid process record with the given changes, for tests. */
export function process(changes: Partial<ProcessRecord> = {}): ProcessRecord {
  return {
    type: 'process',
    ...ORIGIN,
    container_id: '0123456789abcdef'.repeat(4),
    container_name: 'high-cpu-0123',
    image: 'gestor/high-cpu',
    kind: 'high',
    pid: 42,
    name: 'sh',
    command_line: 'sh -c work',
    tasks: 1,
    cpu_percent: 12.5,
    ram_kb: 500,
    memory_percent: 50,
    vsz_kb: 4000,
    rss_kb: 500,
    fate: 'kept',
    reason: 'one of the 2 that use most',
    ...changes,
  };
}
