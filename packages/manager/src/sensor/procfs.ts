import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ContainerUsage, type ProcessUsage, SYSINFO_VERSION, type Sysinfo } from 'contract';
import { round2 } from '../frame.ts';
import {
  type CgroupDirectories,
  containerOf,
  directoriesOf,
  parseCgroup,
  parseCgroupMounts,
} from './cgroup.ts';
import { readCgroupCpu, readCgroupMemory, readOrNull } from './cgroup-files.ts';
import { kbLine, parseCommandLine, parseHostCpu, parseStat, wordLine } from './proc-text.ts';

/** Longest command line that is reported, in characters. */
const COMMAND_LINE_LIMIT = 4096;

/** Where to read: `root` is `/` but for tests on captured trees. */
export interface ProcfsOptions {
  readonly root?: string;
  readonly clock?: () => { takenAt: Date; monotonicUs: number };
}

interface SeenProcess {
  readonly usage: ProcessUsage;
  readonly containerId: string;
  readonly directories: CgroupDirectories;
  readonly reapedCpuUs: number;
}

const systemClock = () => ({
  takenAt: new Date(),
  monotonicUs: Number(process.hrtime.bigint() / 1000n),
});

async function readProcess(
  proc: string,
  pid: number,
  host: { totalKb: number; uptimeUs: number; pageKb: number; mounts: ReadonlyMap<string, string> },
): Promise<SeenProcess | null> {
  const memberships = parseCgroup((await readOrNull(join(proc, `${pid}/cgroup`))) ?? '');
  const container = memberships.map(({ path }) => containerOf(path)).find((found) => found !== null);
  if (!container) return null;
  const [statText, commandLine, io] = await Promise.all([
    readOrNull(join(proc, `${pid}/stat`)),
    readOrNull(join(proc, `${pid}/cmdline`)),
    readOrNull(join(proc, `${pid}/io`)),
  ]);
  const stat = parseStat(statText ?? '');
  if (stat === null) return null;
  const rssKb = stat.rssPages * host.pageKb;
  const livedUs = host.uptimeUs - stat.startUs;
  return {
    containerId: container.id,
    directories: directoriesOf(memberships, host.mounts),
    reapedCpuUs: stat.reapedCpuUs,
    usage: {
      pid,
      name: stat.name,
      command_line: parseCommandLine(commandLine ?? '').slice(0, COMMAND_LINE_LIMIT),
      container_id: container.id,
      state: stat.state,
      vsz_kb: stat.vszKb,
      rss_kb: rssKb,
      memory_percent: round2((rssKb / host.totalKb) * 100),
      cpu_percent: livedUs > 0 ? round2((stat.cpuUs / livedUs) * 100) : 0,
      cpu_us: stat.cpuUs,
      start_us: stat.startUs,
      read_bytes: io === null ? null : wordLine(io, 'read_bytes'),
      written_bytes: io === null ? null : wordLine(io, 'write_bytes'),
    },
  };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** A sum that is unknown when nothing of it is known. */
const sumKnown = (values: readonly (number | null)[]) => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : sum(known);
};

async function readContainer(
  id: string,
  processes: readonly SeenProcess[],
  totalKb: number,
): Promise<ContainerUsage> {
  const directories = processes[0]?.directories ?? {};
  const usages = processes.map(({ usage }) => usage);
  const cgroupCpuUs = await readCgroupCpu(directories);
  const { usageKb, inactiveKb } = await readCgroupMemory(directories);
  const rssKb = sum(usages.map((usage) => usage.rss_kb));
  return {
    id,
    tasks: processes.length,
    cpu_us: cgroupCpuUs ?? sum(processes.map((seen) => seen.usage.cpu_us + seen.reapedCpuUs)),
    cpu_source: cgroupCpuUs === null ? 'tasks' : 'cgroup',
    memory_usage_kb: usageKb,
    inactive_file_kb: inactiveKb,
    memory_percent: round2((rssKb / totalKb) * 100),
    rss_kb: rssKb,
    vsz_kb: sum(usages.map((usage) => usage.vsz_kb)),
    read_bytes: sumKnown(usages.map((usage) => usage.read_bytes)),
    written_bytes: sumKnown(usages.map((usage) => usage.written_bytes)),
  };
}

/** Reads a frame from /proc and the cgroup files: the same document as the kernel module's. */
export async function readProcfs(sequence: number, options: ProcfsOptions = {}): Promise<Sysinfo> {
  const root = options.root ?? '/';
  const proc = join(root, 'proc');
  const [meminfo, stat, uptime, mountinfo, smaps, entries] = await Promise.all([
    readFile(join(proc, 'meminfo'), 'utf8'),
    readFile(join(proc, 'stat'), 'utf8'),
    readFile(join(proc, 'uptime'), 'utf8'),
    readFile(join(proc, 'self/mountinfo'), 'utf8'),
    readOrNull(join(proc, 'self/smaps')),
    readdir(proc),
  ]);
  const totalKb = kbLine(meminfo, 'MemTotal') ?? 0;
  const freeKb = kbLine(meminfo, 'MemFree') ?? 0;
  const mounts = new Map([...parseCgroupMounts(mountinfo)].map(([key, path]) => [key, join(root, path)]));
  const uptimeUs = Math.round(Number.parseFloat(uptime) * 1_000_000);
  const host = { totalKb, uptimeUs, pageKb: kbLine(smaps ?? '', 'KernelPageSize') ?? 4, mounts };
  const pids = entries.filter((name) => /^\d+$/.test(name)).map(Number);
  const seen = (await Promise.all(pids.map((pid) => readProcess(proc, pid, host)))).filter((p) => p !== null);
  const byContainer = Map.groupBy(seen, (process) => process.containerId);
  const cpu = parseHostCpu(stat);
  // Taken right before the counters that rates are made from.
  const { takenAt, monotonicUs } = (options.clock ?? systemClock)();
  return {
    version: SYSINFO_VERSION,
    sensor: 'procfs',
    sequence,
    taken_at: takenAt.toISOString(),
    monotonic_us: monotonicUs,
    truncated: false,
    memory: {
      total_kb: totalKb,
      free_kb: freeKb,
      available_kb: kbLine(meminfo, 'MemAvailable') ?? freeKb,
      used_kb: totalKb - freeKb,
    },
    cpu: { online: cpu.online, busy_us: cpu.busyUs, idle_us: cpu.idleUs },
    containers: await Promise.all([...byContainer].map(([id, list]) => readContainer(id, list, totalKb))),
    processes: seen.map(({ usage }) => usage),
  };
}
