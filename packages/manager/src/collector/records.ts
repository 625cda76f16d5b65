import type { Fate, LogRecord, MemoryRecord, ProcessRecord, Sysinfo } from 'contract';
import { kindOf, type Verdict } from '../decide.ts';
import { type Frame, round2, type Subject } from '../frame.ts';
import type { Unnumbered } from './spool.ts';

/** What became of a container that was to be removed. */
export interface Outcome {
  readonly id: string;
  /** Null when it is gone, else why it is not. */
  readonly failure: string | null;
}

/** A container with its verdict and what came of it: one row of the screen, one record of the log. */
export interface Judged {
  readonly subject: Subject;
  readonly verdict: Verdict;
  readonly fate: Fate;
  readonly reason: string;
}

const fates: Readonly<Record<Exclude<Verdict['action'], 'remove'>, Fate>> = {
  keep: 'kept',
  wait: 'waiting',
  protect: 'protected',
};

/** Joins each verdict with its container and with what came of it; a dry run has no outcomes. */
export function judge(frame: Frame, verdicts: readonly Verdict[], outcomes: readonly Outcome[]): Judged[] {
  const subjects = new Map(frame.subjects.map((subject) => [subject.id, subject] as const));
  const outcomeOf = new Map(outcomes.map((outcome) => [outcome.id, outcome] as const));
  return verdicts.flatMap((verdict): Judged[] => {
    const subject = subjects.get(verdict.id);
    if (subject === undefined) return [];
    const { action, reason } = verdict;
    if (action !== 'remove') return [{ subject, verdict, fate: fates[action], reason }];
    const outcome = outcomeOf.get(verdict.id);
    if (outcome === undefined) return [{ subject, verdict, fate: 'would_remove', reason }];
    if (outcome.failure === null) return [{ subject, verdict, fate: 'removed', reason }];
    return [
      { subject, verdict, fate: 'removal_failed', reason: `${reason}; not removed: ${outcome.failure}` },
    ];
  });
}

const usedPercent = ({ memory }: Sysinfo) =>
  memory.total_kb === 0 ? 0 : round2((memory.used_kb / memory.total_kb) * 100);

function memoryRecord(sysinfo: Sysinfo, host: string): Unnumbered<MemoryRecord> {
  const { sensor, taken_at, memory } = sysinfo;
  return { type: 'memory', taken_at, host, sensor, ...memory, used_percent: usedPercent(sysinfo) };
}

function processRecord(judged: Judged, sysinfo: Sysinfo, host: string): Unnumbered<ProcessRecord>[] {
  const { subject, fate, reason } = judged;
  const kind = kindOf(subject);
  if (kind === null) return [];
  const { figures, mainProcess } = subject;
  const ram = figures?.ramKb ?? 0;
  return [
    {
      type: 'process',
      taken_at: sysinfo.taken_at,
      host,
      sensor: sysinfo.sensor,
      container_id: subject.id,
      container_name: subject.name.slice(0, 255),
      image: subject.image.slice(0, 512),
      kind,
      pid: mainProcess?.pid ?? null,
      name: mainProcess?.name.slice(0, 64) ?? '',
      command_line: mainProcess?.command_line.slice(0, 4096) ?? '',
      tasks: subject.tasks,
      cpu_percent: figures?.cpuPercent ?? null,
      ram_kb: ram,
      memory_percent: sysinfo.memory.total_kb === 0 ? 0 : round2((ram / sysinfo.memory.total_kb) * 100),
      vsz_kb: figures?.vszKb ?? 0,
      rss_kb: figures?.rssKb ?? 0,
      fate,
      reason: reason.slice(0, 1024),
    },
  ];
}

/**
 * The log records of one cycle: the host's memory, and each container of ours. Containers that are not
 * ours are left out: what runs in them is nobody's business here.
 */
export function logRecords(
  sysinfo: Sysinfo,
  judged: readonly Judged[],
  host: string,
): Unnumbered<LogRecord>[] {
  const ours = judged.filter(({ fate }) => fate !== 'protected');
  return [memoryRecord(sysinfo, host), ...ours.flatMap((one) => processRecord(one, sysinfo, host))];
}
