import fc from 'fast-check';
import { it } from 'vitest';
import { runModel } from '../test/store-model.ts';

it('the store is the same as a plain list, through long histories', async () => {
  await fc.assert(runModel({ commandsMax: 120 }), { numRuns: 150 });
});
