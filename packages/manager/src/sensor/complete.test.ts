import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { completeFromCgroups } from './complete.ts';
import { readProcfs } from './procfs.ts';

const root = resolve(import.meta.dirname, '../../fixtures/cgroup-v1');
const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);

it('adds exact CPU time and inactive page cache to what the module could not know', async () => {
  const whole = await readProcfs(1, { root });
  const known = whole.containers.toSorted(byId);
  const poor = known.map((usage) => ({
    ...usage,
    cpu_us: 1,
    cpu_source: 'tasks' as const,
    memory_usage_kb: null,
    inactive_file_kb: null,
  }));
  const { containers } = await completeFromCgroups({ ...whole, containers: poor }, root);
  expect(containers.toSorted(byId)).toEqual(known);
});

it('leaves alone what the module knew', async () => {
  const whole = await readProcfs(1, { root });
  const exact = whole.containers.map((usage) => ({
    ...usage,
    cpu_us: 7,
    memory_usage_kb: 8,
    inactive_file_kb: 9,
  }));
  expect(await completeFromCgroups({ ...whole, containers: exact }, root)).toEqual({
    ...whole,
    containers: exact,
  });
});

it('leaves a container as it was when it has ended meanwhile', async () => {
  const whole = await readProcfs(1, { root });
  const gone = {
    ...whole,
    processes: [],
    containers: whole.containers.map((usage) => ({ ...usage, inactive_file_kb: null })),
  };
  expect(await completeFromCgroups(gone, root)).toEqual(gone);
});
