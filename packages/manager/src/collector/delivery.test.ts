import { describe, expect, it } from 'vitest';
import { delivery } from './delivery.ts';

const never = new AbortController().signal;

/** A collector that fails as often as told, and a clock that stands still until it is moved. */
function scene(failures: number) {
  const state = { tries: 0, ensured: 0, clock: 0, failures };
  const spool = {
    deliver: async () => {
      state.tries += 1;
      if (state.tries <= state.failures) throw new TypeError('down');
      return 1;
    },
  };
  const ensure = async () => {
    state.ensured += 1;
  };
  const send = async () => ({ stored: 1 });
  const { attempt } = delivery({ spool, send, ensure, now: () => state.clock, random: () => 0 });
  return { state, attempt };
}

describe('delivery', () => {
  it('needs no second try when the first works', async () => {
    const { state, attempt } = scene(0);
    await attempt(never);
    expect(state).toMatchObject({ tries: 1, ensured: 0 });
  });

  it('has the collector mended and tries once more', async () => {
    const { state, attempt } = scene(1);
    await attempt(never);
    expect(state).toMatchObject({ tries: 2, ensured: 1 });
  });

  it('pauses longer and longer while nothing helps, and is quick again afterwards', async () => {
    const { state, attempt } = scene(6);
    for (const pause of [5000, 10_000, 20_000]) {
      await expect(attempt(never)).rejects.toThrow('down');
      const { tries } = state;
      state.clock += pause - 1;
      await attempt(never);
      expect(state.tries).toBe(tries);
      state.clock += 1;
    }
    await attempt(never);
    expect(state.tries).toBe(7);
    state.failures = 99;
    state.clock += 1;
    await expect(attempt(never)).rejects.toThrow('down');
    state.clock += 5000;
    await expect(attempt(never)).rejects.toThrow('down');
  });

  it('does not pause when it is the last chance', async () => {
    const { state, attempt } = scene(2);
    await expect(attempt(never)).rejects.toThrow('down');
    await attempt(never, 'insist');
    expect(state.tries).toBe(3);
  });

  it('mends nothing once it was given up', async () => {
    const { state, attempt } = scene(1);
    await expect(attempt(AbortSignal.abort())).rejects.toThrow('abort');
    expect(state.ensured).toBe(0);
  });
});
