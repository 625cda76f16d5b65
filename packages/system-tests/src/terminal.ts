import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { until } from './playground.ts';

/** A real terminal of 80 columns (tmux), in which a person could sit. */
export interface Terminal extends Disposable {
  type(line: string): void;
  press(key: string): void;
  /** All that it has shown, from the first line on. */
  text(): string;
  shows(text: string, limitMs?: number): Promise<void>;
}

export function openTerminal(folder: string): Terminal {
  // A server that is ending still holds its socket for a moment: each terminal has one of its own.
  const socket = `gestor-test-${randomUUID()}`;
  const tmux = (...args: readonly string[]) =>
    execFileSync('tmux', ['-L', socket, ...args], { encoding: 'utf8' });
  tmux(
    '-f',
    '/dev/null',
    'new-session',
    '-d',
    '-s',
    'gestor',
    '-x',
    '80',
    '-y',
    '50',
    '-c',
    folder,
    'bash --norc',
  );
  tmux('set-option', '-t', 'gestor', 'history-limit', '5000');
  const text = () => tmux('capture-pane', '-p', '-S', '-', '-t', 'gestor').trimEnd();
  return {
    type: (line) => {
      tmux('send-keys', '-t', 'gestor', '-l', line);
      tmux('send-keys', '-t', 'gestor', 'Enter');
    },
    press: (key) => {
      tmux('send-keys', '-t', 'gestor', key);
    },
    text,
    shows: (wanted, limitMs = 60_000) =>
      until(`the terminal shows ${wanted}`, () => text().includes(wanted), limitMs).catch(
        (cause: unknown) => {
          throw new Error(`the terminal never showed "${wanted}":\n${text()}`, { cause });
        },
      ),
    [Symbol.dispose]: () => {
      spawnSync('tmux', ['-L', socket, 'kill-server']);
    },
  };
}
