import type { LogRecord, MemoryRecord, ProcessRecord } from 'contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BOOT, memory, process } from '../test/records.ts';
import { countRemovals, type Sample, SeriesFold } from './series.ts';

const START = Date.parse('2026-11-21T10:00:00Z');
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();
const frame = (seconds: number, extra: Partial<MemoryRecord> = {}) =>
  memory({ taken_at: at(seconds), ...extra });
const box = (seconds: number, extra: Partial<ProcessRecord> = {}) =>
  process({ taken_at: at(seconds), ...extra });

function sample(record: LogRecord): Sample {
  const { boot_id, sensor } = record;
  const origin = { at_ms: Date.parse(record.taken_at), boot_id, sensor };
  if (record.type === 'memory') return { ...record, ...origin };
  const { type, kind, cpu_percent, ram_kb, fate } = record;
  return { ...origin, type, kind, cpu_percent, ram_kb, removed: fate === 'removed' };
}

function fold(records: LogRecord[], pointsMax = 100) {
  const series = new SeriesFold(pointsMax);
  for (const record of records) series.add(sample(record));
  return series.finish();
}

const gaps = (records: LogRecord[]) => fold(records)?.points.map(({ after_gap }) => after_gap);

describe('a series', () => {
  it('of nothing is nothing', () => {
    expect(fold([])).toBeUndefined();
  });

  it('of one record is one point', () => {
    const series = fold([frame(0)]);
    expect(series).toMatchObject({ from_ms: START, to_ms: START, records: 1, sensors: ['procfs'] });
    expect(series?.points).toHaveLength(1);
    expect(series?.points[0]).toMatchObject({ at_ms: START, after_gap: false, memory: { used_kb: 400 } });
  });

  it('sums the containers of a frame by kind', () => {
    const series = fold([
      frame(0),
      box(0, { kind: 'high', cpu_percent: 10, ram_kb: 100 }),
      box(0, { kind: 'high', cpu_percent: 20, ram_kb: 200, fate: 'removed' }),
      box(0, { kind: 'low', cpu_percent: 1, ram_kb: 5 }),
    ]);
    expect(series?.points[0]?.high).toEqual({ cpu_percent: 30, ram_kb: 300, removed: 1 });
    expect(series?.points[0]?.low).toEqual({ cpu_percent: 1, ram_kb: 5, removed: 0 });
  });

  it('keeps unknown CPU unknown, and takes what is known of a frame', () => {
    const unknown = box(0, { kind: 'high', cpu_percent: null });
    expect(fold([unknown, unknown])?.points[0]?.high.cpu_percent).toBeNull();
    const known = box(0, { kind: 'high', cpu_percent: 7 });
    expect(fold([unknown, known])?.points[0]?.high.cpu_percent).toBe(7);
    expect(fold([known, unknown])?.points[0]?.high.cpu_percent).toBe(7);
  });

  it('has no memory where a frame has none', () => {
    expect(fold([box(0)])?.points[0]?.memory).toBeNull();
  });

  it('names every sensor that spoke', () => {
    expect(fold([frame(0), frame(10, { sensor: 'module' })])?.sensors).toEqual(['module', 'procfs']);
  });
});

describe('gaps', () => {
  it('are none in a steady run, whatever its interval', () => {
    expect(gaps([0, 10, 20, 30.5, 40].map((s) => frame(s)))).toEqual([false, false, false, false, false]);
    expect(gaps([0, 60, 120].map((s) => frame(s)))).toEqual([false, false, false]);
  });

  it('are none for one missed cycle, and one for three', () => {
    expect(gaps([0, 10, 30, 40].map((s) => frame(s)))).toEqual([false, false, false, false]);
    expect(gaps([0, 10, 50, 60].map((s) => frame(s)))).toEqual([false, false, true, false]);
  });

  it('are none before the last two frames of a run, which are close together', () => {
    expect(gaps([0, 10, 20, 21, 300, 310].map((s) => frame(s)))).toEqual([
      false,
      false,
      false,
      false,
      true,
      false,
    ]);
  });

  it('lie between runs of different intervals', () => {
    expect(gaps([0, 10, 20, 500, 560, 620].map((s) => frame(s)))).toEqual([
      false,
      false,
      false,
      true,
      false,
      false,
    ]);
    expect(gaps([0, 500, 510].map((s) => frame(s)))).toEqual([false, true, false]);
  });

  it('lie before another boot, however soon', () => {
    const boot_id = BOOT.replace('0', 'f');
    expect(gaps([frame(0), frame(10), frame(20, { boot_id })])).toEqual([false, false, true]);
    expect(fold([frame(0), frame(0, { boot_id })])?.points).toHaveLength(1);
  });

  it('cannot be told from two frames alone', () => {
    expect(gaps([frame(0), frame(5000)])).toEqual([false, false]);
  });

  it('survive a clock that was set back', () => {
    const points = fold([frame(100), frame(110), frame(0), frame(10)])?.points ?? [];
    expect(points.map(({ at_ms }) => at_ms)).toEqual([0, 10, 100, 110].map((s) => START + s * 1000));
  });
});

