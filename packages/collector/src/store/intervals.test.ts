import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Intervals } from './intervals.ts';

const LARGEST = 40;

describe('a set of ranges', () => {
  it('is the same as a plain set, whatever is added and removed', () => {
    const bound = fc.integer({ min: 1, max: LARGEST });
    const step = fc.record({ add: fc.boolean(), a: bound, b: bound });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const intervals = new Intervals();
        const model = new Set<number>();
        for (const { add, a, b } of steps) {
          const [first, last] = [Math.min(a, b), Math.max(a, b)];
          if (add) intervals.add(first, last);
          else intervals.remove(first, last);
          for (let n = first; n <= last; n++) add ? model.add(n) : model.delete(n);
        }
        const all = Array.from({ length: LARGEST + 2 }, (_, n) => n);
        expect(all.filter((n) => intervals.has(n))).toEqual(all.filter((n) => model.has(n)));
        expect(intervals.count).toBe(model.size);
        for (const [i, { first }] of intervals.ranges.entries()) {
          expect(first).toBeGreaterThan((intervals.ranges[i - 1]?.last ?? -1) + 1);
        }
        const missing = intervals.gaps().flatMap(({ first, last }) => all.slice(first, last + 1));
        expect(missing).toEqual(all.filter((n) => n >= 1 && n < Math.max(0, ...model) && !model.has(n)));
      }),
    );
  });
});
