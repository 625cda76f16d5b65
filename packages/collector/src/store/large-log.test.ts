import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/folder.ts';
import { memory } from '../../test/records.ts';
import { ask, sequencesOf, testStore } from '../../test/store.ts';

it('the index of a large log is made with a word now and then on how far that is', async () => {
  await using folder = await temporaryFolder();
  const line = `${JSON.stringify({ text: 'x'.repeat(100_000) })},\n`;
  await writeFile(join(folder.path, 'logs.json'), `[\n${line.repeat(1400)}${JSON.stringify(memory())}\n]\n`);
  await using open = await testStore(folder.path);
  expect(open.reports).toEqual([
    'making the index: 64 of 133 MB of logs.json are read',
    'making the index: 128 of 133 MB of logs.json are read',
  ]);
  expect(sequencesOf(await ask(open.store))).toEqual([1]);
});
