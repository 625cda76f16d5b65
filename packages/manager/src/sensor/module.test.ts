import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readModule } from './module.ts';
import { readProcfs } from './procfs.ts';
import { chooseSensor, moduleSensor } from './sensor.ts';

const folder = await mkdtemp(join(tmpdir(), 'gestor-sensor-'));
afterAll(() => rm(folder, { recursive: true }));
const good = JSON.stringify({ ...(await readProcfs(1)), sensor: 'module' });

async function holding(text: string | Buffer): Promise<string> {
  const path = join(folder, 'sysinfo');
  await writeFile(path, text);
  return path;
}

describe('the document of the kernel module', () => {
  it('is read and validated', async () => {
    expect(await readModule(await holding(good))).toEqual(JSON.parse(good));
  });

  it.each<[string, string, string]>([
    ['empty', '', 'SENSOR_EMPTY'],
    ['only a newline', '\n', 'SENSOR_EMPTY'],
    ['cut in half', good.slice(0, good.length / 2), 'SENSOR_NOT_JSON'],
    ['not JSON', 'hello', 'SENSOR_NOT_JSON'],
    ['JSON of another kind', '[]', 'SENSOR_WRONG_SHAPE'],
    ['null', 'null', 'SENSOR_WRONG_SHAPE'],
    ['a wrong type', good.replace('"monotonic_us":', '"monotonic_us":"x","was":'), 'SENSOR_WRONG_SHAPE'],
    ['a later version', good.replace('"version":1', '"version":2'), 'SENSOR_WRONG_VERSION'],
  ])('is refused when it is %s', async (_what, text, code) => {
    await expect(readModule(await holding(text))).rejects.toMatchObject({ code });
  });

  it('names the field that is wrong', async () => {
    const path = await holding(good.replace('"truncated":false', '"truncated":"no"'));
    await expect(readModule(path)).rejects.toThrow('/truncated');
  });

  it('is missed where it is not', async () => {
    await expect(readModule(join(folder, 'none'))).rejects.toMatchObject({ code: 'SENSOR_MISSING' });
  });

  it('is unreadable where it is a directory', async () => {
    await expect(readModule(folder)).rejects.toMatchObject({ code: 'SENSOR_UNREADABLE' });
  });
});

describe('the choice of the sensor', () => {
  it('is the module where it is loaded', async () => {
    expect(chooseSensor('auto', await holding(good)).name).toBe('module');
  });

  it('is procfs where it is not', () => {
    expect(chooseSensor('auto', join(folder, 'none')).name).toBe('procfs');
  });

  it('is the one that was asked for', async () => {
    expect(chooseSensor('procfs', await holding(good)).name).toBe('procfs');
    await expect(chooseSensor('module', join(folder, 'none')).read()).rejects.toMatchObject({
      code: 'SENSOR_MISSING',
    });
  });
});

it('does not wait for ever', async () => {
  const fifo = join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  await expect(moduleSensor(fifo, 10).read()).rejects.toMatchObject({ code: 'SENSOR_STUCK' });
  // Lets the reader that is still waiting go.
  await writeFile(fifo, '');
});
