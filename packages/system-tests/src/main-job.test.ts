import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LogBatch } from 'contract';
import { Compile } from 'typebox/compile';
import { request } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { alive, ours, removeAllOfOurs, startStranger } from './engine.ts';
import {
  makePlayground,
  ourCronLines,
  type Playground,
  type Run,
  readCrontab,
  writeCrontab,
} from './playground.ts';
import { inspectPng } from './png.ts';

// The whole of it as its user starts it: a real engine, a real cron daemon, six cycles.

const crontabBefore = readCrontab();
// Latin-1 bytes, a carriage return, a comment that is our marker, a percent sign.
const nasty = 'LANG=C\r\n# gestor:create-containers\n7 3 * * * echo "100\\% of caf\xe9"\n\n\t@yearly true\n';
const batch = Compile(LogBatch);

let playground: Playground;
let run: Run;

beforeAll(async () => {
  removeAllOfOurs();
  writeCrontab(nasty);
  playground = await makePlayground();
  run = playground.start('npm', 'start', '--', '--cycles', '6');
  await run.says('cron: 10 containers every 30 s', 170_000);
});

afterAll(async () => {
  await playground[Symbol.asyncDispose]();
  removeAllOfOurs();
  writeCrontab(crontabBefore);
});

it('adds two lines to the crontab while it runs', () => {
  expect(ourCronLines()).toHaveLength(2);
  expect(readCrontab()?.startsWith(nasty)).toBe(true);
  // From here on there are containers that are none of its business.
  startStranger('gestor-test-stranger');
  startStranger('gestor-test-shielded', 'gestor.managed=true', 'gestor.protected=true');
});

it('ends by itself after six cycles, with code 0', async () => {
  expect(await run.ended(120_000), run.output()).toBe(0);
  expect(run.output()).toContain('cycle 6');
  expect(run.output()).not.toContain('cycle 7');
  expect(run.output()).not.toContain('FAILED');
});

it('leaves exactly two high and three low containers, and the collector', () => {
  expect(ours('high')).toHaveLength(2);
  expect(ours('low').filter((name) => name !== 'gestor-test-shielded')).toHaveLength(3);
  expect(alive('gestor.role=collector')).toEqual(['gestor-collector']);
});

it('leaves strangers and protected containers alone', () => {
  expect(alive('gestor.test=true').toSorted()).toEqual(['gestor-test-shielded', 'gestor-test-stranger']);
});

it('leaves the crontab byte for byte as it was', () => {
  expect(readCrontab()).toBe(nasty);
});

it('leaves a log that is valid JSON, with records of both kinds and none missing', async () => {
  const records: unknown = JSON.parse(
    await readFile(join(playground.root, 'volumes/logs/logs.json'), 'utf8'),
  );
  expect([...batch.Errors(records)]).toEqual([]);
  if (!batch.Check(records)) return;
  expect(records.map(({ sequence }) => sequence)).toEqual(records.map((_record, index) => index + 1));
  expect(records.filter(({ type }) => type === 'memory').length).toBeGreaterThanOrEqual(6);
  const fates = records.flatMap((record) => (record.type === 'process' ? [record.fate] : []));
  expect(fates).toContain('removed');
  expect(fates).toContain('kept');
  expect(fates).not.toContain('removal_failed');
});

it('removed only what ranked below those that stay', async () => {
  const { body } = await request('http://127.0.0.1:8000/logs?type=process');
  const records: unknown = await body.json();
  if (!batch.Check(records)) throw new Error('the collector gave something else than records');
  const frames = Map.groupBy(records, (record) => record.taken_at);
  for (const frame of frames.values()) {
    const steps = (kind: string, fate: string) =>
      frame.flatMap((record) =>
        record.type === 'process' &&
        record.kind === kind &&
        record.fate === fate &&
        record.cpu_percent !== null
          ? [Math.floor(record.cpu_percent)]
          : [],
      );
    if (steps('high', 'removed').length > 0) {
      expect(Math.min(...steps('high', 'kept'))).toBeGreaterThanOrEqual(
        Math.max(...steps('high', 'removed')),
      );
    }
    if (steps('low', 'removed').length > 0) {
      expect(Math.max(...steps('low', 'kept'))).toBeLessThanOrEqual(Math.min(...steps('low', 'removed')));
    }
  }
});

it('leaves two charts that are real pictures', async () => {
  for (const name of ['memory.png', 'containers.png']) {
    const { width, height, shades } = inspectPng(
      await readFile(join(playground.root, 'volumes/graphs', name)),
    );
    expect(width).toBeGreaterThanOrEqual(1000);
    expect(height).toBeGreaterThanOrEqual(500);
    expect(shades).toBeGreaterThan(50);
  }
});

it('answers after the manager has gone', async () => {
  const { statusCode, body } = await request('http://127.0.0.1:8000/logs?type=memory&limit=1');
  expect(statusCode).toBe(200);
  expect(await body.json()).toMatchObject([{ type: 'memory', sensor: 'procfs' }]);
});
