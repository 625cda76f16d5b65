import { expect, it } from 'vitest';
import { crash } from '../test/crash.ts';
import { temporaryFolder } from '../test/folder.ts';

const ROUNDS = 8;
const KILLS = 25;

it('200 times kill -9 under load lose nothing that was acknowledged and store nothing twice', async () => {
  let [acknowledged, retried] = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    await using folder = await temporaryFolder();
    const result = await crash(folder.path, KILLS);
    acknowledged += result.acknowledged;
    retried += result.retried;
  }
  console.log(
    `${ROUNDS * KILLS} kills: ${acknowledged} records acknowledged and held, ${retried} unanswered batches sent again`,
  );
  expect(acknowledged).toBeGreaterThan(1000);
  expect(retried).toBeGreaterThan(100);
});
