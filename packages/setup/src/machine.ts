import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Ran, Sandbox } from './sandbox.ts';

const SETUP = resolve(import.meta.dirname, '..');
const REAL =
  'bash cat chmod cmp cp date dirname find grep id mkdir rm sed sleep sort tail timeout touch uname'.split(
    ' ',
  );

/** A machine made of stand-ins on which nothing is missing, and a checkout of its own. */
export class Machine extends Sandbox {
  constructor() {
    super(true);
    this.link(REAL);
    for (const folder of ['packages/setup', 'packages/manager/src', 'node_modules/.pnpm', 'has']) {
      mkdirSync(join(this.folder, folder), { recursive: true });
    }
    cpSync(join(SETUP, 'run.sh'), join(this.folder, 'packages/setup/run.sh'));
    cpSync(join(SETUP, 'lib'), join(this.folder, 'packages/setup/lib'), { recursive: true });
    this.write('pnpm-lock.yaml', 'lock');
    this.write('node_modules/.pnpm/lock.yaml', 'lock');
    this.root(true);
    this.standIn('node', 'if [[ $1 == --version ]]; then echo v24.21.0; else echo "node $*"; fi');
    this.standIn('pnpm', 'echo 12.21.0');
    this.standIn(
      'docker',
      'if [[ -e $HOME/has/engine ]]; then echo 20.10.24; else echo "Cannot connect" >&2; exit 1; fi',
    );
    for (const command of ['dockerd', 'crontab', 'flock']) this.standIn(command, '');
    // Every command that could change the machine leaves a line of what it was asked.
    for (const command of ['apt-get', 'npm', 'service', 'systemctl', 'sh', 'usermod']) this.changes(command);
    this.standIn('apt-cache', '[[ $2 != docker-cli ]]');
    this.write('has/engine', '');
    // What the check looks for is a process of this name.
    cpSync('/bin/sleep', join(this.bin, 'cron'));
  }

  root(is: boolean): void {
    this.standIn('id', `if [[ $1 == -un ]]; then echo ana; else echo ${is ? 0 : 1000}; fi`);
  }

  changes(command: string, effect = ''): void {
    this.standIn(command, `echo "${command} $*" >>"$HOME/changes"\n${effect}`);
  }

  without(...names: string[]): this {
    for (const name of names) spawnSync('rm', ['-f', join(this.folder, name)]);
    return this;
  }

  run(...args: string[]): Ran {
    const daemon = spawn(join(this.bin, 'cron'), ['60'], { stdio: 'ignore' });
    try {
      return this.bash(join(this.folder, 'packages/setup/run.sh'), args);
    } finally {
      daemon.kill('SIGKILL');
    }
  }

  changesMade(): string[] {
    const path = join(this.folder, 'changes');
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
  }
}
