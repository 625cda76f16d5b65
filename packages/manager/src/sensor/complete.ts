import { join } from 'node:path';
import type { ContainerUsage, Sysinfo } from 'contract';
import { directoriesOf, parseCgroup, parseCgroupMounts } from './cgroup.ts';
import { readCgroupCpu, readCgroupMemory, readOrNull } from './cgroup-files.ts';

/**
 * Adds to the kernel module's frame what only the cgroup files tell: how much of a container's memory is
 * inactive page cache and, with cgroup v1, its exact CPU time. A container that ends meanwhile stays as it is.
 */
export async function completeFromCgroups(sysinfo: Sysinfo, root = '/'): Promise<Sysinfo> {
  const mountinfo = (await readOrNull(join(root, 'proc/self/mountinfo'))) ?? '';
  const mounts = new Map([...parseCgroupMounts(mountinfo)].map(([key, path]) => [key, join(root, path)]));
  const pids = new Map(sysinfo.processes.map(({ container_id, pid }) => [container_id, pid] as const));
  const complete = async (usage: ContainerUsage): Promise<ContainerUsage> => {
    const pid = pids.get(usage.id);
    const memberships = parseCgroup((await readOrNull(join(root, `proc/${pid}/cgroup`))) ?? '');
    const directories = directoriesOf(memberships, mounts);
    const { usageKb, inactiveKb } = await readCgroupMemory(directories);
    const cpuUs = usage.cpu_source === 'cgroup' ? null : await readCgroupCpu(directories);
    return {
      ...usage,
      ...(cpuUs === null ? {} : { cpu_us: cpuUs, cpu_source: 'cgroup' }),
      memory_usage_kb: usage.memory_usage_kb ?? usageKb,
      inactive_file_kb: usage.inactive_file_kb ?? inactiveKb,
    };
  };
  return { ...sysinfo, containers: await Promise.all(sysinfo.containers.map(complete)) };
}
