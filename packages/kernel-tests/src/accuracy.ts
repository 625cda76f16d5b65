import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { textOf } from './results.ts';

/** What a container consumed by its limits or arguments, what its cgroup counted, what the manager showed. */
export interface Measured {
  readonly name: string;
  readonly unit: '% CPU' | 'MiB';
  readonly given: number;
  /** Of CPU what its own cpu.stat counted between the manager's frames; of memory what it has touched. */
  readonly truth: number;
  readonly seen: number;
}

const Figure = Type.Union([Type.Number(), Type.Null()]);

/** What is read here of a line that the manager prints with --json. */
const Cycle = Type.Object({
  taken_at: Type.String(),
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

/** What a container's own cpu.stat said of its CPU time at that moment: interpolated between two samples. */
function usageAt(samples: readonly (readonly [at: number, usage: number])[], at: number): number {
  const after = samples.findIndex(([time]) => time >= at);
  const [t1, u1] = samples[after] ?? [Number.NaN, Number.NaN];
  const [t0, u0] = samples[after - 1] ?? [Number.NaN, Number.NaN];
  return u0 + ((u1 - u0) * (at - t0)) / (t1 - t0);
}

/** CPU use between the manager's frames as the container's own cpu.stat has it. */
function countedPercents(guest: string, round: string, name: string): number[] {
  const samples = textOf(guest, `${round}-samples.txt`)
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, sampled]) => sampled === name)
    .map(([at, , usage]) => [Number(at) * 1e6, Number(usage)] as const);
  const moments = cyclesIn(guest, round).map(({ taken_at }) => Date.parse(taken_at) * 1000);
  return moments.slice(1).map((to, i) => {
    const from = moments[i] ?? Number.NaN;
    return ((usageAt(samples, to) - usageAt(samples, from)) / (to - from)) * 100;
  });
}

function measure(guest: string, round: string, name: string): Measured {
  const figures = cyclesIn(guest, round).flatMap(({ containers }) =>
    containers.filter((c) => c.name === name),
  );
  const [, kind, size] = name.split('-');
  const given = Number(size);
  if (kind === 'mib') {
    const seen = mean(figures.flatMap(({ ram_kb }) => (ram_kb === null ? [] : [ram_kb / 1024])));
    return { name, unit: 'MiB', given, truth: given, seen };
  }
  const seen = mean(figures.flatMap(({ cpu_percent }) => (cpu_percent === null ? [] : [cpu_percent])));
  return { name, unit: '% CPU', given, truth: mean(countedPercents(guest, round, name)), seen };
}

export const measurementsIn = (guest: string): Measured[] => [
  ...[10, 25, 50].map((percent) => measure(guest, 'accuracy-parts', `known-cpu-${percent}`)),
  measure(guest, 'accuracy-whole', 'known-cpu-100'),
  ...[16, 64, 256].map((mib) => measure(guest, 'accuracy-parts', `known-mib-${mib}`)),
];

/** The table as Markdown. */
export function tableOf(measured: readonly Measured[]): string {
  const rows = measured.map(({ unit, given, truth, seen }) => {
    const error = ((seen - truth) / truth) * 100;
    return `| ${given} ${unit} | ${truth.toFixed(2)} | ${seen.toFixed(2)} | ${error.toFixed(1)} % |`;
  });
  return ['| given | consumed | manager says | error |', '|---|---|---|---|', ...rows].join('\n');
}
