import type { CycleReport } from '../cycle.ts';
import type { ScreenContext } from './screen.ts';

/** One cycle as one line of JSON, in the words of the log records. */
export function jsonLine(
  report: CycleReport,
  { cycle, records }: Pick<ScreenContext, 'cycle' | 'records'>,
): string {
  const { sysinfo } = report;
  return JSON.stringify({
    cycle,
    taken_at: sysinfo.taken_at,
    sensor: sysinfo.sensor,
    memory: sysinfo.memory,
    containers: report.judged.map(({ subject, verdict, fate, reason }) => ({
      id: subject.id,
      name: subject.name,
      kind: verdict.kind,
      cpu_percent: subject.figures?.cpuPercent ?? null,
      ram_kb: subject.figures?.ramKb ?? null,
      vsz_kb: subject.figures?.vszKb ?? null,
      rss_kb: subject.figures?.rssKb ?? null,
      fate,
      reason,
    })),
    created: report.created,
    records,
    troubles: report.troubles,
    took_ms: Math.round(report.tookMs),
  });
}
