import type { LogRecord } from 'contract';
import { expect, it } from 'vitest';
import { sampleSysinfo } from '../test/sysinfo.ts';
import type { Unnumbered } from './collector/spool.ts';
import { type CycleParts, runCycle } from './cycle.ts';
import { GestorError } from './errors.ts';
import type { EngineContainer } from './frame.ts';
import { LABELS } from './labels.ts';

const never = new AbortController().signal;
const ids = [1, 2, 3, 4].map((n) => n.toString(16).padStart(64, '0'));

const container = (id: string, index: number): EngineContainer => ({
  id,
  name: `high-${index}`,
  image: 'gestor/high-cpu',
  labels: { [LABELS.managed]: 'true', [LABELS.kind]: 'high' },
  state: 'running',
  status: 'Up',
  createdAtMs: index,
});

/** Two frames ten seconds apart in which the first container used most CPU and the last least. */
const sysinfoAt = (seconds: number) =>
  sampleSysinfo({
    monotonic_us: seconds * 1_000_000,
    containers: ids.map((id, index) => ({
      id,
      tasks: 1,
      cpu_us: seconds * 100_000 * (ids.length - index),
      cpu_source: 'cgroup',
      memory_usage_kb: 2048,
      inactive_file_kb: 0,
      memory_percent: 0,
      rss_kb: 1,
      vsz_kb: 1,
      read_bytes: 0,
      written_bytes: 0,
    })),
  });

/** Parts that note what is asked of them. */
function scene(change: Partial<CycleParts> = {}) {
  const removed: string[] = [];
  const records: Unnumbered<LogRecord>[] = [];
  const parts: CycleParts = {
    sensor: { name: 'procfs', source: 'test', read: async () => sysinfoAt(20) },
    engine: {
      list: async () => [
        ...ids.map(container),
        { ...container('f'.repeat(64), 9), name: 'stranger', labels: {} },
      ],
      remove: async (id) => {
        removed.push(id);
      },
    },
    cron: { create: async (_kind, count) => count },
    spool: {
      put: async (batch) => {
        records.push(...batch);
      },
    },
    deliver: async () => undefined,
    policy: { quota: { high: 2, low: 3 }, order: ['cpu', 'ram', 'vsz', 'rss'], spared: new Map() },
    dryRun: false,
    host: 'test',
    ...change,
  };
  return { parts, removed, records };
}

it('removes what ranks below, creates what is missing, and logs both kinds', async () => {
  const { parts, removed, records } = scene();
  const report = await runCycle(parts, sysinfoAt(10), never);
  expect(removed.toSorted()).toEqual(ids.slice(2));
  expect(report.created).toEqual({ high: 0, low: 3 });
  expect(records.map(({ type }) => type)).toEqual(['memory', 'process', 'process', 'process', 'process']);
  expect(records.flatMap((record) => (record.type === 'process' ? [record.fate] : []))).toEqual([
    'kept',
    'kept',
    'removed',
    'removed',
  ]);
});

it('says of strangers that they are protected, and logs nothing of them', async () => {
  const { parts, records } = scene();
  const { judged } = await runCycle(parts, sysinfoAt(10), never);
  expect(judged.at(-1)).toMatchObject({
    fate: 'protected',
    reason: 'not ours',
    subject: { name: 'stranger' },
  });
  expect(JSON.stringify(records)).not.toContain('stranger');
});

it('only says what it would do in a dry run', async () => {
  const create = () => Promise.reject(new TypeError('must not create'));
  const { parts, removed, records } = scene({ dryRun: true, cron: { create } });
  const report = await runCycle(parts, sysinfoAt(10), never);
  expect(removed).toEqual([]);
  expect(report.created).toEqual({ high: 0, low: 0 });
  expect(
    records.filter((record) => record.type === 'process' && record.fate === 'would_remove'),
  ).toHaveLength(2);
});

it('removes the others when one will not go, and says why that one stayed', async () => {
  const gone: string[] = [];
  const engine = {
    list: async () => ids.map(container),
    remove: async (id: string) => {
      if (id === ids[2]) throw new GestorError('REMOVAL_TOO_SLOW', 'it is still there');
      gone.push(id);
    },
  };
  const { judged } = await runCycle(scene({ engine }).parts, sysinfoAt(10), never);
  expect(gone).toEqual([ids[3]]);
  expect(judged.find(({ subject }) => subject.id === ids[2])).toMatchObject({
    fate: 'removal_failed',
    reason: '3rd of 4 by CPU, first 2 stay; not removed: it is still there',
  });
});

it('goes on when containers cannot be created and records not delivered, and says so', async () => {
  const create = () => Promise.reject(new GestorError('CRON_FAILED', 'no image'));
  const deliver = () => Promise.reject(new GestorError('COLLECTOR_UNREACHABLE', 'no answer'));
  const { parts, removed } = scene({ cron: { create }, deliver });
  const { troubles } = await runCycle(parts, sysinfoAt(10), never);
  expect(removed).toHaveLength(2);
  expect(troubles).toEqual(['Not enough of the low kind: no image', 'no answer']);
});
