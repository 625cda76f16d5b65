import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How a script ended and what it printed. */
export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A folder of its own for one test, with a `bin` of stand-in commands. */
export class Sandbox {
  readonly folder = mkdtempSync(join(tmpdir(), 'gestor-setup-'));
  readonly bin = join(this.folder, 'bin');
  readonly #environment: NodeJS.ProcessEnv;

  /** With `isolated`, no command but the stand-ins and the linked ones is found. */
  constructor(isolated = false) {
    mkdirSync(this.bin);
    const path = isolated
      ? this.bin
      : `${this.bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
    this.#environment = { PATH: path, HOME: this.folder };
  }

  /** Writes a file below the folder and gives its path. */
  write(name: string, text: string | Uint8Array): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** Puts a bash script in place of the command. */
  standIn(command: string, body: string): void {
    const path = join(this.bin, command);
    // It may be a link to the real command: written through, that would be replaced for the whole machine.
    rmSync(path, { force: true });
    writeFileSync(path, `#!/bin/bash\n${body}\n`);
    chmodSync(path, 0o755);
  }

  /** Lets the real commands of these names be found. */
  link(commands: readonly string[]): void {
    for (const command of commands) {
      const { stdout } = spawnSync('/bin/sh', ['-c', `command -v ${command}`], { encoding: 'utf8' });
      symlinkSync(stdout.trim(), join(this.bin, command));
    }
  }

  /** Runs a bash script with the stand-ins in its PATH. */
  bash(script: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Ran {
    const env = { ...this.#environment, ...environment };
    const { status, stdout, stderr } = spawnSync('/bin/bash', [script, ...args], { env, encoding: 'utf8' });
    return { code: status, stdout, stderr };
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}
