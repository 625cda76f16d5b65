import { readFile } from 'node:fs/promises';

/** Id of the container this process runs in, or null on the host itself: Docker mounts files named after it. */
export async function ownContainerId(mountinfo = '/proc/self/mountinfo'): Promise<string | null> {
  const text = await readFile(mountinfo, 'utf8');
  return /\/containers\/([0-9a-f]{64})\/(?:hostname|resolv\.conf|hosts) /.exec(text)?.[1] ?? null;
}
