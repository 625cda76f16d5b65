import { type Static, Type } from 'typebox';
import { ContainerId, Count, OrNull, Percent, SensorName, Timestamp } from './scalars.ts';

/** The version of the sysinfo document that this code reads. A sensor that says another is refused. */
export const SYSINFO_VERSION = 1;

const Memory = Type.Object({
  total_kb: Count('Memory of the host (MemTotal).'),
  free_kb: Count('Memory that nothing uses (MemFree).'),
  available_kb: Count('Memory that new programs can have without swapping (MemAvailable).'),
  used_kb: Count('total_kb - free_kb, as the assignment defines it; page cache counts as used.'),
});

const Cpu = Type.Object({
  online: Type.Integer({ minimum: 1, description: 'Processors online.' }),
  busy_us: Count('Time all processors together have worked since boot.'),
  idle_us: Count('Time all processors together have been idle or waited for I/O since boot.'),
});

const Container = Type.Object({
  id: ContainerId,
  tasks: Count('Processes (thread groups) alive in the container.'),
  cpu_us: Count('CPU time of all its tasks, dead ones included, since it started.'),
  cpu_source: Type.Union([Type.Literal('cgroup'), Type.Literal('tasks')], {
    description:
      "Where cpu_us comes from: the cgroup's own counter (exact), or a sum over live tasks and their reaped children.",
  }),
  memory_usage_kb: OrNull(Count('Memory charged to the cgroup, page cache included.')),
  memory_limit_kb: Type.Optional(
    OrNull(Count('Its memory limit; null where there is none or it is not known.')),
  ),
  inactive_file_kb: OrNull(Count('The part of it that is page cache nobody used lately.')),
  memory_percent: Percent("rss_kb as a share of the host's total memory."),
  rss_kb: Count('Resident memory, summed over its processes: shared pages count once for each.'),
  vsz_kb: Count('Virtual memory, summed over its processes.'),
  read_bytes: OrNull(Count('Bytes its live processes have read from storage.')),
  written_bytes: OrNull(Count('Bytes its live processes have written to storage.')),
});

const Process = Type.Object({
  pid: Type.Integer({ minimum: 1 }),
  name: Type.String({ description: 'The name the process gives itself (comm), any characters.' }),
  command_line: Type.String({
    description: 'Arguments joined by spaces, any characters, possibly cut; empty where there is none.',
  }),
  container_id: OrNull(ContainerId),
  state: Type.String({ pattern: '^[A-Za-z]$', description: 'R, S, D, Z, T, t, X, I as in proc(5).' }),
  vsz_kb: Count('Size of its address space.'),
  rss_kb: Count('The part of it that is in memory.'),
  memory_percent: Percent("rss_kb as a share of the host's total memory."),
  cpu_percent: Percent('CPU time over lifetime, as ps prints it.'),
  cpu_us: Count('CPU time since it started.'),
  start_us: Count('When it started, in microseconds after boot.'),
  read_bytes: OrNull(Count('Bytes it has read from storage.')),
  written_bytes: OrNull(Count('Bytes it has written to storage.')),
});

/**
 * One frame of the host as a sensor saw it: the text of /proc/sysinfo_<carnet>, or the same from the
 * procfs sensor. Counters only ever grow; rates are the reader's, from two frames and monotonic_us.
 */
export const Sysinfo = Type.Object({
  version: Type.Literal(SYSINFO_VERSION),
  sensor: SensorName,
  sequence: Type.Integer({ minimum: 1, description: 'Number of the frame since the sensor started.' }),
  taken_at: Timestamp,
  monotonic_us: Count('Monotonic clock at the same moment.'),
  took_us: Type.Optional(Count('How long taking the frame took.')),
  truncated: Type.Boolean({ description: 'True when a limit was hit: never decide on such a frame.' }),
  memory: Memory,
  cpu: Cpu,
  containers: Type.Array(Container),
  process_count: Type.Optional(Count('Number of entries in processes.')),
  processes: Type.Array(Process),
});

export type Sysinfo = Static<typeof Sysinfo>;
export type ContainerUsage = Static<typeof Container>;
export type ProcessUsage = Static<typeof Process>;
