import { describe, expect, it } from 'vitest';
import { crash } from '../test/crash.ts';
import { temporaryFolder } from '../test/folder.ts';

describe('kill -9 under load', () => {
  it('loses nothing that was acknowledged and stores nothing twice', async () => {
    await using folder = await temporaryFolder();
    const { acknowledged } = await crash(folder.path, 2);
    expect(acknowledged).toBeGreaterThan(0);
  }, 60_000);
});
