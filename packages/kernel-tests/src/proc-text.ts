/** What one process looked like in /proc: the parsed text of its files. */
export interface ProcProcess {
  pid: number;
  comm: Buffer;
  commandLine: Buffer;
  kernelThread: boolean;
  state: string;
  vszKb: number;
  rssKb: number;
  cpuTicks: number;
  startTicks: number;
  readBytes: number;
  writtenBytes: number;
  containerId: string | null;
}

/** The flag of kernel threads in the ninth field of /proc/<pid>/stat. */
const PF_KTHREAD = 0x200000;

/** The fields of /proc/<pid>/stat from the third on: the second, the name, may hold any character. */
const statFields = (stat: Buffer) => {
  const text = stat.toString('latin1');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
};

/** The value of a `Name:   12 kB` line; 0 where there is none, as for a process without memory. */
const lineOf = (text: string, name: string) =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);

/** Outermost container in the lines of /proc/<pid>/cgroup; Podman's monitor is not in its container. */
const CONTAINER = /^\d+:[^:]*:\S*?\/(?!libpod-conmon)(?:[\w-]+-)?([0-9a-f]{64})(?:\.scope)?(?:\/|$)/m;

export function parseProcess(pid: number, files: ReadonlyMap<string, Buffer>): ProcProcess {
  const text = (name: string) => (files.get(name) ?? Buffer.alloc(0)).toString('latin1');
  const stat = statFields(files.get('stat') ?? Buffer.alloc(0));
  const number = (field: number) => Number(stat[field - 3]);
  return {
    pid,
    comm: (files.get('comm') ?? Buffer.alloc(0)).subarray(0, -1),
    commandLine: files.get('cmdline') ?? Buffer.alloc(0),
    kernelThread: (number(9) & PF_KTHREAD) !== 0,
    state: stat[0] ?? '',
    vszKb: lineOf(text('status'), 'VmSize'),
    rssKb: lineOf(text('status'), 'VmRSS'),
    cpuTicks: number(14) + number(15),
    startTicks: number(22),
    readBytes: lineOf(text('io'), 'read_bytes'),
    writtenBytes: lineOf(text('io'), 'write_bytes'),
    containerId: CONTAINER.exec(text('cgroup'))?.[1] ?? null,
  };
}
