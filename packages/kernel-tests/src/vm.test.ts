import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LogBatch } from 'contract';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { attemptsOf, complaintsIn, documentOf, resultsOf, textOf } from './results.ts';

const batch = Compile(LogBatch);
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

describe.each(resultsOf('vm'))('the main job in a Debian 12 guest', (guest) => {
  it.each(attemptsOf(guest))('%s', (name, code) => {
    expect(code, textOf(guest, `${name}.txt`)).toBe(0);
  });

  it('runs on cgroup v2 with systemd', () => {
    expect(textOf(guest, 'docker.txt')).toMatch(/cgroup 2 systemd/);
  });

  it('builds and loads the module, and has it as its sensor', () => {
    expect(textOf(guest, 'screen.txt')).toMatch(
      /module: building.*module: loaded, \/proc\/sysinfo_202400001.*sensor: module/s,
    );
    expect(textOf(guest, 'lsmod-during.txt')).toMatch(/^sysinfo /m);
  });

  it.each(['sysinfo.json', 'sysinfo_so1.json'])('reads %s as the contract says', (file) => {
    expect(documentOf(guest, file)).toMatchObject({ sensor: 'module', truncated: false });
  });

  it('sees the containers of Docker, each with the figures of its cgroup', () => {
    const { containers, processes } = documentOf(guest, 'sysinfo.json');
    expect(containers.length).toBeGreaterThanOrEqual(5);
    for (const container of containers) {
      expect(container).toMatchObject({ cpu_source: 'cgroup', memory_usage_kb: expect.any(Number) });
      expect(processes.some((process) => process.container_id === container.id)).toBe(true);
    }
  });

  it('leaves two high and three low containers', () => {
    expect(JSON.parse(textOf(guest, 'alive.json'))).toEqual({ high: 2, low: 3 });
  });

  it('leaves a log that is valid, with records of both kinds, all of them by the module', () => {
    const records: unknown = JSON.parse(textOf(guest, 'volumes/logs/logs.json'));
    expect([...batch.Errors(records)]).toEqual([]);
    if (!batch.Check(records)) return;
    expect(new Set(records.map(({ type }) => type))).toEqual(new Set(['memory', 'process']));
    expect(new Set(records.map(({ sensor }) => sensor))).toEqual(new Set(['module']));
    expect(records.filter(({ type }) => type === 'memory').length).toBeGreaterThanOrEqual(6);
  });

  it.each(['memory', 'containers'])('leaves the chart of %s', (name) => {
    const picture = readFileSync(join(guest, 'volumes/graphs', `${name}.png`));
    expect(picture.subarray(0, PNG.length)).toEqual(PNG);
    expect(picture.length).toBeGreaterThan(10_000);
  });

  it('has two lines in the crontab while it runs, and none after Ctrl-C', () => {
    const lines = (file: string) => textOf(guest, file).split('\n').length;
    expect(lines('crontab-during.txt')).toBeGreaterThanOrEqual(lines('crontab-before.txt') + 2);
    expect(textOf(guest, 'crontab-after.txt')).toBe(textOf(guest, 'crontab-before.txt'));
  });

  it.each(['accuracy-parts', 'accuracy-whole'])('loads what is built, without headers: %s', (name) => {
    expect(textOf(guest, `${name}.txt`)).toContain('module: loaded, /proc/sysinfo_202400001');
  });

  it('has the module unloaded after Ctrl-C, and the kernel has nothing to complain about', () => {
    expect(textOf(guest, 'lsmod-after.txt')).not.toMatch(/^(sysinfo|continfo) /m);
    const ours = complaintsIn(guest).filter((line) =>
      /sysinfo|continfo|BUG|WARNING|Oops|RCU|Call Trace/.test(line),
    );
    expect(ours).toEqual([]);
  });
});
