import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { LogBatch } from 'contract';
import { Compile } from 'typebox/compile';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { alive, docker, removeAllOfOurs } from './engine.ts';
import { makePlayground, type Playground, type Run, readCrontab, until, writeCrontab } from './playground.ts';

// What the world does to the manager while it runs, and starts that must be refused.

const crontabBefore = readCrontab();
const batch = Compile(LogBatch);
let playground: Playground;

beforeAll(async () => {
  removeAllOfOurs();
  writeCrontab(null);
  playground = await makePlayground();
});

afterEach(() => {
  playground.killAll();
  const crontab = readCrontab();
  // One that failed must not make the next ones fail.
  writeCrontab(null);
  expect(crontab).toBeNull();
});

afterAll(async () => {
  await playground[Symbol.asyncDispose]();
  removeAllOfOurs();
  writeCrontab(crontabBefore);
});

const start = (...args: readonly string[]) => playground.start('npm', 'start', '--', ...args);

/** All that the log holds, once it has been closed by the end of a run. */
function logged() {
  const records: unknown = JSON.parse(readFileSync(join(playground.root, 'volumes/logs/logs.json'), 'utf8'));
  if (!batch.Check(records)) throw new Error(JSON.stringify([...batch.Errors(records)].slice(0, 3)));
  return records;
}

async function endWell(run: Run): Promise<void> {
  run.child.kill('SIGINT');
  expect(await run.ended(), run.output()).toBe(0);
  // Nothing was lost on the way, and nothing came twice.
  const numbers = logged().map(({ sequence }) => sequence);
  expect(numbers).toEqual(numbers.map((_number, index) => index + 1));
}

/** A small file system of its own that can be frozen. */
async function freezableFolder(parent: string) {
  const [image, path] = [join(parent, 'frozen.img'), join(parent, 'frozen')];
  await mkdir(path);
  execFileSync('truncate', ['--size=8M', image]);
  execFileSync('mkfs.ext4', ['-q', image]);
  execFileSync('mount', ['-o', 'loop', image, path]);
  await chmod(path, 0o777);
  return {
    path,
    freeze: () => execFileSync('fsfreeze', ['--freeze', path]),
    thaw: () => execFileSync('fsfreeze', ['--unfreeze', path]),
    [Symbol.asyncDispose]: async () => {
      spawnSync('fsfreeze', ['--unfreeze', path]);
      docker('rm', '--force', 'gestor-test-stuck');
      execFileSync('umount', [path]);
    },
  };
}

describe('while it runs', () => {
  it('a collector that was killed is started again, and gets what it missed', async () => {
    const run = start('--interval', '2');
    await run.says('cycle 2', 170_000);
    docker('kill', 'gestor-collector');
    await run.says(/replacing it[\s\S]*started[\s\S]*cycle \d/);
    await endWell(run);
    expect(alive('gestor.role=collector')).toEqual(['gestor-collector']);
  });

  it('a second manager is refused and told of the first', async () => {
    const first = start('--interval', '2');
    await first.says('cycle 1');
    const second = start('--interval', '2');
    expect(await second.ended()).toBe(1);
    expect(second.output()).toMatch(/ALREADY_RUNNING.*process \d+, started in .*gestor test/);
    await endWell(first);
  });

  it('an engine that is stopped is waited for', async () => {
    const run = start('--interval', '2');
    await run.says('cycle 1');
    const pid = readFileSync('/var/run/docker.pid', 'utf8').trim();
    process.kill(Number(pid), 'SIGTERM');
    await run.says('cycle skipped [ENGINE_UNREACHABLE]');
    await until('the engine has ended', () => !existsSync(`/proc/${pid}`));
    expect(await playground.start('npm', 'run', 'setup').ended(120_000)).toBe(0);
    await run.says(/working again after \d+ skipped cycles?[\s\S]*cycle \d/);
    expect(run.output().match(/ENGINE_UNREACHABLE/g)).toHaveLength(1);
    await endWell(run);
  });

  it('a container that will not die is reported, the others go, and it goes when it can', async () => {
    // Whoever writes to a frozen file system waits in the kernel, where no signal reaches him.
    await using frozen = await freezableFolder(playground.root);
    const labels = ['--label', 'gestor.managed=true', '--label', 'gestor.kind=high'];
    const write = ['gestor/low-idle', 'sh', '-c', 'while :; do echo x >/data/file; done'];
    docker(
      'run',
      '--detach',
      '--name',
      'gestor-test-stuck',
      ...labels,
      '--volume',
      `${frozen.path}:/data`,
      ...write,
    );
    frozen.freeze();
    const run = start('--interval', '2', '--keep-high', '0', '--keep-low', '1', '--json');
    await run.says(/"name":"gestor-test-stuck"[^}]*"fate":"removal_failed"[^}]*still there after 10 s/);
    expect(alive('gestor.managed=true')).toContain('gestor-test-stuck');
    frozen.thaw();
    await until('it is gone', () => !docker('ps', '--all').includes('gestor-test-stuck'));
    await endWell(run);
  });
});

it('records keep their numbers apart when the count of the manager was deleted', async () => {
  await rm(join(playground.root, 'volumes/manager'), { recursive: true });
  const run = start('--cycles', '1');
  expect(await run.ended(), run.output()).toBe(0);
  expect(run.output()).toMatch(/logs: sent (\d+), kept \1, gaps none/);
});