describe('too many points', () => {
  it('become means; removals add up', () => {
    const records = [0, 10, 20, 30].flatMap((s) => [
      frame(s, { used_kb: s * 10, available_kb: 1000 - s * 10 }),
      box(s, { kind: 'low', fate: 'removed', cpu_percent: s < 20 ? null : 4, ram_kb: s }),
    ]);
    const series = fold(records, 1);
    expect(series?.points).toHaveLength(1);
    expect(series?.points[0]).toMatchObject({
      frames: 4,
      memory: { total_kb: 1000, used_kb: 150, available_kb: 850 },
      low: { cpu_percent: 4, ram_kb: 15, removed: 4 },
    });
    expect(series).toMatchObject({ from_ms: START, to_ms: START + 30_000 });
  });

  it.each([
    ['first', 0],
    ['second', 10],
  ])('take what is known when the %s of two knows nothing', (_which, unknownAt) => {
    const records = [0, 10].flatMap((s) => [
      frame(s),
      box(s, { kind: 'low', cpu_percent: s === unknownAt ? null : 4 }),
    ]);
    expect(fold(records, 1)?.points).toMatchObject([{ frames: 2, low: { cpu_percent: 4 } }]);
  });

  it('keep the gap before the earlier of two that become one', () => {
    const boot_id = BOOT.replace('0', 'f');
    const records = [frame(0), frame(1), frame(1000, { boot_id }), frame(1001, { boot_id })];
    expect(fold(records, 2)?.points.map(({ after_gap }) => after_gap)).toEqual([false, true]);
    const backwards = [
      frame(1000),
      frame(1001),
      frame(0, { boot_id }),
      frame(1, { boot_id }),
      frame(-1, { boot_id }),
    ];
    expect(fold(backwards, 2)?.points.map(({ frames }) => frames)).toEqual([3, 2]);
  });

  it('never lose a removal nor exceed the limit, whatever the times', () => {
    const times = fc.array(fc.integer({ min: 0, max: 10_000_000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 20 }), (seconds, pointsMax) => {
        const series = fold(
          seconds.map((s) => box(s, { kind: 'high', fate: 'removed' })),
          pointsMax,
        );
        const points = series?.points ?? [];
        expect(points.length).toBeLessThanOrEqual(pointsMax);
        expect(points.reduce((sum, { high }) => sum + high.removed, 0)).toBe(seconds.length);
        expect(series?.from_ms).toBe(START + Math.min(...seconds) * 1000);
        expect(series?.to_ms).toBe(START + Math.max(...seconds) * 1000);
        for (const { at_ms } of points) expect(at_ms).toBeGreaterThanOrEqual(START);
      }),
    );
  });

  it('is the same whether points were merged on the way or not', () => {
    const steady = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(steady, (used) => {
        const records = used.map((used_kb, i) => frame(i * 10, { used_kb }));
        const merged = fold(records, 16)?.points ?? [];
        const mean = merged.reduce((sum, p) => sum + (p.memory?.used_kb ?? 0) * p.frames, 0) / used.length;
        expect(mean).toBeCloseTo(used.reduce((sum, each) => sum + each, 0) / used.length, 6);
      }),
    );
  });
});

describe('removals', () => {
  it('are counted by stretch, empty stretches left out', () => {
    const records = [
      box(0, { fate: 'removed', kind: 'high' }),
      box(20),
      box(70, { fate: 'removed', kind: 'low' }),
    ];
    expect(countRemovals(fold(records)?.points ?? [], 60_000)).toEqual([
      { from_ms: START, to_ms: START + 60_000, high: 1, low: 0 },
      { from_ms: START + 60_000, to_ms: START + 120_000, high: 0, low: 1 },
    ]);
  });

  it('lose none, whatever the stretch', () => {
    const times = fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 100 });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 100_000 }), (seconds, stretchSeconds) => {
        const points = fold(seconds.map((s) => box(s, { kind: 'low', fate: 'removed' })))?.points ?? [];
        const counted = countRemovals(points, stretchSeconds * 1000);
        expect(counted.reduce((sum, { low }) => sum + low, 0)).toBe(seconds.length);
      }),
    );
  });
});
