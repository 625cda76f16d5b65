import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Sysinfo } from 'contract';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { attemptsOf, complaintsIn, resultsOf } from './results.ts';

const contract = Compile(Sysinfo);

describe.each(resultsOf('scale-'))('%s', (guest) => {
  it('shows 10,000 processes in 1,000 containers, none missing', () => {
    const document: unknown = JSON.parse(gunzipSync(readFileSync(join(guest, 'scale.json.gz'))).toString());
    expect([...contract.Errors(document)].slice(0, 3)).toEqual([]);
    if (!contract.Check(document)) return;
    expect(document.truncated).toBe(false);
    expect(document.containers).toHaveLength(1000);
    expect(document.processes).toHaveLength(10_000);
    expect(document.containers.every(({ tasks }) => tasks === 10)).toBe(true);
    // With command lines as long as these, the buffer was doubled once; not time and again.
    expect(document.sequence).toBeLessThanOrEqual(2);
  });

  it('goes well', () => {
    expect(attemptsOf(guest).filter(([, code]) => code !== 0)).toEqual([]);
    expect(complaintsIn(guest)).toEqual([]);
  });
});
