import { describe, expect, it } from 'vitest';
import { openGuest } from './guest.ts';
import type { ProcProcess } from './proc-text.ts';
import { resultsOf } from './results.ts';

const TICK_US = 10_000;
const COMMAND_LINE_MAX = 4096;
const SPACE = 0x20;

describe.each(resultsOf('kernel-'))('%s', (guest) => {
  const { all, pairs, processOf } = openGuest(guest);

  it.each(pairs.map((pair) => [pair.process.pid, pair] as const))(
    'agrees with /proc/%i',
    (_pid, { process, from, to }) => {
      // Of kernel threads /proc knows more than the 15 bytes of a task's name: the rest of it, a worker's work.
      const name = from.comm.toString();
      expect(from.kernelThread ? name.slice(0, process.name.length) : name).toBe(process.name);
      // On cgroup v1, /proc says of a zombie that it is in the root; the module still knows its container.
      if (from.state !== 'Z') expect(process.container_id).toBe(from.containerId);
      // Kernel threads wake up and sleep again within the moment that is between the captures.
      if (!from.kernelThread && from.state === to.state && from.state !== 'R')
        expect(process.state).toBe(from.state);
      expect(process.start_us).toBeGreaterThanOrEqual(from.startTicks * TICK_US);
      expect(process.start_us).toBeLessThan((from.startTicks + 1) * TICK_US);
      expect(process.cpu_us).toBeGreaterThan((from.cpuTicks - 2) * TICK_US);
      expect(process.cpu_us).toBeLessThan((to.cpuTicks + 2) * TICK_US);
      expect(process.read_bytes).toBeGreaterThanOrEqual(from.readBytes);
      expect(process.read_bytes).toBeLessThanOrEqual(to.readBytes);
      expect(process.written_bytes).toBeGreaterThanOrEqual(from.writtenBytes);
      expect(process.written_bytes).toBeLessThanOrEqual(to.writtenBytes);
      expect(process.memory_percent).toBeCloseTo((process.rss_kb / all.memory.total_kb) * 100, 2);
      const lifetimeUs = all.monotonic_us - process.start_us;
      expect(process.cpu_percent).toBeCloseTo((process.cpu_us / lifetimeUs) * 100, 1);
    },
  );

  it('agrees with VmSize and VmRSS where nothing moves, kernel threads and zombies included', () => {
    const still = pairs.filter(({ process, from, to }) => {
      const headless = process === processOf('headless');
      return !headless && from.vszKb === to.vszKb && from.rssKb === to.rssKb;
    });
    expect(still.length).toBeGreaterThan(40);
    expect(still.map(({ process: { pid, vsz_kb, rss_kb } }) => [pid, vsz_kb, rss_kb])).toEqual(
      still.map(({ process, from }) => [process.pid, from.vszKb, from.rssKb]),
    );
  });

  it('shows the arguments of every process as /proc/<pid>/cmdline has them, joined by spaces', () => {
    const expected = ({ commandLine }: ProcProcess) => {
      const cut = commandLine.subarray(0, COMMAND_LINE_MAX);
      const text = Buffer.from(cut.map((byte) => byte || SPACE)).toString();
      if (commandLine.length > COMMAND_LINE_MAX) return text.replace(/[ \uFFFD]$/, '');
      return cut.at(-1) === 0 ? text.slice(0, -1) : text;
    };
    expect(pairs.map(({ process }) => [process.pid, process.command_line])).toEqual(
      pairs.map(({ from }) => [from.pid, expected(from)]),
    );
  });

  it('survives odd names and arguments', () => {
    expect(processOf('quotes')).toMatchObject({
      name: 'q"uo\\te\n\t\r',
      command_line: 'a"b c\\d line\nbreak tab\tbell\u0007 \u0001\u0002\u001f\u007f',
    });
    expect(processOf('utf8')).toMatchObject({ name: 'ñandú 日', command_line: '😀 日本 \u0080 \u{10FFFF}' });
    expect(processOf('not_utf8')?.command_line).toContain('over\uFFFD\uFFFDlong');
    expect(processOf('none')).toMatchObject({ name: '', command_line: '' });
    expect(processOf('long')?.command_line).toBe('x'.repeat(4096));
    expect(processOf('many')?.command_line).toMatch(/^[ €]+$/);
    expect(processOf('empty')?.command_line).toBe('  ');
    expect(processOf('title')?.command_line).toMatch(/^t{25}/);
  });

  it('shows odd states, and the memory of threads whose leader has gone', () => {
    expect(processOf('stopped')?.state).toBe('T');
    expect(processOf('headless')?.state).toBe('Z');
    expect(processOf('headless')?.rss_kb).toBeGreaterThan(8 << 10);
    expect(all.processes.filter(({ state, name }) => state === 'Z' && name === 'zombie')).toHaveLength(1);
    expect(processOf('memory')?.rss_kb).toBeGreaterThan(72 << 10);
    expect(processOf('memory')?.vsz_kb).toBeGreaterThan(64 << 20);
  });

  it('counts the threads and children that have gone', () => {
    expect(processOf('worker')?.cpu_us).toBeGreaterThan(240_000);
    expect(processOf('storage')?.written_bytes).toBe(3 * 10 * 4096);
  });
});
