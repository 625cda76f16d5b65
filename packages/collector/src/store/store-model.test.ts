import fc from 'fast-check';
import { describe, it } from 'vitest';
import { runModel } from '../../test/store-model.ts';

describe('the store', () => {
  it('is the same as a plain list, whatever happens to it', async () => {
    await fc.assert(runModel({ commandsMax: 25 }), { numRuns: 25 });
  }, 30_000);
});
