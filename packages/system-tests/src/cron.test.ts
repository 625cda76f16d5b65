import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

// The cron scripts on a real Docker Engine, with the real crontab command and a real cron daemon.

const ROOT = resolve(import.meta.dirname, '../../..');
const KINDS = ['high-cpu', 'high-ram', 'low-idle', 'low-beat'];
const PREFIX = 'gestor-cron-test';
const MANAGED = ['ps', '--all', '--quiet', '--no-trunc', '--filter', 'label=gestor.managed=true'];
const execute = promisify(execFile);

const crontabBefore = spawnSync('crontab', ['-l']);
const folder = mkdtempSync(join(tmpdir(), 'gestor-cron-'));
// Cron takes a bare % for a newline, and sh reads quotes.
const state = join(folder, `100% "o'clock" run`);

function docker(...args: string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] }).trim();
}

/** Runs a script with as little as cron gives it. */
async function cronScript(name: string, ...args: string[]): Promise<string> {
  const { stdout } = await execute('/bin/bash', [join(ROOT, 'cron', name), ...args, ...engineOptions()], {
    env: { PATH: '/usr/bin:/bin' },
    cwd: '/',
  });
  return stdout;
}

function engineOptions(): string[] {
  const host = process.env.DOCKER_HOST;
  return host === undefined ? [] : ['--docker-host', host];
}

const create = (...args: string[]) => cronScript('create-containers.sh', '--state', state, ...args);
const logFile = join(state, 'cron.log');
const log = () => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '');
/** Names of what the runs of the test have created, from the log. */
const created = () => [...log().matchAll(/ created (\S+) from/g)].map((match) => match[1] ?? '');

function lease(seconds: number): void {
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const uptime = Number.parseInt(readFileSync('/proc/uptime', 'utf8'), 10);
  writeFileSync(join(state, 'lease'), `${bootId} ${uptime + seconds}\n`);
}

