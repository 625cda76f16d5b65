import type { Ledger } from 'contract';
import { expect, it } from 'vitest';
import { balance } from './balance.ts';

const bootId = '01234567-89ab-cdef-0123-456789abcdef';
const ledger = (change: Partial<Ledger['boots'][number]>): Ledger => ({
  boots: [
    {
      host: 'h',
      boot_id: bootId,
      records: 10,
      last: 10,
      missing: 0,
      held: [],
      gaps: [],
      dropped: [],
      ...change,
    },
  ],
  damaged: { lines: 0, places: [] },
});

it.each<[string, Ledger, string]>([
  ['all is there', ledger({}), 'sent 10, kept 10, gaps none'],
  [
    'something is missing',
    ledger({
      records: 7,
      gaps: [
        { first: 2, last: 2 },
        { first: 5, last: 6 },
      ],
    }),
    'sent 10, kept 7, gaps 2 5–6',
  ],
  [
    'the oldest were retired',
    ledger({ records: 6, dropped: [{ first: 1, last: 4 }] }),
    'sent 10, kept 6, 4 retired by age or size, gaps none',
  ],
  ['it knows nothing of this boot', { ...ledger({}), boots: [] }, 'sent 10, kept 0'],
])('says when %s', (_what, held, text) => {
  expect(balance(10, held, 'h', bootId)).toBe(text);
});
