import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationText, niceStepMs, spanText, timeTicks } from './time-axis.ts';

const at = (text: string) => Date.parse(text);

describe('ticks of the time axis', () => {
  it('stand at round times and name the day where it changes', () => {
    const ticks = timeTicks(at('2026-11-21T22:10:00Z'), at('2026-11-22T03:20:00Z'), 'UTC');
    expect(ticks.map(({ label }) => label)).toEqual([
      ['23:00', '21 Nov'],
      ['00:00', '22 Nov'],
      ['01:00'],
      ['02:00'],
      ['03:00'],
    ]);
  });

  it('show seconds only where they differ', () => {
    const ticks = timeTicks(at('2026-11-21T10:00:03Z'), at('2026-11-21T10:00:58Z'), 'UTC');
    expect(ticks.map(({ label }) => label[0])).toEqual([
      '10:00:10',
      '10:00:20',
      '10:00:30',
      '10:00:40',
      '10:00:50',
    ]);
  });

  it('are round in the given zone, whose days differ', () => {
    const ticks = timeTicks(at('2026-11-21T00:00:00Z'), at('2026-11-28T00:00:00Z'), 'America/Guatemala');
    expect(ticks[0]).toEqual({ value: at('2026-11-21T06:00:00Z'), label: ['21 Nov'] });
    expect(
      timeTicks(at('2026-11-21T00:10:00Z'), at('2026-11-21T03:00:00Z'), 'Asia/Kolkata')[0]?.label[0],
    ).toBe('06:00');
  });

  it('are never too many, always inside, and in order', () => {
    const span = fc.tuple(fc.integer({ min: 0, max: 2 ** 41 }), fc.integer({ min: 2000, max: 2 ** 39 }));
    fc.assert(
      fc.property(span, ([from, length]) => {
        const values = timeTicks(from, from + length, 'UTC').map(({ value }) => value);
        expect(values.length).toBeLessThanOrEqual(10);
        for (const value of values) expect(value >= from && value <= from + length).toBe(true);
        expect(values).toEqual([...values].sort((a, b) => a - b));
      }),
    );
  });
});

describe('words', () => {
  it('name a span once where the day is one', () => {
    const from = at('2026-11-21T10:00:10Z');
    expect(spanText(from, from, 'UTC')).toBe('21 Nov 2026, 10:00:10 UTC');
    expect(spanText(from, from + 3_600_000, 'UTC')).toBe('21 Nov 2026, 10:00:10 – 11:00:10 UTC');
    expect(spanText(from, from + 86_400_000, 'UTC')).toBe(
      '21 Nov 2026, 10:00:10 – 22 Nov 2026, 10:00:10 UTC',
    );
  });

  it.each([
    [10_000, '10 s'],
    [60_000, 'minute'],
    [300_000, '5 min'],
    [3_600_000, 'hour'],
    [86_400_000, 'day'],
    [172_800_000, '2 days'],
  ])('%d ms is "%s"', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });

  it('steps beyond the table are whole days', () => {
    expect(niceStepMs(365 * 86_400_000 * 100, 10)).toBe(3650 * 86_400_000);
  });
});
