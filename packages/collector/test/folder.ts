import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of its own for one test, removed with everything in it at the end. */
export async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'collector-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
