import type { ProcProcess } from './proc-text.ts';
import { capturedIn, documentOf, textOf } from './results.ts';

type Process = ReturnType<typeof documentOf>['processes'][number];

/** The ids of the three containers in every guest. */
export const CONTAINER_IDS = ['aaaa', 'bbbb', 'cccc'].map((start, i) => `${start.padEnd(63, '0')}${i + 1}`);

/** What one guest sent: its documents, and what /proc said of every process before and after them. */
export function openGuest(folder: string) {
  const all = documentOf(folder, 'sysinfo_so1.json');
  const [before, after] = [capturedIn(folder, 'before'), capturedIn(folder, 'after')];
  const kinds = new Map(
    textOf(folder, 'hostile.list')
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
      .map(([pid, kind = '']): [string, number] => [kind, Number(pid)]),
  );
  const processOf = (kind: string) => all.processes.find(({ pid }) => pid === kinds.get(kind));
  return { all, before, after, processOf, pairs: pairsOf(all.processes, before, after) };
}

/** Those that lived through both captures: what is true before and after is true in between. */
function pairsOf(
  processes: readonly Process[],
  before: ReadonlyMap<number, ProcProcess>,
  after: ReadonlyMap<number, ProcProcess>,
) {
  return processes.flatMap((process) => {
    const [from, to] = [before.get(process.pid), after.get(process.pid)];
    return from && to ? [{ process, from, to }] : [];
  });
}
