import { expect, it } from 'vitest';
import { crash } from '../test/crash.ts';
import { temporaryFolder } from '../test/folder.ts';

it('200 times kill -9 under load lose nothing that was acknowledged and store nothing twice', async () => {
  await using folder = await temporaryFolder();
  const { acknowledged, retried } = await crash(folder.path, 200);
  console.log(
    `200 kills: ${acknowledged} records acknowledged and held, ${retried} unanswered batches sent again`,
  );
  expect(acknowledged).toBeGreaterThan(1000);
  expect(retried).toBeGreaterThan(100);
});
