import { spawn } from 'node:child_process';
import { once } from 'node:events';

const RUN_LIMIT_MS = 120_000;

/** A program that ended with another code than 0. */
class ProgramFailed extends Error {
  readonly exitCode: number | null;

  constructor(command: string, exitCode: number | null, stderr: string) {
    super(stderr.trim() || `${command} ended with code ${exitCode}`);
    this.name = 'ProgramFailed';
    this.exitCode = exitCode;
  }
}

/**
 * Runs a program to its end and gives what it printed. It runs in a session of its own, so that a Ctrl-C
 * meant for the manager doesn't cut it short; only the signal does, after two minutes if none is given.
 * @throws ProgramFailed with what it said on standard error; the signal's reason
 */
export async function run(
  command: string,
  args: readonly string[],
  signal: AbortSignal = AbortSignal.timeout(RUN_LIMIT_MS),
): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, signal });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new ProgramFailed(command, typeof code === 'number' ? code : null, stderr);
  return stdout;
}
