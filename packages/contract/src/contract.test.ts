import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { Sysinfo } from './index.ts';

const check = Compile(Sysinfo);

const frame = {
  version: 1,
  sensor: 'procfs',
  sequence: 1,
  taken_at: '2026-11-21T10:00:00.000Z',
  monotonic_us: 5_000_000,
  truncated: false,
  memory: { total_kb: 1000, free_kb: 200, available_kb: 500, used_kb: 800 },
  cpu: { online: 2, busy_us: 10, idle_us: 20 },
  containers: [],
  processes: [],
};

describe('the sysinfo document', () => {
  it('accepts a frame without containers', () => {
    expect(check.Check(frame)).toBe(true);
  });

  it.each([
    ['another version', { version: 2 }],
    ['a count as text', { monotonic_us: '5' }],
    ['a time without zone', { taken_at: '2026-11-21T10:00:00' }],
    ['a negative count', { memory: { ...frame.memory, free_kb: -1 } }],
    ['no memory', { memory: undefined }],
  ])('refuses %s', (_what, change) => {
    expect(check.Check({ ...frame, ...change })).toBe(false);
  });
});
