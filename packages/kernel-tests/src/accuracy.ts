import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { textOf } from './results.ts';

/** What a container consumed by its limits or arguments, what its cgroup counted, what the manager showed. */
export interface Measured {
  readonly name: string;
  readonly unit: '% CPU' | 'MiB';
  readonly truth: number;
  /** From the cgroup's own files over the whole round; null for memory. */
  readonly counted: number | null;
  readonly seen: number;
}

const Figure = Type.Union([Type.Number(), Type.Null()]);

/** What is read here of a line that the manager prints with --json. */
const Cycle = Type.Object({
  containers: Type.Array(Type.Object({ name: Type.String(), cpu_percent: Figure, ram_kb: Figure })),
});
const cycle = Compile(Cycle);

/** The manager's lines of JSON among whatever else it said. */
function cyclesIn(guest: string, round: string): Static<typeof Cycle>[] {
  const lines = textOf(guest, `${round}.txt`)
    .split('\n')
    .filter((line) => line.startsWith('{'));
  return lines.map((line): unknown => JSON.parse(line)).filter((value) => cycle.Check(value));
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** CPU use over the round as the container's own cpu.stat has it. */
function countedPercent(guest: string, round: string, name: string): number {
  const [before = 0, after = 0] = ['before', 'after'].map((moment) =>
    Number(/usage_usec (\d+)/.exec(textOf(guest, `${round}-${name}-${moment}.txt`))?.[1]),
  );
  const [from, to] = ['from', 'to'].map((moment) => Number(textOf(guest, `${round}-${moment}.txt`)));
  return (after - before) / 1e4 / ((to ?? 0) - (from ?? 0));
}

function measure(guest: string, round: string, name: string): Measured {
  const figures = cyclesIn(guest, round).flatMap(({ containers }) =>
    containers.filter((c) => c.name === name),
  );
  const [, kind, size] = name.split('-');
  const truth = Number(size);
  if (kind === 'mib') {
    const seen = mean(figures.flatMap(({ ram_kb }) => (ram_kb === null ? [] : [ram_kb / 1024])));
    return { name, unit: 'MiB', truth, counted: null, seen };
  }
  const seen = mean(figures.flatMap(({ cpu_percent }) => (cpu_percent === null ? [] : [cpu_percent])));
  return { name, unit: '% CPU', truth, counted: countedPercent(guest, round, name), seen };
}

export const measurementsIn = (guest: string): Measured[] => [
  ...[10, 25, 50].map((percent) => measure(guest, 'accuracy-parts', `known-cpu-${percent}`)),
  measure(guest, 'accuracy-whole', 'known-cpu-100'),
  ...[16, 64, 256].map((mib) => measure(guest, 'accuracy-parts', `known-mib-${mib}`)),
];

/** The table as Markdown. */
export function tableOf(measured: readonly Measured[]): string {
  const rows = measured.map(({ unit, truth, counted, seen }) => {
    const error = ((seen - truth) / truth) * 100;
    const own = counted === null ? '' : counted.toFixed(2);
    return `| ${truth} ${unit} | ${own} | ${seen.toFixed(2)} | ${error.toFixed(1)} % |`;
  });
  return ['| given | cpu.stat says | manager says | error |', '|---|---|---|---|', ...rows].join('\n');
}
