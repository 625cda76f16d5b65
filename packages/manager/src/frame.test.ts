import type { ContainerUsage, ProcessUsage } from 'contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleSysinfo } from '../test/sysinfo.ts';
import { cpuPercent, type EngineContainer, joinFrame, ramKb } from './frame.ts';

const id = 'a'.repeat(64);

const usage = (change: Partial<ContainerUsage> = {}): ContainerUsage => ({
  id,
  tasks: 2,
  cpu_us: 1_000_000,
  cpu_source: 'cgroup',
  memory_usage_kb: 5000,
  inactive_file_kb: 1000,
  memory_percent: 0.1,
  rss_kb: 6000,
  vsz_kb: 9000,
  read_bytes: 0,
  written_bytes: 0,
  ...change,
});

const processUsage = (change: Partial<ProcessUsage>): ProcessUsage => ({
  pid: 10,
  name: 'sh',
  command_line: 'sh',
  container_id: id,
  state: 'S',
  vsz_kb: 1,
  rss_kb: 1,
  memory_percent: 0,
  cpu_percent: 0,
  cpu_us: 0,
  start_us: 100,
  read_bytes: null,
  written_bytes: null,
  ...change,
});

const container: EngineContainer = {
  id,
  name: 'one',
  image: 'gestor/low-idle',
  labels: {},
  state: 'running',
  status: 'Up',
  createdAtMs: 0,
};

describe('CPU use between two frames', () => {
  it('is the share of one core', () => {
    expect(cpuPercent(usage({ cpu_us: 2_500_000 }), 20_000_000, usage(), 10_000_000)).toBe(15);
  });

  it('can be more than one core', () => {
    expect(cpuPercent(usage({ cpu_us: 21_000_000 }), 20_000_000, usage(), 10_000_000)).toBe(200);
  });

  it.each([
    ['there was no frame before', usage(), undefined, 10],
    ['the counter went backwards', usage({ cpu_us: 1 }), usage(), 10],
    ['no time passed', usage(), usage(), 20],
    ['the clock went backwards', usage(), usage(), 30],
    ['the counter is another one', usage({ cpu_source: 'tasks' }), usage(), 10],
  ])('is unknown when %s', (_what, now, before, beforeUs) => {
    expect(cpuPercent(now, 20, before, beforeUs)).toBeNull();
  });

  it('is never negative and never NaN', () => {
    const count = fc.nat(Number.MAX_SAFE_INTEGER);
    fc.assert(
      fc.property(count, count, count, count, (now, nowUs, before, beforeUs) => {
        const percent = cpuPercent(usage({ cpu_us: now }), nowUs, usage({ cpu_us: before }), beforeUs);
        expect(percent === null || percent >= 0).toBe(true);
      }),
    );
  });
});

describe('memory a container works with', () => {
  it('is the usage less inactive page cache', () => {
    expect(ramKb(usage())).toBe(4000);
  });

  it('is never negative', () => {
    expect(ramKb(usage({ inactive_file_kb: 6000 }))).toBe(0);
  });

  it('is the usage where inactive page cache is unknown', () => {
    expect(ramKb(usage({ inactive_file_kb: null }))).toBe(5000);
  });

  it('is resident memory where the cgroup says nothing', () => {
    expect(ramKb(usage({ memory_usage_kb: null }))).toBe(6000);
  });
});

describe('joining what the engine and the sensor see', () => {
  it('gives each container its figures and its oldest process', () => {
    const before = sampleSysinfo({ monotonic_us: 0, containers: [usage({ cpu_us: 0 })] });
    const processes = [
      processUsage({ pid: 12, start_us: 100 }),
      processUsage({ pid: 11, start_us: 100 }),
      processUsage({ pid: 5, start_us: 200 }),
      processUsage({ pid: 1, start_us: 1, container_id: null }),
    ];
    const [subject] = joinFrame(sampleSysinfo({ containers: [usage()], processes }), before, [
      container,
    ]).subjects;
    expect(subject?.figures).toEqual({ cpuPercent: 10, ramKb: 4000, vszKb: 9000, rssKb: 6000 });
    expect(subject?.mainProcess?.pid).toBe(11);
    expect(subject?.tasks).toBe(2);
  });

  it('leaves unknown what the sensor did not see', () => {
    const [subject] = joinFrame(sampleSysinfo({}), null, [container]).subjects;
    expect(subject).toMatchObject({ figures: null, mainProcess: null, tasks: 0 });
  });

  it('leaves out what the engine does not know', () => {
    expect(joinFrame(sampleSysinfo({ containers: [usage()] }), null, []).subjects).toEqual([]);
  });
});
