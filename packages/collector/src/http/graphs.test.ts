import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { describe, expect, it } from 'vitest';
import { testApp } from '../../test/app.ts';
import { BOOT, memory, process } from '../../test/records.ts';
import { COLOUR } from '../charts/style.ts';

/** How many pixels of a picture have the colour. */
async function pixels(png: Buffer, colour: string): Promise<number> {
  const image = await loadImage(png);
  const context = createCanvas(image.width, image.height).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  const wanted = Number.parseInt(colour.slice(1), 16);
  let count = 0;
  for (let i = 0; i < data.length; i += 4) {
    if (((data[i] ?? 0) << 16) + ((data[i + 1] ?? 0) << 8) + (data[i + 2] ?? 0) === wanted) count++;
  }
  return count;
}

describe('the charts', () => {
  it('are drawn from the records and served as pictures', async () => {
    await using collector = await testApp();
    const at = (i: number) => new Date(Date.UTC(2026, 10, 21, 10, 0, i * 10)).toISOString();
    const records = Array.from({ length: 10 }, (_, i) => [
      memory({ taken_at: at(i), sequence: 2 * i + 1 }),
      process({ taken_at: at(i), sequence: 2 * i + 2, kind: 'high', fate: i % 2 ? 'removed' : 'kept' }),
    ]).flat();
    await collector.post('/logs', records);
    const answer = await collector.post('/graphs');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      graphs: [
        { name: 'memory.png', bytes: expect.any(Number) },
        { name: 'containers.png', bytes: expect.any(Number) },
      ],
      records: 20,
    });
    expect((await readdir(collector.graphsDir)).sort()).toEqual(['containers.png', 'memory.png']);
    const memoryChart = await collector.get('/graphs/memory.png');
    expect(memoryChart.headers['content-type']).toBe('image/png');
    expect(await pixels(memoryChart.rawPayload, COLOUR.green)).toBeGreaterThan(1000);
    expect(await pixels(memoryChart.rawPayload, COLOUR.vermilion)).toBeGreaterThan(1000);
    const containers = await collector.get('/graphs/containers.png');
    expect(await pixels(containers.rawPayload, COLOUR.vermilion)).toBeGreaterThan(1000);
  });

  it('are refused while there is nothing to draw', async () => {
    await using collector = await testApp();
    const answer = await collector.post('/graphs');
    expect([answer.statusCode, answer.json().error.code]).toEqual([422, 'no_records']);
  });

  it('that are asked for many times at once are all right, and so is the next', async () => {
    await using collector = await testApp();
    await collector.post('/logs', [memory()]);
    const answers = await Promise.all([1, 2, 3, 4].map(() => collector.post('/graphs')));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200]);
    await collector.post('/logs', [memory({ sequence: 2 })]);
    expect((await collector.post('/graphs')).json().records).toBe(2);
  });

  it('are drawn by writers only', async () => {
    await using collector = await testApp();
    expect((await collector.post('/graphs', undefined, { authorization: 'Bearer x' })).statusCode).toBe(401);
  });

  it.each([
    'nothing.png',
    '..%2Flogs%2Flogs.json',
    '..%2f..%2fetc%2fpasswd',
    '.png',
    'memory.png.new',
    'MEMORY.PNG',
  ])('of the name %s is not there, or no name at all', async (name) => {
    await using collector = await testApp();
    await writeFile(join(collector.graphsDir, 'memory.png.new'), 'half');
    const answer = await collector.get(`/graphs/${name}`);
    expect([400, 404]).toContain(answer.statusCode);
    expect(answer.json().error.message).toEqual(expect.any(String));
  });

  it('leave a damaged line out', async () => {
    await using collector = await testApp();
    await collector.post('/logs', [memory(), memory({ sequence: 2 }), memory({ sequence: 3 })]);
    const path = join(collector.logsDir, 'logs.json');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('"sequence":2', '"sequence"#2'));
    expect((await collector.post('/graphs')).json().records).toBe(2);
  });
});

describe('the summary', () => {
  const at = (i: number) => new Date(Date.UTC(2026, 10, 21, 10, 0, i * 10)).toISOString();

  it('gives the figures of the charts, and who used most, removed ones included', async () => {
    await using collector = await testApp();
    const boxes = Array.from({ length: 7 }, (_, i) =>
      process({
        sequence: i + 1,
        taken_at: at(0),
        container_id: String(i).repeat(64),
        container_name: `box-${i}`,
        kind: i % 2 ? 'low' : 'high',
        cpu_percent: i === 0 ? null : 10 * i,
        ram_kb: 1000 - i,
        fate: i === 6 ? 'removed' : 'kept',
      }),
    );
    const later = { taken_at: at(1), fate: 'removed' as const, ram_kb: 5000, cpu_percent: 1 };
    await collector.post('/logs', [
      ...boxes,
      memory({ sequence: 8, taken_at: at(0) }),
      process({ ...later, sequence: 9, container_id: '3'.repeat(64), container_name: 'box-3', kind: 'low' }),
    ]);
    const summary = (await collector.get('/summary')).json();
    expect(summary).toMatchObject({
      host: 'host',
      records: 9,
      from: at(0),
      to: at(1),
      removed: { high: 1, low: 1 },
    });
    expect(summary.points).toMatchObject([
      {
        at: at(0),
        memory: { used_kb: 400 },
        high: { cpu_percent: 120, removed: 1 },
        low: { cpu_percent: 90 },
      },
      {
        at: at(1),
        memory: null,
        high: { cpu_percent: 0 },
        low: { cpu_percent: 1, ram_kb: 5000, removed: 1 },
      },
    ]);
    const names = (top: { container_name: string }[]) => top.map(({ container_name }) => container_name);
    expect(names(summary.top_ram)).toEqual(['box-3', 'box-0', 'box-1', 'box-2', 'box-4']);
    expect(names(summary.top_cpu)).toEqual(['box-6', 'box-5', 'box-4', 'box-3', 'box-2']);
    expect(summary.top_ram[0]).toMatchObject({ peak: 5000, removed: true, kind: 'low' });
  });

  it('can be of a span, a host, and so many points', async () => {
    await using collector = await testApp();
    const records = Array.from({ length: 20 }, (_, i) => memory({ sequence: i + 1, taken_at: at(i) }));
    const other = memory({ host: 'other', boot_id: BOOT.replace('0', '9'), taken_at: at(99) });
    await collector.post('/logs', [...records, other]);
    expect((await collector.get('/summary')).json()).toMatchObject({ host: 'other', records: 1 });
    const span = (await collector.get(`/summary?host=host&since=${at(5)}&until=${at(14)}&points=4`)).json();
    expect(span).toMatchObject({ host: 'host', records: 10, from: at(5), to: at(14) });
    expect(span.points.length).toBeLessThanOrEqual(4);
    expect((await collector.get('/summary?host=nobody')).statusCode).toBe(422);
  });
});
