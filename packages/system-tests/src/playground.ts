import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const REPOSITORY = resolve(import.meta.dirname, '../../..');

/** Where a fresh copy of the project lives; the space in its name is on purpose. */
export interface Playground extends AsyncDisposable {
  readonly root: string;
  /** Starts a command in the copy, in a process group of its own. */
  start(command: string, ...args: readonly string[]): Run;
  /** Kills what still runs of all that was started. */
  killAll(): void;
}

/** A program that was started and what it has said so far. */
export interface Run {
  readonly child: ChildProcess;
  output(): string;
  /** Waits for this text; throws with all the output if the program ends before or takes too long. */
  says(text: string | RegExp, limitMs?: number): Promise<void>;
  /** Waits for the end; gives the exit code. */
  ended(limitMs?: number): Promise<number | null>;
}

/** Waits for something to become true; throws with `what` if it doesn't. */
export async function until(
  what: string,
  test: () => boolean | Promise<boolean>,
  limitMs = 60_000,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await test())) {
    if (performance.now() > deadline) throw new Error(`not within ${limitMs / 1000} s: ${what}`);
    await sleep(100);
  }
}

function observe(child: ChildProcess): Run {
  let text = '';
  let code: number | null | undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  child.on('close', (exitCode) => {
    code = exitCode;
  });
  const found = (wanted: string | RegExp) =>
    typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text);
  const within = async (what: string, test: () => boolean, limitMs: number) => {
    try {
      await until(what, test, limitMs);
    } catch (cause) {
      throw new Error(`${what}; it said:\n${text}`, { cause });
    }
  };
  return {
    child,
    output: () => text,
    says: async (wanted, limitMs = 60_000) => {
      await within(`says ${wanted}`, () => found(wanted) || code !== undefined, limitMs);
      if (!found(wanted)) throw new Error(`ended with ${code} before it said ${wanted}:\n${text}`);
    },
    ended: async (limitMs = 60_000) => {
      await within('ends', () => code !== undefined, limitMs);
      return code ?? null;
    },
  };
}

/** Copies the project as a fresh clone would have it, with what is installed already. */
export async function makePlayground(): Promise<Playground> {
  const root = await mkdtemp(join(tmpdir(), 'gestor test '));
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: REPOSITORY });
  const archive = execFileSync('tar', ['--create', '--null', '--files-from', '-'], {
    cwd: REPOSITORY,
    input: files,
    maxBuffer: 2 ** 28,
  });
  execFileSync('tar', ['--extract', '--directory', root], { input: archive });
  const installed = [
    '.tools',
    'node_modules',
    ...readdirSync(join(REPOSITORY, 'packages')).map((name) => `packages/${name}/node_modules`),
  ];
  for (const path of installed.filter((name) => existsSync(join(REPOSITORY, name)))) {
    await cp(join(REPOSITORY, path), join(root, path), { recursive: true, verbatimSymlinks: true });
  }
  const runs: ChildProcess[] = [];
  const killAll = () => {
    for (const { pid, exitCode } of runs.splice(0)) {
      if (pid !== undefined && exitCode === null) spawnSync('kill', ['-KILL', '--', `-${pid}`]);
    }
  };
  return {
    root,
    start: (command, ...args) => {
      const child = spawn(command, args, { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
      runs.push(child);
      return observe(child);
    },
    killAll,
    [Symbol.asyncDispose]: async () => {
      killAll();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/**
 * The user's crontab, or null where there is none. From its file and not from `crontab -l`, which shows
 * some bytes otherwise; without the three lines that crontab itself puts on top.
 */
export function readCrontab(): string | null {
  const file = join('/var/spool/cron/crontabs', userInfo().username);
  if (!existsSync(file)) return null;
  return readFileSync(file, 'latin1').replace(/^# DO NOT EDIT.*\n.*\n.*\n/, '');
}

export function writeCrontab(text: string | null): void {
  if (text === null) spawnSync('crontab', ['-r']);
  else execFileSync('crontab', ['-'], { input: Buffer.from(text, 'latin1') });
}

export const ourCronLines = (): string[] =>
  (readCrontab() ?? '')
    .split('\n')
    .filter((line) => /create-containers\.sh.* # gestor:create-containers$/.test(line));
