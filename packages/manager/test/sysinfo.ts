import type { Sysinfo } from 'contract';

/** A frame of a host without containers, with these changes. */
export const sampleSysinfo = (change: Partial<Sysinfo> = {}): Sysinfo => ({
  version: 1,
  sensor: 'procfs',
  sequence: 1,
  taken_at: '2026-11-21T10:00:00.000Z',
  monotonic_us: 10_000_000,
  truncated: false,
  memory: { total_kb: 1000, free_kb: 500, available_kb: 600, used_kb: 500 },
  cpu: { online: 2, busy_us: 0, idle_us: 0 },
  containers: [],
  processes: [],
  ...change,
});
