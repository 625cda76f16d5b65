import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Sysinfo } from 'contract';
import { Compile } from 'typebox/compile';
import { resultsFolder } from './config.ts';
import { type ProcProcess, parseProcess } from './proc-text.ts';

const contract = Compile(Sysinfo);

/** The folders of those guests whose name starts so. */
export const resultsOf = (suite: string): string[] => {
  const folder = resultsFolder();
  const guests = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return guests.filter(({ name }) => name.startsWith(suite)).map(({ name }) => join(folder, name));
};

export const textOf = (guest: string, file: string) => readFileSync(join(guest, file), 'utf8');

export const has = (guest: string, file: string) => existsSync(join(guest, file));

/** The lines of JSON in a file, but for one at its end that is torn; undefined when there is no such file. */
export function linesOf(guest: string, file: string): unknown[] | undefined {
  if (!has(guest, file)) return undefined;
  const whole = textOf(guest, file).split('\n').slice(0, -1);
  return whole.map((line): unknown => JSON.parse(line));
}

/** A document as the guest read it: UTF-8 that is valid, JSON that is valid, and what the contract says. */
export function documentOf(guest: string, file: string): Sysinfo {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(join(guest, file)));
  const value: unknown = JSON.parse(text);
  if (contract.Check(value)) return value;
  throw new TypeError(`${guest}/${file}: ${JSON.stringify([...contract.Errors(value)].slice(0, 3))}`);
}

/** Names and exit codes of what the guest tried. */
export const attemptsOf = (guest: string): [string, number][] =>
  textOf(guest, 'results')
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .map(([name = '', code]) => [name, Number(code)]);

/** What /proc said of every process, by pid. */
export function capturedIn(guest: string, moment: string): Map<number, ProcProcess> {
  const folder = join(guest, moment);
  const pids = readdirSync(folder).filter((name) => /^\d+$/.test(name));
  return new Map(
    pids.map((pid) => {
      const files = readdirSync(join(folder, pid)).map((name): [string, Buffer] => [
        name,
        readFileSync(join(folder, pid, name)),
      ]);
      return [Number(pid), parseProcess(Number(pid), new Map(files))];
    }),
  );
}

/** Lines of the kernel log that are there because a module is not Debian's, a process is odd, or QEMU is slow. */
const EXPECTED = [
  /loading out-of-tree module taints kernel/,
  /module verification failed: signature and\/or required key missing/,
  /launched '\/proc\/self\/exe' with NULL argv: empty string added/,
  // Emulated processors are slow and uneven, and the kernel distrusts their clocks.
  /hrtimer: interrupt took \d+ ns/,
  /\b(clocksource|tsc|sched_clock): /,
  /^$/,
];

/** What the kernel logged and should not have. */
export const complaintsIn = (guest: string, file = 'dmesg.txt') =>
  textOf(guest, file)
    .split('\n')
    .filter((line) => !EXPECTED.some((pattern) => pattern.test(line)));
