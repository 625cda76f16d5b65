import { type FileHandle, link, open, rename, unlink } from 'node:fs/promises';

/** An open file, as far as the store uses it. */
export interface DiskFile extends Pick<FileHandle, 'sync' | 'datasync' | 'truncate' | 'stat' | 'close'> {
  read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
  write(buffer: Buffer, offset: number, length: number, position: number): Promise<{ bytesWritten: number }>;
}

/** The calls by which the store changes the disk: one place where tests make any of them fail. */
export interface Disk {
  open(path: string, flags: string): Promise<DiskFile>;
  rename(from: string, to: string): Promise<void>;
  link(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
}

export const nodeDisk: Disk = { open: (path, flags) => open(path, flags, 0o644), rename, link, unlink };

/** Writes all of the bytes at the position, however few each call takes. */
export async function writeAll(file: DiskFile, bytes: Buffer, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** Reads the bytes from start up to end, or up to the end of the file. */
export async function readRange(file: Pick<DiskFile, 'read'>, start: number, end: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(end - start);
  let done = 0;
  while (done < bytes.length) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, start + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

/** Makes names that were created, renamed or removed in the directory survive a power cut. */
export async function syncDirectory(disk: Disk, path: string): Promise<void> {
  const directory = await disk.open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
