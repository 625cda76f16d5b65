import { describe, expect, it } from 'vitest';
import { attemptsOf, complaintsIn, documentOf, has, resultsOf, textOf } from './results.ts';

/** What the detectors say of each planted bug, and where. */
const CAUGHT: Record<string, [file: string, words: RegExp]> = {
  use_after_free: ['dmesg.txt', /KASAN: (slab-)?use-after-free in use_after_free/],
  out_of_bounds: ['dmesg.txt', /KASAN: slab-out-of-bounds in out_of_bounds/],
  sleep_under_rcu: ['dmesg.txt', /sleeping function called from invalid context/],
  missing_rcu: ['dmesg.txt', /suspicious RCU usage/],
  lock_inversion: ['dmesg.txt', /possible circular locking dependency detected/],
  leak: ['kmemleak.txt', /unreferenced object/],
};

const planted = resultsOf('planted-');

describe.each([...resultsOf('uml-'), ...resultsOf('kasan-')])('%s', (guest) => {
  it('does everything that it was asked to', () => {
    expect(attemptsOf(guest).filter(([, code]) => code !== 0)).toEqual([]);
    expect(attemptsOf(guest).length).toBeGreaterThanOrEqual(5);
  });

  it('gives the detectors nothing to report', () => {
    expect(complaintsIn(guest)).toEqual([]);
    if (has(guest, 'kmemleak.txt')) expect(textOf(guest, 'kmemleak.txt')).toBe('');
  });

  it.runIf(has(guest, 'sysinfo_so1.json'))('prints what the contract says', () => {
    expect(documentOf(guest, 'sysinfo_so1.json').truncated).toBe(false);
  });

  it.runIf(has(guest, 'kunit-log.txt'))('passes every KUnit test', () => {
    const log = textOf(guest, 'kunit-log.txt');
    expect(log).not.toContain('not ok');
    expect(log).toMatch(/^(\[.*\] )?ok 1 gestor_pure$/m);
    expect(log).toMatch(/# Totals: pass:30 fail:0 skip:0 total:30/);
  });
});

describe.runIf(planted.length > 0)('a planted bug', () => {
  it.each(planted.map((guest) => [guest.replace(/.*planted-/, ''), guest]))('is caught: %s', (bug, guest) => {
    const [file, words] = CAUGHT[bug] ?? ['', /^$/];
    expect(textOf(guest, file)).toMatch(words);
  });
});
