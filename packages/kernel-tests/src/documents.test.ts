import { describe, expect, it } from 'vitest';
import { openGuest } from './guest.ts';
import { attemptsOf, complaintsIn, documentOf, resultsOf, textOf } from './results.ts';

const TICK_US = 10_000;

const numberIn = (text: string, pattern: RegExp) => Number(pattern.exec(text)?.[1]);

describe.each(resultsOf('kernel-'))('%s', (guest) => {
  const { all, before, after, pairs } = openGuest(guest);

  it.each(attemptsOf(guest))('%s', (_name, code) => {
    expect(code).toBe(0);
  });

  it('has nothing to complain about', () => {
    expect(complaintsIn(guest)).toEqual([]);
  });

  it('says why it refuses parameters', () => {
    const refusals = textOf(guest, 'refusals.txt');
    expect(refusals).toContain('carnet must be 1 to 20 digits and nothing else, as in carnet=202400001');
    expect(refusals).toContain('mode must be octal and give no more than reading, as in mode=0440');
  });

  it.each(['sysinfo.json', 'sysinfo_so1.json', 'continfo_so1.json', 'later.json', 'silent.json'])(
    'prints %s as the contract says',
    (file) => {
      expect(documentOf(guest, file)).toMatchObject({ sensor: 'module', truncated: false });
    },
  );

  it('lists every process that /proc lists, once, in the order of pids', () => {
    const pids = all.processes.map(({ pid }) => pid);
    expect(pids).toEqual([...new Set(pids)].sort((a, b) => a - b));
    const lasting = [...before.keys()].filter((pid) => after.has(pid));
    expect(lasting.filter((pid) => !pids.includes(pid))).toEqual([]);
    expect(all.process_count).toBe(pids.length);
    expect(pairs.length).toBeGreaterThan(40);
  });

  it('agrees with /proc/meminfo and /proc/stat', () => {
    const meminfo = ['before', 'after'].map((moment) => textOf(guest, `${moment}/meminfo`));
    const near = 8192;
    for (const text of meminfo) {
      expect(all.memory.total_kb).toBe(numberIn(text, /MemTotal:\s+(\d+)/));
      expect(Math.abs(all.memory.free_kb - numberIn(text, /MemFree:\s+(\d+)/))).toBeLessThan(near);
      expect(Math.abs(all.memory.available_kb - numberIn(text, /MemAvailable:\s+(\d+)/))).toBeLessThan(near);
    }
    expect(all.memory.used_kb).toBe(all.memory.total_kb - all.memory.free_kb);
    const [from, to] = ['before', 'after'].map((moment) => {
      const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0] = textOf(
        guest,
        `${moment}/stat`,
      )
        .split(/\s+/)
        .slice(1, 8)
        .map(Number);
      return { busy: user + nice + system + irq + soft, idle: idle + wait };
    });
    expect(all.cpu.busy_us).toBeGreaterThan(((from?.busy ?? 0) - 5) * TICK_US);
    expect(all.cpu.busy_us).toBeLessThan(((to?.busy ?? 0) + 5) * TICK_US);
    expect(all.cpu.idle_us).toBeGreaterThan(((from?.idle ?? 0) - 5) * TICK_US);
    expect(all.cpu.idle_us).toBeLessThan(((to?.idle ?? 0) + 5) * TICK_US);
    expect(all.cpu.online).toBe(2);
  });

  it('only ever counts up', () => {
    const later = documentOf(guest, 'later.json');
    expect(later.sequence).toBeGreaterThan(all.sequence);
    expect(later.monotonic_us).toBeGreaterThan(all.monotonic_us);
    expect(Date.parse(later.taken_at)).toBeGreaterThan(Date.parse(all.taken_at));
    expect(later.cpu.busy_us).toBeGreaterThanOrEqual(all.cpu.busy_us);
    expect(later.cpu.idle_us).toBeGreaterThanOrEqual(all.cpu.idle_us);
    for (const container of later.containers)
      expect(container.cpu_us).toBeGreaterThanOrEqual(
        all.containers.find(({ id }) => id === container.id)?.cpu_us ?? Number.NaN,
      );
  });

  it('keeps command lines to itself when it is told to', () => {
    expect(new Set(documentOf(guest, 'silent.json').processes.map((p) => p.command_line))).toEqual(
      new Set(['']),
    );
  });
});
