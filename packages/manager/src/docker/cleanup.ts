import type Docker from 'dockerode';
import { messageOf } from '../errors.ts';
import { LABELS } from '../labels.ts';
import type { Say } from '../say.ts';
import { dockerEngine } from './engine.ts';

/** Removes every container and image of ours. Logs and charts stay: they are the user's. */
export async function removeEverything(docker: Docker, say: Say): Promise<string> {
  const engine = dockerEngine(docker);
  const containers = (await engine.list()).filter(
    ({ labels }) => labels[LABELS.managed] === 'true' || labels[LABELS.role] === 'collector',
  );
  await Promise.all(containers.map(({ id }) => engine.remove(id)));
  const images = await docker.listImages({ filters: { label: [LABELS.source] } });
  let removed = 0;
  for (const { Id } of images) {
    try {
      await docker.getImage(Id).remove({ force: true });
      removed += 1;
    } catch (error) {
      say(`image ${Id.slice(7, 19)} stays: ${messageOf(error)}`);
    }
  }
  return `${containers.length} containers and ${removed} images removed`;
}
