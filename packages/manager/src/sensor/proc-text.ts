/** Linux reports times in /proc in ticks of USER_HZ, which is 100 on every architecture Node runs on. */
const TICK_US = 10_000;

/** The value of a `Key:   123 kB` line (/proc/meminfo, /proc/<pid>/status), in kB. */
export function kbLine(text: string, key: string): number | null {
  const found = new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
  return found === undefined ? null : Number(found);
}

/** The value of a `key value` line (memory.stat, cpu.stat, /proc/<pid>/io with its colon). */
export function wordLine(text: string, key: string): number | null {
  const found = new RegExp(`^${key}:? (\\d+)$`, 'm').exec(text)?.[1];
  return found === undefined ? null : Number(found);
}

/** What /proc/<pid>/stat says, in Gestor's units. */
export interface ProcessStat {
  readonly name: string;
  readonly state: string;
  readonly cpuUs: number;
  /** CPU time of children it has waited for. */
  readonly reapedCpuUs: number;
  readonly startUs: number;
  readonly vszKb: number;
  readonly rssPages: number;
}

/**
 * Parses /proc/<pid>/stat (proc_pid_stat(5)). The name stands in parentheses and may hold any character,
 * parentheses and spaces too, so the fields are counted from the last closing parenthesis. Null if the
 * text is not of that form (the process ended while it was read).
 */
export function parseStat(text: string): ProcessStat | null {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return null;
  const fields = text
    .slice(close + 2)
    .trim()
    .split(' ');
  // fields[0] is field 3 of the manual page.
  const field = (number: number) => Number(fields[number - 3]);
  const stat = {
    name: text.slice(open + 1, close),
    state: fields[0] ?? '',
    cpuUs: (field(14) + field(15)) * TICK_US,
    reapedCpuUs: (field(16) + field(17)) * TICK_US,
    startUs: field(22) * TICK_US,
    vszKb: Math.floor(field(23) / 1024),
    rssPages: field(24),
  };
  return Number.isNaN(stat.rssPages) ? null : stat;
}

/** Arguments stand one after the other, each ended by a NUL byte; shown joined by spaces. */
export function parseCommandLine(text: string): string {
  return text.replace(/\0+$/, '').replaceAll('\0', ' ');
}

/** Sums of the `cpu` line and the number of `cpuN` lines of /proc/stat. */
export function parseHostCpu(text: string): { online: number; busyUs: number; idleUs: number } {
  const total = /^cpu +(.*)$/m.exec(text)?.[1]?.split(' ').map(Number) ?? [];
  // user nice system idle iowait irq softirq steal; guest time is part of user already.
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = total;
  return {
    online: Math.max(1, text.match(/^cpu\d+ /gm)?.length ?? 1),
    busyUs: (user + nice + system + irq + softirq + steal) * TICK_US,
    idleUs: (idle + iowait) * TICK_US,
  };
}