/** An image on the test's base with these labels and this command. */
function buildImage(name: string, labels: string, command: string): void {
  const dockerfile = `FROM ${PREFIX}/base\nLABEL ${labels}\nCMD ${command}\n`;
  execFileSync('docker', ['build', '--tag', `${PREFIX}/${name}`, '-'], {
    input: dockerfile,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}

beforeAll(() => {
  const base = execFileSync('bash', [join(ROOT, 'images/base.sh'), 'busybox'], { maxBuffer: 2 ** 26 });
  execFileSync('docker', ['import', '-', `${PREFIX}/base`], {
    input: base,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  for (const kind of KINDS) {
    docker(
      'build',
      '--build-arg',
      `BASE=${PREFIX}/base`,
      '--tag',
      `${PREFIX}/${kind}`,
      join(ROOT, 'images', kind),
    );
  }
}, 120_000);

beforeEach(() => {
  mkdirSync(state);
  lease(600);
});

afterEach(() => {
  spawnSync('docker', ['rm', '--force', ...created()]);
  rmSync(state, { recursive: true });
}, 120_000);

afterAll(() => {
  // The base last: an image with children stays.
  spawnSync('docker', ['rmi', '--force', ...[...KINDS, 'base'].map((name) => `${PREFIX}/${name}`)]);
  rmSync(folder, { recursive: true });
  if (crontabBefore.status === 0) spawnSync('crontab', ['-'], { input: crontabBefore.stdout });
  else spawnSync('crontab', ['-r']);
}, 60_000);

test('ten containers, each labelled as ours, within its limits and harmless', async () => {
  await create('--ceiling', '1000');
  const names = created();
  expect(new Set(names).size).toBe(10);
  const containers: unknown = JSON.parse(docker('inspect', ...names));
  expect(containers).toEqual(
    names.map((name) => {
      expect(name).toMatch(/^[a-z-]+-[0-9a-f]{8}$/);
      return expect.objectContaining({
        Name: `/${name}`,
        State: expect.objectContaining({ Running: true }),
        Config: expect.objectContaining({
          Labels: expect.objectContaining({
            'gestor.managed': 'true',
            'gestor.kind': expect.stringMatching(/^(high|low)$/),
          }),
        }),
        HostConfig: expect.objectContaining({
          NetworkMode: 'none',
          CapDrop: ['ALL'],
          CpuShares: 128,
          PidsLimit: 64,
        }),
      });
    }),
  );
  const limits = docker(
    'inspect',
    '--format',
    '{{.HostConfig.NanoCpus}} {{.HostConfig.Memory}} {{.HostConfig.MemorySwap}}',
    ...names,
  );
  for (const line of limits.split('\n')) {
    const [nanoCpus, memory, swap] = line.split(' ').map(Number);
    expect(nanoCpus).toBeLessThanOrEqual(0.15e9);
    expect(memory).toBeLessThanOrEqual(128 * 2 ** 20);
    expect(swap).toBe(memory);
  }
}, 60_000);

test('the ceiling holds, whoever created the ones that exist', async () => {
  const before = docker(...MANAGED)
    .split('\n')
    .filter(Boolean).length;
  await create('--count', '2', '--ceiling', String(before + 3));
  await create('--count', '2', '--ceiling', String(before + 3));
  await create('--count', '2', '--ceiling', String(before + 3));
  expect(created()).toHaveLength(3);
  expect(log()).toContain('leaves room for 1 of 2');
  expect(log()).toContain('leaves room for 0 of 2');
}, 60_000);

test('for the manager: one kind, and the names of what was created', async () => {
  const names = (await create('--count', '3', '--ceiling', '1000', '--kind', 'high'))
    .split('\n')
    .slice(0, -1);
  expect(names.toSorted()).toEqual(created().toSorted());
  expect(docker('inspect', '--format', '{{index .Config.Labels "gestor.kind"}}', ...names)).toBe(
    'high\nhigh\nhigh',
  );
}, 60_000);

test('what cannot run is named in the log, leaves nothing behind and stops nothing else', async () => {
  buildImage('broken', 'gestor.kind=low gestor.cpus=0.05 gestor.memory=16m', '["/nonexistent"]');
  buildImage('boundless', 'gestor.kind=low', '["sleep", "infinity"]');
  try {
    // Drawn at random among all images: until each of the two has been drawn, and a sound one.
    const seen = () => log().includes('/boundless') && log().includes('broken-') && created().length > 0;
    for (let i = 0; i < 50 && !seen(); i++) {
      await create('--count', '4', '--ceiling', '1000', '--kind', 'low');
    }
    expect(log()).toMatch(/ broken-[0-9a-f]{8} could not be created: .*nonexistent/);
    expect(log()).toMatch(/boundless:latest is left out: its labels/);
    expect(docker('ps', '--all', '--quiet', '--filter', 'name=broken-')).toBe('');
    expect(created().length).toBeGreaterThan(0);
  } finally {
    docker('rmi', '--force', `${PREFIX}/broken`, `${PREFIX}/boundless`);
  }
}, 120_000);

test('cron runs it, and a lease that runs out ends it: no line of ours is left', async () => {
  const own = '# my own line, 100\\% mine \n';
  execFileSync('crontab', ['-'], { input: own });
  await cronScript(
    'crontab.sh',
    'install',
    '--state',
    state,
    '--every',
    '10',
    '--count',
    '1',
    '--ceiling',
    '1000',
  );
  await expect.poll(() => created().length, { timeout: 90_000, interval: 500 }).toBeGreaterThan(0);
  lease(-1);
  await expect
    .poll(() => execFileSync('crontab', ['-l'], { encoding: 'utf8' }), { timeout: 90_000, interval: 500 })
    .toBe(own);
  const number = created().length;
  expect(log()).toContain('our crontab lines are removed');
  expect(created()).toHaveLength(number);
}, 200_000);
