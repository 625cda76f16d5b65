import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';
import { GestorError } from './errors.ts';

const read = (args: string, env: NodeJS.ProcessEnv = {}, terminal = true) =>
  readConfig(args === '' ? [] : args.split(' '), env, terminal);

describe('the command line', () => {
  it('has the defaults of the assignment', () => {
    expect(read('')).toMatchObject({
      carnet: '202400001',
      intervalMs: 10_000,
      cycles: null,
      keep: { high: 2, low: 3 },
      order: ['cpu', 'ram', 'vsz', 'rss'],
      port: 8000,
      cron: { everySeconds: 30, count: 10, ceiling: 40 },
      dryRun: false,
      paths: { sysinfo: '/proc/sysinfo_202400001' },
    });
  });

  it('takes what it is given', () => {
    expect(read('--interval 1.5 --cycles 6')).toMatchObject({ intervalMs: 1500, cycles: 6 });
    expect(read('--order rss,cpu --keep-high 0 --dry-run --every 60')).toMatchObject({
      order: ['rss', 'cpu'],
      keep: { high: 0 },
      dryRun: true,
      cron: { everySeconds: 60 },
    });
  });

  it('lets pass the -- that package managers hand on', () => {
    expect(read('-- --cycles 2')).toMatchObject({ cycles: 2 });
  });

  it('gives null when asked for help', () => {
    expect(read('--help')).toBeNull();
  });

  it.each([
    '--interval 0',
    '--interval -1',
    '--interval ten',
    '--interval 3601',
    '--interval 1e3',
    '--interval=',
    '--cycles 0',
    '--cycles 1.5',
    '--carnet 2024x',
    '--carnet ../../etc/passwd',
    '--carnet=',
    '--port 0',
    '--port 65536',
    '--order cpu,cpu',
    '--order cpu,disk',
    '--order=',
    '--sensor bpf',
    '--every 7',
    '--every 90',
    '--every 420',
    '--batch 0',
    '--ceiling 0',
    '--keep-high -1',
    '--colour',
    'cycles',
  ])('refuses %s with BAD_OPTION', (args) => {
    expect(() => read(args)).toThrow(GestorError);
    expect(() => read(args)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }));
  });
});

describe('colour', () => {
  it.each<[string, boolean, string, NodeJS.ProcessEnv, boolean]>([
    ['is used on a terminal', true, '', {}, true],
    ['is not used in a pipe', false, '', {}, false],
    ['is not used with NO_COLOR', false, '', { NO_COLOR: '1' }, true],
    ['is used with an empty NO_COLOR', true, '', { NO_COLOR: '' }, true],
    ['is not used on a dumb terminal', false, '', { TERM: 'dumb' }, true],
    ['is not used with --json', false, '--json', {}, true],
  ])('%s', (_what, expected, args, env, terminal) => {
    expect(read(args, env, terminal)?.color).toBe(expected);
  });
});
