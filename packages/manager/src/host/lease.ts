import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long the cron script may go on creating containers after the manager's last sign of life. */
const LEASE_SECONDS = 30;
const RENEWAL_MS = 5000;

/** Which boot of the host this is. */
export async function readBootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

/** Seconds since boot, time asleep included: a clock that nobody sets. */
async function uptimeSeconds(): Promise<number> {
  return Number.parseFloat(await readFile('/proc/uptime', 'utf8'));
}

/**
 * Keeps the lease file fresh until the signal: the cron script creates nothing without it, and removes
 * itself. Calls `onLapse` when the lease had run out in between (the manager was stopped, or the host
 * asleep), because then the cron lines may be gone.
 */
export async function holdLease(
  path: string,
  bootId: string,
  signal: AbortSignal,
  onLapse: () => Promise<void>,
): Promise<void> {
  let deadline: number | null = null;
  while (!signal.aborted) {
    const now = await uptimeSeconds();
    const lapsed = deadline !== null && now >= deadline;
    deadline = Math.ceil(now) + LEASE_SECONDS;
    await writeLease(path, bootId, deadline);
    if (lapsed) await onLapse();
    await sleep(RENEWAL_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function writeLease(path: string, bootId: string, deadline: number): Promise<void> {
  await writeFile(`${path}.tmp`, `${bootId} ${deadline}\n`);
  await rename(`${path}.tmp`, path);
}

/** Gives the host's first lease before anything is created. */
export async function takeLease(path: string, bootId: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeLease(path, bootId, Math.ceil(await uptimeSeconds()) + LEASE_SECONDS);
}

/** Gives the lease up: nothing more is created. */
export async function dropLease(path: string): Promise<void> {
  await rm(path, { force: true });
}
