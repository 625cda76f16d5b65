/** Which cgroup of one hierarchy a process is in. */
export interface CgroupMembership {
  /** Controllers of a v1 hierarchy; empty for the v2 hierarchy. */
  readonly controllers: readonly string[];
  readonly path: string;
}

/** Parses /proc/<pid>/cgroup: lines of `hierarchy:controllers:path`. */
export function parseCgroup(text: string): CgroupMembership[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, controllers = '', ...path] = line.split(':');
      return { controllers: controllers.split(',').filter((name) => name !== ''), path: path.join(':') };
    });
}

// Docker with cgroupfs names the directory by the id alone; with systemd docker-<id>.scope; Podman libpod-<id>.
const component = /^(?:[a-z-]+-)?([0-9a-f]{64})(?:\.scope)?$/;

/** The container a cgroup path belongs to, and the path of the container's own cgroup. */
export function containerOf(path: string): { id: string; path: string } | null {
  const parts = path.split('/');
  for (const [index, part] of parts.entries()) {
    const id = component.exec(part)?.[1];
    if (id !== undefined) return { id, path: parts.slice(0, index + 1).join('/') };
  }
  return null;
}

/** Where the cgroup hierarchies are mounted: by v1 controller, and the v2 tree under the key `v2`. */
export function parseCgroupMounts(mountinfo: string): Map<string, string> {
  const mounts = new Map<string, string>();
  for (const line of mountinfo.split('\n')) {
    const [before, after] = line.split(' - ');
    const mountPoint = before?.split(' ')[4];
    const [type, , options = ''] = after?.split(' ') ?? [];
    if (mountPoint === undefined) continue;
    if (type === 'cgroup2' && !mounts.has('v2')) mounts.set('v2', mountPoint);
    if (type === 'cgroup') {
      for (const option of options.split(',')) if (!mounts.has(option)) mounts.set(option, mountPoint);
    }
  }
  return mounts;
}

/** The directories that hold a container's own counters. */
export interface CgroupDirectories {
  /** With cpuacct.usage in nanoseconds (v1). */
  readonly cpuacct?: string;
  /** With memory.usage_in_bytes and memory.stat (v1). */
  readonly memory?: string;
  /** With cpu.stat in microseconds, memory.current and memory.stat (v2). */
  readonly unified?: string;
}

/** Finds a container's directories from the cgroups of one of its processes. */
export function directoriesOf(
  memberships: readonly CgroupMembership[],
  mounts: ReadonlyMap<string, string>,
): CgroupDirectories {
  const directory = (key: string, belongs: (m: CgroupMembership) => boolean) => {
    const mount = mounts.get(key);
    const own = containerOf(memberships.find(belongs)?.path ?? '');
    return mount === undefined || own === null ? undefined : mount + own.path;
  };
  const cpuacct = directory('cpuacct', (m) => m.controllers.includes('cpuacct'));
  const memory = directory('memory', (m) => m.controllers.includes('memory'));
  const unified = directory('v2', (m) => m.controllers.length === 0);
  return {
    ...(cpuacct === undefined ? {} : { cpuacct }),
    ...(memory === undefined ? {} : { memory }),
    ...(unified === undefined ? {} : { unified }),
  };
}
