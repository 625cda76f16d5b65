import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { Sysinfo } from './index.ts';

const folder = join(import.meta.dirname, '../fixtures');
const captured = readdirSync(folder).filter((name) => name.startsWith('sysinfo-'));
const check = Compile(Sysinfo);

/** Documents that the module printed on real kernels, with processes that are hostile on purpose. */
describe('the captured documents', () => {
  it('are there, for several kernels, and small', () => {
    expect(captured.length).toBeGreaterThanOrEqual(4);
    for (const name of captured) expect(statSync(join(folder, name)).size).toBeLessThan(30_000);
  });

  it.each(captured)('%s is what the contract says', (name) => {
    const value: unknown = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    expect([...check.Errors(value)]).toEqual([]);
    expect(value).toMatchObject({ sensor: 'module', truncated: false });
  });
});
