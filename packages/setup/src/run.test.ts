import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Machine } from './machine.ts';

/** The ways of the three kinds of machine: systemd, another init, none. */
const startsEngine = /^( {2})?(systemctl start docker$|service docker start$|sh -c .*setsid dockerd)/;

test('nothing missing: nothing is said or changed, the manager gets its options', () => {
  using machine = new Machine();
  const ran = machine.run('start', '--cycles', '6', '--no-install', '--carnet', 'a b');
  expect(ran).toEqual({
    code: 0,
    stdout: 'node packages/manager/src/main.ts --cycles 6 --carnet a b\n',
    stderr: '',
  });
  expect(machine.changesMade()).toEqual([]);
});

test.each([
  ['not root', ['start'], false],
  ['--no-install', ['start', '--no-install'], true],
])('%s: the commands are printed in order and nothing is changed', (_, args, root) => {
  using machine = new Machine().without('bin/docker', 'bin/dockerd', 'bin/crontab', 'bin/pnpm', 'has/engine');
  machine.root(root);
  const { code, stdout, stderr } = machine.run(...args);
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toContain('Nothing was changed');
  const commands = stderr.split('\n').filter((line) => line.startsWith('  '));
  expect(commands).toEqual([
    expect.stringMatching(/^ {2}npm install --prefix \.tools .* pnpm@12\.21\.0$/),
    expect.stringMatching(/^ {2}(apt-get update && )?apt-get install .* docker\.io$/),
    expect.stringMatching(startsEngine),
    expect.stringMatching(/^ {2}(apt-get update && )?apt-get install .* cron$/),
  ]);
  expect(machine.changesMade()).toEqual([]);
  expect(existsSync(join(machine.folder, '.tools'))).toBe(false);
});

test('sudo is named where there is one', () => {
  using machine = new Machine().without('bin/crontab');
  machine.root(false);
  machine.standIn('sudo', '');
  expect(machine.run('start').stderr).toMatch(/ {2}(sudo apt-get update && )?sudo apt-get install .* cron\n/);
});

test('without apt the packages are named and nothing is changed', () => {
  using machine = new Machine().without('bin/crontab', 'bin/apt-get', 'bin/apt-cache', 'has/engine');
  const { code, stderr } = machine.run('start');
  expect(code).toBe(1);
  expect(stderr).toContain("# install the equivalent of Debian's cron with this system's package manager");
  expect(machine.changesMade()).toEqual([]);
});

test('as root, it says what it will do, does it in order and goes on', () => {
  using machine = new Machine().without('bin/docker', 'bin/dockerd', 'has/engine');
  machine.changes(
    'apt-get',
    'cp "$HOME/has/docker" "$HOME/bin/docker"; cp "$HOME/has/docker" "$HOME/bin/dockerd"',
  );
  machine.write('has/docker', '#!/bin/bash\n[[ -e $HOME/has/engine ]] && echo 1.2.3');
  spawnSync('chmod', ['+x', join(machine.folder, 'has/docker')]);
  for (const starter of ['service', 'systemctl', 'sh']) machine.changes(starter, 'touch "$HOME/has/engine"');
  const { code, stdout, stderr } = machine.run('start', '--once');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const announced = stdout.indexOf('will now install or start');
  const done = stdout.search(/✓ Docker Engine, from Debian \(docker\.io\) +\d+\.\d s/);
  expect(announced).toBeGreaterThanOrEqual(0);
  expect(done).toBeGreaterThan(announced);
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('node packages/manager/src/main.ts --once');
  const changes = machine.changesMade().filter((line) => line !== 'apt-get update');
  expect(changes).toEqual([
    'apt-get install --yes -o DPkg::Lock::Timeout=300 --no-install-recommends --no-remove docker.io',
    expect.stringMatching(startsEngine),
  ]);
});

test('a failing command is named, with the end of what it said', () => {
  using machine = new Machine().without('bin/crontab');
  machine.changes('apt-get', 'echo "E: no space left" >&2; exit 100');
  const { code, stderr } = machine.run('start');
  expect(code).toBe(1);
  expect(stderr).toContain('This command failed: ');
  expect(stderr).toContain('E: no space left');
  expect(stderr).toContain('.tools/setup.log');
});

test('a user of the group docker needs no root where all is there', () => {
  using machine = new Machine();
  machine.root(false);
  expect(machine.run('start').code).toBe(0);
});

test('a refused socket is told apart from a stopped engine', () => {
  using machine = new Machine();
  machine.root(false);
  machine.standIn('docker', 'echo "permission denied while trying to connect" >&2; exit 1');
  expect(machine.run('start').stderr).toContain('usermod --append --groups docker ana');
});

test('an engine elsewhere is left to DOCKER_HOST', () => {
  using machine = new Machine().without('bin/dockerd', 'has/engine');
  const ran = machine.bash(join(machine.folder, 'packages/setup/run.sh'), ['requirements'], {
    DOCKER_HOST: 'tcp://other',
  });
  expect(ran.stdout).toContain('engine\tok\tleft to DOCKER_HOST=tcp://other\t\n');
});

test('the requirements are rows of four columns for the doctor', () => {
  using machine = new Machine().without('bin/crontab');
  const rows = machine
    .run('requirements')
    .stdout.split('\n')
    .slice(0, -1)
    .map((row) => row.split('\t'));
  expect(rows.map((row) => row.length)).toEqual(rows.map(() => 4));
  expect(rows.filter((row) => row[1] === 'missing').map((row) => row[0])).toEqual(['cron']);
  expect(machine.changesMade()).toEqual([]);
});

test('an older Node.js is not enough', () => {
  using machine = new Machine();
  machine.standIn('node', 'echo v24.11.1');
  expect(machine.run('setup', '--no-install').stderr).toContain('node-linux-');
});
