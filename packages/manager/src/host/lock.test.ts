import { once } from 'node:events';
import { expect, it } from 'vitest';
import { lockHost } from './lock.ts';

const name = `\0gestor-test-${process.pid}`;

it('lets one manager run, tells the second which, and is free again afterwards', async () => {
  const first = await lockHost('process 1 in /here', name);
  await expect(lockHost('process 2', name)).rejects.toMatchObject({
    code: 'ALREADY_RUNNING',
    message: expect.stringContaining('process 1 in /here'),
  });
  first.close();
  await once(first, 'close');
  const again = await lockHost('process 3', name);
  again.close();
});
