import { describe, it } from 'vitest';
import { FAULTS, failEachCall } from '../../test/store-faults.ts';

describe('the store on a disk that fails once', () => {
  it('at any call keeps what it acknowledged and nothing that it refused', async () => {
    await failEachCall((call) => FAULTS[call % FAULTS.length]);
  }, 30_000);
});
