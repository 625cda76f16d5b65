import { describe, expect, it } from 'vitest';
import { containerOf, directoriesOf, parseCgroup, parseCgroupMounts } from './cgroup.ts';

const id = '0123456789abcdef'.repeat(4);
const other = 'f'.repeat(64);

describe('the container of a cgroup path', () => {
  it.each([
    ['Docker, cgroupfs', `/docker/${id}`, `/docker/${id}`],
    ['Docker, systemd', `/system.slice/docker-${id}.scope`, `/system.slice/docker-${id}.scope`],
    ['Podman', `/machine.slice/libpod-${id}.scope`, `/machine.slice/libpod-${id}.scope`],
    ['a child cgroup inside', `/docker/${id}/init/sub`, `/docker/${id}`],
    ['a container in a container', `/docker/${id}/docker/${other}`, `/docker/${id}`],
    ['Kubernetes', `/kubepods/burstable/pod1/${id}`, `/kubepods/burstable/pod1/${id}`],
  ])('%s', (_what, path, own) => {
    expect(containerOf(path)).toEqual({ id, path: own });
  });

  it.each([
    '/',
    '',
    '/user.slice/user-0.slice',
    `/docker/${id}0`,
    `/docker/${id.slice(1)}`,
    `/${id.toUpperCase()}`,
  ])('is none for %s', (path) => {
    expect(containerOf(path)).toBeNull();
  });
});

describe('the directories of a container', () => {
  it('are one with cgroup v2', () => {
    const mounts = parseCgroupMounts(
      '25 30 0:23 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n',
    );
    const memberships = parseCgroup(`0::/system.slice/docker-${id}.scope/init\n`);
    expect(directoriesOf(memberships, mounts)).toEqual({
      unified: `/sys/fs/cgroup/system.slice/docker-${id}.scope`,
    });
  });

  it('are one for each controller with cgroup v1', () => {
    const mounts = parseCgroupMounts(
      [
        '33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct',
        '35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory',
      ].join('\n'),
    );
    const memberships = parseCgroup(`4:memory:/docker/${id}\n3:cpu,cpuacct:/docker/${id}\n0::/\n`);
    expect(directoriesOf(memberships, mounts)).toEqual({
      cpuacct: `/sys/fs/cgroup/cpu,cpuacct/docker/${id}`,
      memory: `/sys/fs/cgroup/memory/docker/${id}`,
    });
  });

  it('keeps colons of a path', () => {
    expect(parseCgroup('0::/a:b\n')).toEqual([{ controllers: [], path: '/a:b' }]);
  });
});
