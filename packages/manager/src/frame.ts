import type { ContainerUsage, ProcessUsage, Sysinfo } from 'contract';

/** What the engine says of one container. */
export interface EngineContainer {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  /** created, running, paused, restarting, removing, exited or dead. */
  readonly state: string;
  /** The engine's own words, such as "Exited (137) 3 seconds ago". */
  readonly status: string;
  readonly createdAtMs: number;
}

/** What a container consumes, all its processes together. */
export interface Figures {
  /** CPU time since the frame before over the time between them; 100 is one core; null if unknown. */
  readonly cpuPercent: number | null;
  readonly ramKb: number;
  readonly vszKb: number;
  readonly rssKb: number;
}

/** One container of the host as both the engine and the sensor see it. */
export interface Subject extends EngineContainer {
  /** Null when the sensor saw no process of it. */
  readonly figures: Figures | null;
  readonly tasks: number;
  readonly mainProcess: ProcessUsage | null;
}

/** Everything a decision is made from. */
export interface Frame {
  readonly sysinfo: Sysinfo;
  readonly subjects: readonly Subject[];
}

/** Two decimals, as everywhere in Gestor. */
export const round2 = (value: number): number => Math.round(value * 100) / 100;

/**
 * CPU use between two frames: Δcpu_us / Δmonotonic_us × 100. Null where it cannot be known: one frame
 * only, no time passed, the counter went backwards (a restarted container) or came from another source.
 */
export function cpuPercent(
  now: ContainerUsage,
  nowUs: number,
  before: ContainerUsage | undefined,
  beforeUs: number,
): number | null {
  if (before === undefined || before.cpu_source !== now.cpu_source) return null;
  const usedUs = now.cpu_us - before.cpu_us;
  const passedUs = nowUs - beforeUs;
  return usedUs < 0 || passedUs <= 0 ? null : round2((usedUs / passedUs) * 100);
}

/**
 * Memory a container works with: the cgroup's usage less the page cache that nobody used lately, never
 * below 0 (the two are read at different moments). Where the cgroup says nothing: the sum of resident memory.
 */
export function ramKb(usage: ContainerUsage): number {
  if (usage.memory_usage_kb === null) return usage.rss_kb;
  return Math.max(0, usage.memory_usage_kb - (usage.inactive_file_kb ?? 0));
}

const byId = (sysinfo: Sysinfo | null) =>
  new Map(sysinfo?.containers.map((usage) => [usage.id, usage] as const) ?? []);

/** The process that started first stands for its container. */
function mainProcesses(processes: readonly ProcessUsage[]): Map<string, ProcessUsage> {
  const oldest = new Map<string, ProcessUsage>();
  for (const candidate of processes) {
    if (candidate.container_id === null) continue;
    const known = oldest.get(candidate.container_id);
    const older =
      known === undefined ||
      candidate.start_us < known.start_us ||
      (candidate.start_us === known.start_us && candidate.pid < known.pid);
    if (older) oldest.set(candidate.container_id, candidate);
  }
  return oldest;
}

/** Joins the engine's list with the sensor's figures; `before` is the sensor's previous frame, if any. */
export function joinFrame(
  sysinfo: Sysinfo,
  before: Sysinfo | null,
  containers: readonly EngineContainer[],
): Frame {
  const usages = byId(sysinfo);
  const usagesBefore = byId(before);
  const mains = mainProcesses(sysinfo.processes);
  const subjects = containers.map((container): Subject => {
    const usage = usages.get(container.id);
    const mainProcess = mains.get(container.id) ?? null;
    if (usage === undefined) return { ...container, figures: null, tasks: 0, mainProcess };
    const cpu = cpuPercent(
      usage,
      sysinfo.monotonic_us,
      usagesBefore.get(usage.id),
      before?.monotonic_us ?? 0,
    );
    const figures = { cpuPercent: cpu, ramKb: ramKb(usage), vszKb: usage.vsz_kb, rssKb: usage.rss_kb };
    return { ...container, figures, tasks: usage.tasks, mainProcess };
  });
  return { sysinfo, subjects };
}
