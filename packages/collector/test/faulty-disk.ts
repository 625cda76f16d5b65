import { type Disk, type DiskFile, nodeDisk } from '../src/store/disk.ts';

export type Fault = { code: 'ENOSPC' | 'EIO' } | { short: true };

/** How many changing calls were made, a fault for any of them, and how many files are open. */
export interface FaultPlan {
  calls: number;
  open?: number;
  at: (call: number, name: string) => Fault | undefined;
}

/**
 * The real disk, on which chosen calls fail: before they do anything, or, for a failing or short write,
 * after half of the bytes.
 */
export function faultyDisk(plan: FaultPlan): Disk {
  const attempt = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
    const fault = plan.at(plan.calls++, name);
    if (fault && 'code' in fault) throw Object.assign(new Error(`${fault.code}: planned`), fault);
    return run();
  };
  const wrap = (file: DiskFile): DiskFile => ({
    stat: file.stat.bind(file),
    close: async () => {
      await file.close();
      plan.open = (plan.open ?? 0) - 1;
    },
    read: file.read.bind(file),
    truncate: (length) => attempt('truncate', () => file.truncate(length)),
    sync: () => attempt('sync', () => file.sync()),
    datasync: () => attempt('datasync', () => file.datasync()),
    write: async (buffer, offset, length, position) => {
      const fault = plan.at(plan.calls++, 'write');
      if (fault === undefined) return file.write(buffer, offset, length, position);
      const half = await file.write(buffer, offset, Math.ceil(length / 2), position);
      if ('code' in fault) throw Object.assign(new Error(`${fault.code}: planned`), fault);
      return half;
    },
  });
  return {
    open: async (path, flags) => {
      const file = await attempt('open', () => nodeDisk.open(path, flags));
      plan.open = (plan.open ?? 0) + 1;
      return wrap(file);
    },
    rename: (from, to) => attempt('rename', () => nodeDisk.rename(from, to)),
    link: (from, to) => attempt('link', () => nodeDisk.link(from, to)),
    unlink: (path) => attempt('unlink', () => nodeDisk.unlink(path)),
  };
}
