import { describe, expect, it } from 'vitest';
import { CONTAINER_IDS, openGuest } from './guest.ts';
import { documentOf, has, resultsOf, textOf } from './results.ts';

const numberIn = (text: string, pattern: RegExp) => Number(pattern.exec(text)?.[1]);

describe.each(resultsOf('kernel-'))('%s', (guest) => {
  const { all, processOf } = openGuest(guest);
  const containers = documentOf(guest, 'sysinfo.json');

  it('shows in the container document exactly the processes of containers', () => {
    const inContainers = all.processes.filter((process) => process.container_id !== null);
    expect(containers.processes.map(({ pid }) => pid)).toEqual(inContainers.map(({ pid }) => pid));
    expect(documentOf(guest, 'continfo_so1.json').processes).toHaveLength(inContainers.length);
    expect(containers.containers.map(({ id }) => id).sort()).toEqual(CONTAINER_IDS);
  });

  it('never takes the monitor of a container for the container', () => {
    expect(textOf(guest, 'results')).toContain('monitor 0');
    expect(all.containers).toHaveLength(3);
  });

  it.each(CONTAINER_IDS)('adds up container %s', (id) => {
    const own = all.processes.filter((process) => process.container_id === id);
    const container = all.containers.find((entry) => entry.id === id);
    const sum = (key: 'rss_kb' | 'vsz_kb') => own.reduce((total, process) => total + process[key], 0);
    expect(container).toMatchObject({ rss_kb: sum('rss_kb'), vsz_kb: sum('vsz_kb') });
    const zombies = own.filter(({ state, rss_kb }) => state === 'Z' && rss_kb === 0);
    expect(container?.tasks).toBe(own.length - zombies.length);
  });

  it.each(CONTAINER_IDS)('agrees with the cgroup files of container %s', (id) => {
    const container = all.containers.find((entry) => entry.id === id);
    const [from, to] = ['before', 'after'].map((moment) => `${moment}/cgroups/${id}`);
    const usage = ['memory.current', 'memory.usage_in_bytes'].find((file) => has(guest, `${from}/${file}`));
    if (usage === undefined) {
      // Newer kernels have no memory controller for cgroup v1.
      expect(container).toMatchObject({ memory_usage_kb: null, memory_limit_kb: null });
    } else {
      const range = [from, to].map((at) => numberIn(textOf(guest, `${at}/${usage}`), /(\d+)/) / 1024);
      expect(container?.memory_usage_kb).toBeGreaterThanOrEqual(Math.min(...range));
      expect(container?.memory_usage_kb).toBeLessThanOrEqual(Math.max(...range));
      expect(container?.memory_limit_kb).toBe(id === CONTAINER_IDS[0] ? 512 << 10 : null);
    }
    if (!has(guest, `${from}/cpu.stat`)) {
      expect(container?.cpu_source).toBe('tasks');
      return;
    }
    const cpu = [from, to].map((at) => numberIn(textOf(guest, `${at}/cpu.stat`), /usage_usec (\d+)/));
    expect(container?.cpu_source).toBe('cgroup');
    expect(container?.cpu_us).toBeGreaterThanOrEqual(cpu[0] ?? Number.NaN);
    expect(container?.cpu_us).toBeLessThanOrEqual(cpu[1] ?? Number.NaN);
  });

  it('counts dead children in the container', () => {
    const id = processOf('worker')?.container_id;
    const container = all.containers.find((entry) => entry.id === id);
    expect(container?.cpu_us).toBeGreaterThan((processOf('worker')?.cpu_us ?? 0) + 140_000);
  });
});
