import { it } from 'vitest';
import { FAULTS, failEachCall } from '../test/store-faults.ts';

it.each(FAULTS)('the store on a disk that fails once with %j keeps what it acknowledged', async (fault) => {
  await failEachCall(() => fault);
});
