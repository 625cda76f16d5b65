import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { alive, ours, removeAllOfOurs } from './engine.ts';
import {
  makePlayground,
  ourCronLines,
  type Playground,
  readCrontab,
  until,
  writeCrontab,
} from './playground.ts';
import { openTerminal } from './terminal.ts';

// Every way to end a run, and what it leaves behind.

const crontabBefore = readCrontab();
const theirs = '5 4 * * * true\n';
let playground: Playground;

beforeAll(async () => {
  removeAllOfOurs();
  writeCrontab(theirs);
  playground = await makePlayground();
});

afterEach(() => {
  playground.killAll();
  expect(readCrontab()).toBe(theirs);
});

afterAll(async () => {
  await playground[Symbol.asyncDispose]();
  removeAllOfOurs();
  writeCrontab(crontabBefore);
});

describe('Ctrl-C in a real terminal', () => {
  it.each(['npm start -- --interval 2', 'pnpm --filter manager start --interval 2'])(
    'ends %s: charts, crontab, code 0, and silence',
    async (command) => {
      using terminal = openTerminal(playground.root);
      terminal.type(`PATH="$PWD/.tools/node_modules/.bin:$PATH" ${command}; echo "ended with $?"`);
      await terminal.shows('cycle 2', 120_000);
      expect(ourCronLines()).toHaveLength(2);
      terminal.press('C-c');
      await terminal.shows('ended with 0');
      const text = terminal.text();
      expect(text).toContain('volumes/graphs/memory.png, volumes/graphs/containers.png');
      expect(text).toContain('our lines are out of the crontab');
      await sleep(2500);
      expect(terminal.text()).toBe(text);
      expect(text.split('\n').every((line) => line.length <= 80)).toBe(true);
    },
  );

  it('pressed twice skips what is optional, never the crontab', async () => {
    using terminal = openTerminal(playground.root);
    terminal.type('npm start -- --interval 2; echo "ended with $?"');
    await terminal.shows('cycle 1', 120_000);
    terminal.press('C-c');
    await terminal.shows('Ending');
    // Two signals of one press come closer together than this.
    await sleep(600);
    terminal.press('C-c');
    await terminal.shows('ended with 0', 10_000);
    expect(terminal.text()).toContain('skipped');
    expect(terminal.text()).toMatch(/our lines are out of the crontab\nended with 0/);
    expect(alive('gestor.role=collector')).toEqual(['gestor-collector']);
  });
});

describe('a signal to npm alone', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('%s ends the manager behind it', async (signal) => {
    const run = playground.start('npm', 'start', '--', '--interval', '2');
    await run.says('cycle 1', 120_000);
    run.child.kill(signal);
    await run.says('our lines are out of the crontab');
    await run.ended();
    expect(run.output()).toContain('volumes/graphs/memory.png');
  });
});

it('--cleanup leaves nothing of ours', async () => {
  const run = playground.start('npm', 'start', '--', '--cycles', '1', '--cleanup');
  expect(await run.ended(120_000), run.output()).toBe(0);
  expect([...ours('high'), ...ours('low'), ...alive('gestor.role=collector')]).toEqual([]);
});

it('kill -9 leaves no cron line of ours for more than 90 s, and no more containers', async () => {
  const run = playground.start('npm', 'start', '--', '--interval', '2');
  await run.says('cycle 1', 170_000);
  const killed = performance.now();
  process.kill(-(run.child.pid ?? 0), 'SIGKILL');
  await until('the crontab is as before', () => readCrontab() === theirs, 90_000);
  expect(performance.now() - killed).toBeLessThan(90_000);
  const left = ours('high').length + ours('low').length;
  await sleep(2000);
  expect(ours('high').length + ours('low').length).toBe(left);
});
