import { describe, expect, it } from 'vitest';
import { type FarewellStep, sayFarewell } from './farewell.ts';

function steps(runs: Record<string, FarewellStep['run']>, needed: readonly string[] = []): FarewellStep[] {
  return Object.entries(runs).map(([name, run]) => ({ name, optional: !needed.includes(name), run }));
}

describe('the farewell', () => {
  it('does every step, also after one that fails', async () => {
    const said: string[] = [];
    const failed = await sayFarewell(
      steps({
        charts: async () => {
          throw new TypeError('no paint');
        },
        quiet: async () => null,
        cron: async () => 'removed',
      }),
      new AbortController().signal,
      (line) => said.push(line),
    );
    expect(said).toEqual(['charts: FAILED: no paint', 'cron: removed']);
    expect(failed).toEqual(['charts']);
  });

  it('leaves out what is optional in a hurry, never what is not', async () => {
    const said: string[] = [];
    const never = steps({ charts: async () => 'drawn', cron: async () => 'removed' }, ['cron']);
    expect(await sayFarewell(never, AbortSignal.abort(), (line) => said.push(line))).toEqual([]);
    expect(said).toEqual(['charts: skipped', 'cron: removed']);
  });

  it('cuts an optional step short when the hurry comes while it runs', async () => {
    const said: string[] = [];
    const hurry = new AbortController();
    const slow = () => {
      hurry.abort();
      return new Promise<null>(() => undefined);
    };
    await sayFarewell(steps({ charts: slow, cron: async () => 'removed' }, ['cron']), hurry.signal, (line) =>
      said.push(line),
    );
    expect(said).toEqual(['charts: skipped', 'cron: removed']);
  });
});
