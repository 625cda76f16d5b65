import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endIn } from './tail.ts';

const end = (text: string) => endIn(Buffer.from(text), 0);

describe('the end of a log file', () => {
  it.each([
    ['an empty log', '[\n]\n', { end: 1, cutFrom: undefined }],
    ['one record', '[\n{"a":1}\n]\n', { end: 9, cutFrom: undefined }],
    ['two records', '[\n{"a":1},\n{"b":2}\n]\n', { end: 18, cutFrom: undefined }],
    ['no newline behind the bracket', '[\n{"a":1}\n]', { end: 9, cutFrom: 9 }],
    ['no bracket', '[\n{"a":1}\n', { end: 9, cutFrom: 9 }],
    ['a half record', '[\n{"a":1},\n{"b":', { end: 9, cutFrom: 9 }],
    ['one byte of the next write', '[\n{"a":1},]\n', { end: 9, cutFrom: 9 }],
    ['two bytes of the next write', '[\n{"a":1},\n\n', { end: 9, cutFrom: 9 }],
    ['zeros', '[\n{"a":1},\n\0\0\0\0', { end: 9, cutFrom: 9 }],
    ['an unfinished batch', '[\n{"a":1},\n{"b":2} ,\n{"c":3} ,\n', { end: 9, cutFrom: 9 }],
    ['a record that nothing follows', '[\n{"a":1},\n{"b":2}', { end: 9, cutFrom: 9 }],
    ['a finished batch and half a record', '[\n{"a":1} ,\n{"b":2},\n{"c"', { end: 19, cutFrom: 19 }],
    ['a batch closed by hand', '[\n{"a":1},\n{"b":2} ,\n]\n', { end: 18, cutFrom: 18 }],
    ['a damaged last line behind a batch', '[\n{"a":1} ,\n{"b":#\n]\n', { end: 9, cutFrom: 9 }],
    ['nothing but rubbish', 'rubbish', { end: 1, cutFrom: 0 }],
    ['half of the first record', '[\n{"a"', { end: 1, cutFrom: 1 }],
    ['a last line that is no JSON', '[\n{"a":1},\n{oops}\n]\n', { end: 9, cutFrom: 9 }],
  ])('with %s', (_what, text, expected) => {
    expect(end(text)).toEqual(expected);
  });

  it('asks for more when the first line it has may be cut', () => {
    expect(endIn(Buffer.from('ord"}\n{"b"'), 100)).toBeUndefined();
    expect(endIn(Buffer.from('\n{"b":2}\n]\n'), 100)).toEqual({ end: 108, cutFrom: undefined });
  });

  it('keeps every batch before a tear, and no part of the torn one, wherever the tear is', () => {
    const batches = fc.array(fc.array(fc.record({ s: fc.string() }), { minLength: 1, maxLength: 3 }), {
      maxLength: 5,
    });
    const next = fc.array(fc.record({ s: fc.string() }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(batches, next, fc.nat(), (held, torn, seed) => {
        const lines = (batch: object[]) => batch.map((each) => JSON.stringify(each)).join(' ,\n');
        const before = Buffer.from(`[${held.map((batch, i) => `${i ? ',' : ''}\n${lines(batch)}`).join('')}`);
        const write = Buffer.from(`${held.length ? ',' : ''}\n${lines(torn)}\n]\n`);
        const written = seed % write.length;
        const old = Buffer.from('\n]\n').subarray(written);
        const file = Buffer.concat([before, write.subarray(0, written), old]);
        const tail = endIn(file, 0);
        const whole = before.length + write.length - 3;
        expect([before.length, ...(written >= write.length - 3 ? [whole] : [])]).toContain(tail?.end);
        expect(tail?.cutFrom ?? tail?.end).toBe(tail?.end);
      }),
    );
  });
});
