import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { Machine } from './machine.ts';

const ROOT_PACKAGE = resolve(import.meta.dirname, '../../../package.json');

test.each(['SIGINT', 'SIGTERM'] as const)(
  'a %s to the pid of npm reaches the manager, and npm waits for it',
  { timeout: 60_000 },
  async (signal) => {
    using machine = new Machine();
    const { scripts } = JSON.parse(readFileSync(ROOT_PACKAGE, 'utf8'));
    machine.write('package.json', JSON.stringify({ scripts }));
    // The manager: says goodbye a moment after the signal.
    machine.standIn(
      'node',
      `[[ $1 == --version ]] && { echo v24.21.0; exit; }
    trap 'sleep 0.2; echo goodbye; exit 0' INT TERM
    touch "$HOME/up"; while true; do sleep 0.05; done`,
    );
    machine.without('bin/sh');
    const daemon = spawn(join(machine.bin, 'cron'), ['60'], { stdio: 'ignore' });
    const PATH = `${machine.bin}:/usr/local/bin:/usr/bin:/bin`;
    const npm = spawn(process.execPath, [npmCli(), 'start', '--silent'], {
      cwd: machine.folder,
      env: { PATH, HOME: machine.folder },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      let said = '';
      npm.stdout.on('data', (text) => {
        said += String(text);
      });
      await expect.poll(() => existsSync(join(machine.folder, 'up')), { timeout: 30_000 }).toBe(true);
      npm.kill(signal);
      const [code] = await once(npm, 'close');
      expect(said).toBe('goodbye\n');
      expect(code).toBe(0);
    } finally {
      daemon.kill('SIGKILL');
      npm.kill('SIGKILL');
    }
  },
);

/** The program that the command npm starts. */
function npmCli(): string {
  const { stdout } = spawnSync('/bin/sh', ['-c', 'readlink -f "$(command -v npm)"'], { encoding: 'utf8' });
  return stdout.trim();
}
