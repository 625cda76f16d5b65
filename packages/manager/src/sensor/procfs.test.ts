import { resolve } from 'node:path';
import { Sysinfo } from 'contract';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { readProcfs } from './procfs.ts';

const fixture = (name: string) => resolve(import.meta.dirname, '../../fixtures', name);
const clock = () => ({ takenAt: new Date('2026-11-21T10:00:00.000Z'), monotonicUs: 1_000_000 });
const check = Compile(Sysinfo);

describe('a captured host with cgroup v1', async () => {
  const sysinfo = await readProcfs(7, { root: fixture('cgroup-v1'), clock });
  const [ram, idle] = sysinfo.containers.toSorted((a, b) => (a.id < b.id ? -1 : 1));

  it('gives a document of the contract', () => {
    expect([...check.Errors(sysinfo)]).toEqual([]);
    expect(sysinfo).toMatchObject({
      version: 1,
      sensor: 'procfs',
      sequence: 7,
      taken_at: '2026-11-21T10:00:00.000Z',
      monotonic_us: 1_000_000,
      truncated: false,
    });
  });

  it('reads the memory and processors of the host', () => {
    const { total_kb, free_kb, used_kb } = sysinfo.memory;
    expect(total_kb).toBe(24_684_092);
    expect(used_kb).toBe(total_kb - free_kb);
    expect(sysinfo.cpu.online).toBe(2);
    expect(sysinfo.cpu.busy_us).toBeGreaterThan(0);
  });

  it("takes CPU time and memory from the container's cgroup", () => {
    expect(ram).toMatchObject({
      tasks: 3,
      cpu_us: 64_607,
      cpu_source: 'cgroup',
      memory_usage_kb: 99_136,
      inactive_file_kb: 0,
      rss_kb: (384 + 24_819 + 315) * 4,
    });
    expect(idle?.tasks).toBe(2);
  });

  it('leaves out processes that are in no container', () => {
    expect(sysinfo.processes.map(({ pid }) => pid).toSorted((a, b) => a - b)).toEqual([
      13_825, 13_928, 13_929, 14_121, 18_519,
    ]);
  });

  it('gives each process its own figures', () => {
    expect(sysinfo.processes.find(({ pid }) => pid === 13_928)).toMatchObject({
      name: 'dd',
      state: 'S',
      vsz_kb: 100_572,
      rss_kb: 99_276,
      memory_percent: 0.4,
      cpu_us: 40_000,
      start_us: 2_142_170_000,
    });
  });

  it('bears any bytes in names and command lines', () => {
    expect(sysinfo.processes.find(({ pid }) => pid === 18_519)).toMatchObject({
      name: 'a) R 1 ("\n\u001b[',
      state: 'S',
      command_line: 'ev"il\\\u001b[2J two\nlines  �� bad',
    });
  });
});

describe('a captured host with cgroup v2 and systemd', async () => {
  const sysinfo = await readProcfs(1, { root: fixture('cgroup-v2'), clock });
  const container = (start: string) => sysinfo.containers.find(({ id }) => id.startsWith(start));

  it('gives a document of the contract', () => {
    expect([...check.Errors(sysinfo)]).toEqual([]);
    expect(sysinfo.memory).toMatchObject({ total_kb: 4_020_992, free_kb: 3_014_164, used_kb: 1_006_828 });
    expect(sysinfo.containers).toHaveLength(3);
  });

  it("takes CPU time and memory from the container's cgroup", () => {
    expect(container('0c2c11ff')).toMatchObject({
      tasks: 3,
      cpu_us: 1_167_077,
      cpu_source: 'cgroup',
      memory_usage_kb: 55_440,
      inactive_file_kb: 76,
      rss_kb: (380 + 13_786 + 1) * 4,
    });
  });

  it('tells page cache that nobody used lately from what the collector works with', () => {
    expect(container('23ba9e86')).toMatchObject({ memory_usage_kb: 143_504, inactive_file_kb: 22_688 });
  });
});

it('reads the host it runs on', async () => {
  const sysinfo = await readProcfs(1);
  expect([...check.Errors(sysinfo)]).toEqual([]);
  expect(sysinfo.memory.total_kb).toBeGreaterThan(sysinfo.memory.available_kb);
});

it('says so when there is no /proc', async () => {
  await expect(readProcfs(1, { root: fixture('nowhere') })).rejects.toMatchObject({ code: 'ENOENT' });
});
