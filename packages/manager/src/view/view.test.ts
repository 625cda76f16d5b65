import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { table } from './table.ts';
import { clean, memoryText, paintFor, secondsText, wrap } from './text.ts';

describe('text from outside', () => {
  it('cannot command the terminal', () => {
    expect(clean('a\u001b[2Jb\u009b31m\r\nc\u202ed')).toBe('a�[2Jb�31m��c�d');
  });

  it('has no control character left, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(clean(text)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }),
    );
  });
});

describe('figures for people', () => {
  it.each([
    [0, '0 kB'],
    [1023, '1023 kB'],
    [1024, '1.0 MB'],
    [65_741, '64.2 MB'],
    [1_572_864, '1.50 GB'],
  ])('writes %d kB as %s', (kb, text) => {
    expect(memoryText(kb)).toBe(text);
  });

  it('writes seconds', () => {
    expect([42, 9999, 12_345].map(secondsText)).toEqual(['0.04 s', '10.00 s', '12.3 s']);
  });
});

describe('wrapping', () => {
  it('keeps every word and the width', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,30}$/), { minLength: 1 });
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 40 }), (list, width) => {
        const lines = wrap(list.join(' '), width);
        expect(lines.every((line) => line.length <= width)).toBe(true);
        expect(lines.join('').replaceAll(' ', '')).toBe(list.join(''));
      }),
    );
  });
});

describe('a table', () => {
  const columns = [
    { title: 'name', text: (row: { name: string; n: number; why: string }) => row.name },
    { title: 'n', align: 'right', text: (row: { n: number }) => String(row.n) },
    { title: 'why', text: (row: { why: string }) => row.why },
  ] as const;
  const rows = [
    { name: 'a', n: 5, why: 'because it is so and not otherwise at all' },
    { name: 'longer', n: 123, why: 'short' },
  ];

  it('aligns its columns and goes on below where the last is too long', () => {
    expect(table(rows, columns, 40, paintFor(false))).toEqual([
      '  name      n  why',
      '  a         5  because it is so and not',
      '               otherwise at all',
      '  longer  123  short',
    ]);
  });

  it('has colour only where it is wanted', () => {
    expect(paintFor(true)('red', 'x')).toBe('\u001b[31mx\u001b[39m');
    expect(paintFor(false)('red', 'x')).toBe('x');
  });
});
