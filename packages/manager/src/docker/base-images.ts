import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { GestorError } from '../errors.ts';
import { LABELS } from '../labels.ts';
import type { Say } from '../say.ts';
import { hashOf, type Recipe } from './recipes.ts';

/** How long the registry may take before the base is made from this machine instead. */
const PULL_LIMIT_MS = 20_000;

/** The hash an image was built from; empty where it has none, null where there is no such image. */
export async function imageLabel(docker: Docker, image: string): Promise<string | null> {
  try {
    const { Config } = await docker.getImage(image).inspect();
    return Config.Labels?.[LABELS.source] ?? '';
  } catch {
    return null;
  }
}

/** Waits for a build, pull or import to end; the engine reports failures inside the stream. */
export async function finished(docker: Docker, stream: NodeJS.ReadableStream): Promise<void> {
  const done = Promise.withResolvers<void>();
  docker.modem.followProgress(stream, (error, output) => {
    const failed = (output ?? []).find((line: { error?: string }) => line.error !== undefined);
    if (error || failed) done.reject(error ?? new GestorError('IMAGE_BUILD_FAILED', failed.error));
    else done.resolve();
  });
  await done.promise;
}

async function pulled(docker: Docker, image: string): Promise<boolean> {
  try {
    const abortSignal = AbortSignal.timeout(PULL_LIMIT_MS);
    await finished(docker, await docker.pull(image, { abortSignal }));
    return true;
  } catch {
    return false;
  }
}

/** Imports a root file system that images/base.sh makes from this machine. */
async function importBase(
  docker: Docker,
  root: string,
  kind: Recipe['base']['kind'],
  tag: string,
  source: string,
): Promise<void> {
  const script = spawn('bash', [join(root, 'images/base.sh'), kind, process.execPath], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaint = '';
  script.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const exit = Promise.withResolvers<number | null>();
  script.on('error', exit.reject);
  script.on('close', exit.resolve);
  const imported = docker
    .importImage(script.stdout, { repo: tag, tag: 'local', changes: `LABEL ${LABELS.source}=${source}` })
    .then((stream) => finished(docker, stream));
  const [code] = await Promise.all([exit.promise, imported]);
  if (code !== 0) throw new GestorError('IMAGE_BUILD_FAILED', complaint.trim());
}

/** Finds the base to build on: the public image, else one made from this machine. Says which. */
export async function provideBase(
  docker: Docker,
  root: string,
  base: Recipe['base'],
  say: Say,
): Promise<string> {
  const local = `gestor/base-${base.kind}`;
  if ((await imageLabel(docker, base.image)) !== null) {
    say(`base ${base.image}: public image, here already`);
    return base.image;
  }
  const source = await hashOf(root, [join(root, 'images/base.sh')]);
  if ((await imageLabel(docker, `${local}:local`)) === source) {
    say(`base ${local}:local: made from this machine earlier`);
    return `${local}:local`;
  }
  say(`base ${base.image}: asking the registry`);
  if (await pulled(docker, base.image)) {
    say(`base ${base.image}: public image, pulled`);
    return base.image;
  }
  await importBase(docker, root, base.kind, local, source);
  say(`base ${local}:local: made from this machine, because the registry can't be reached`);
  return `${local}:local`;
}
