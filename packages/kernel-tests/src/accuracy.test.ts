import { describe, expect, it } from 'vitest';
import { type Measured, measurementsIn, tableOf } from './accuracy.ts';
import { resultsOf } from './results.ts';

const PART = 0.05;

const within = ({ truth, seen }: Measured) => Math.abs(seen - truth) / truth;

describe.each(resultsOf('vm'))('containers of known consumption', (guest) => {
  const measured = measurementsIn(guest);

  it('prints the table', () => {
    console.log(tableOf(measured));
    expect(measured.map(({ name }) => name)).toEqual([
      'known-cpu-10',
      'known-cpu-25',
      'known-cpu-50',
      'known-cpu-100',
      'known-mib-16',
      'known-mib-64',
      'known-mib-256',
    ]);
  });

  it.each(measured.map((entry) => [entry.name, entry] as const))('%s is seen within 5 %%', (_name, entry) => {
    expect(within(entry)).toBeLessThan(PART);
  });
});