it('a cron daemon that does not run is told of, with what starts it', async () => {
  execFileSync('service', ['cron', 'stop']);
  // A child of the daemon outlives it while its job runs, and has its name.
  const child = join(playground.root, 'volumes', 'cron');
  copyFileSync('/bin/sleep', child);
  const job = spawn(child, ['60'], { argv0: '/usr/sbin/CRON' });
  try {
    const path = `PATH=${join(playground.root, '.tools/node_modules/.bin')}:${process.env.PATH}`;
    const run = playground.start('env', path, 'pnpm', '--filter', 'manager', 'start', '--cycles', '1');
    expect(await run.ended(), run.output()).toBe(0);
    expect(run.output()).toMatch(/no cron daemon is running, so nothing will be created. Start it: .*cron/);
  } finally {
    job.kill();
    execFileSync('service', ['cron', 'start']);
  }
});

it('a collector that somebody else has started is used', async () => {
  docker('rm', '--force', 'gestor-collector');
  const volumes = ['logs', 'graphs', 'run'].flatMap((name) => [
    '--volume',
    `${playground.root}/volumes/${name}:/data/${name}`,
  ]);
  const options = [
    '--user',
    '10001:10001',
    '--publish',
    '127.0.0.1:8000:8000',
    '--label',
    'gestor.role=collector',
  ];
  const id = docker(
    'run',
    '--detach',
    '--name',
    'my-own-collector',
    ...options,
    ...volumes,
    'gestor/collector',
  );
  await until(
    'it answers',
    async () => (await fetch('http://127.0.0.1:8000/healthz').catch(() => null))?.ok ?? false,
  );
  const run = start('--cycles', '1');
  expect(await run.ended(), run.output()).toBe(0);
  expect(run.output()).toContain('running, started by someone else');
  expect(docker('ps', '--no-trunc', '--quiet', '--filter', 'label=gestor.role=collector')).toBe(id);
  docker('rm', '--force', 'my-own-collector');
});

describe('starts that are refused, with a sentence and a code', () => {
  const refused = async (run: Run, code: string) => {
    expect(await run.ended(), run.output()).toBe(1);
    expect(run.output()).toContain(`gestor [${code}]`);
    return run.output();
  };

  it('the port is taken by a stranger', async () => {
    docker('rm', '--force', 'gestor-collector');
    await using stranger = createServer((_request, response) => response.end('hello')).listen(
      8000,
      '127.0.0.1',
    );
    await once(stranger, 'listening');
    expect(await refused(start(), 'PORT_TAKEN')).toContain("ss -ltnp 'sport = :8000'");
  });

  it('the volumes cannot be written', async () => {
    const volumes = join(playground.root, 'volumes');
    await rename(volumes, `${volumes}.away`);
    await writeFile(volumes, '');
    await refused(start(), 'VOLUME_NOT_WRITABLE');
    await rm(volumes);
    await rename(`${volumes}.away`, volumes);
  });

  it('an image cannot be built', async () => {
    const folder = join(playground.root, 'images/broken');
    await mkdir(folder);
    await writeFile(join(folder, 'Dockerfile'), 'ARG BASE=busybox:stable\nFROM $BASE\nRUN exit 7\n');
    expect(await refused(start(), 'IMAGE_BUILD_FAILED')).toMatch(
      /gestor\/broken.*returned a non-zero code: 7/,
    );
    await rm(folder, { recursive: true });
  });

  it('the module is asked for and is not there', async () => {
    expect(await refused(start('--sensor', 'module', '--carnet', '99'), 'SENSOR_MISSING')).toContain(
      '/proc/sysinfo_99',
    );
  });

  it('there is no crontab command', async () => {
    const commands = join(playground.root, 'volumes/commands');
    await mkdir(commands);
    // Each folder that has the command is replaced by one with links to all others in it.
    const folders = `${join(playground.root, '.tools/node_modules/.bin')}:${process.env.PATH}`.split(':');
    for (const folder of folders.filter((name) => existsSync(join(name, 'crontab')))) {
      for (const name of await readdir(folder)) {
        if (name !== 'crontab')
          await symlink(join(folder, name), join(commands, name)).catch(() => undefined);
      }
    }
    const path = folders.map((name) => (existsSync(join(name, 'crontab')) ? commands : name)).join(':');
    const run = playground.start('env', `PATH=${path}`, 'pnpm', '--filter', 'manager', 'start');
    expect(await run.ended()).toBe(1);
    expect(run.output()).toContain('apt-get install cron');
    await rm(commands, { recursive: true });
  });

  it.each(['--interval 0', '--carnet 12ab', '--port 99999'])('%s', async (option) => {
    const run = start(...option.split(' '));
    expect(await run.ended()).toBe(2);
    expect(run.output()).toContain(`[BAD_OPTION] ${option}`);
  });
});

describe('the doctor', () => {
  it('says that all is well after a run, with code 0', async () => {
    expect(await start('--cycles', '1').ended()).toBe(0);
    const run = playground.start('npm', 'run', 'doctor');
    expect(await run.ended(), run.output()).toBe(0);
    expect(run.output()).toContain('All is well.');
  });

  it('names what is wrong and the command that mends it, with another code', async () => {
    docker('rmi', '--force', 'gestor/low-beat');
    const run = playground.start('npm', 'run', 'doctor');
    expect(await run.ended()).not.toBe(0);
    expect(run.output()).toMatch(/✗ images +missing or out of date: gestor\/low-beat\n +npm run images/);
    expect(await playground.start('npm', 'run', 'images').ended()).toBe(0);
    expect(await playground.start('npm', 'run', 'doctor').ended()).toBe(0);
  });
});
