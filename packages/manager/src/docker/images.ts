import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { GestorError, messageOf } from '../errors.ts';
import { LABELS } from '../labels.ts';
import { run } from '../process.ts';
import type { Say } from '../say.ts';
import { secondsText } from '../view/text.ts';

/** How long the registry may take before the base is made from this machine instead. */
const PULL_LIMIT_MS = 20_000;

export const COLLECTOR_IMAGE = 'gestor/collector';

/** An image of ours: where its build context comes from, and a hash of all that it is built from. */
interface Recipe {
  readonly name: string;
  /** Gives the directory to build from; it is removed afterwards where `temporary`. */
  readonly prepare: () => Promise<{ directory: string; temporary: boolean }>;
  readonly base: { readonly kind: 'busybox' | 'node'; readonly image: string };
  readonly source: string;
}

async function filesUnder(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** SHA-256 over names and contents; tests don't count, since they aren't in the image. */
async function hashOf(root: string, files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files.filter((name) => !name.endsWith('.test.ts')).toSorted()) {
    hash
      .update(`${file.slice(root.length)}\0`)
      .update(await readFile(file))
      .update('\0');
  }
  return hash.digest('hex');
}

/** The public image that a Dockerfile names as the default of its argument BASE. */
async function defaultBase(dockerfile: string): Promise<string> {
  const found = /^ARG BASE=(\S+)$/m.exec(await readFile(dockerfile, 'utf8'))?.[1];
  if (found !== undefined) return found;
  throw new GestorError('IMAGE_BUILD_FAILED', `${dockerfile} has no line "ARG BASE=<image>".`);
}

async function loadRecipe(root: string, folder: string): Promise<Recipe> {
  const directory = join(root, 'images', folder);
  return {
    name: `gestor/${folder}`,
    prepare: async () => ({ directory, temporary: false }),
    base: { kind: 'busybox', image: await defaultBase(join(directory, 'Dockerfile')) },
    source: await hashOf(root, await filesUnder(directory)),
  };
}

async function collectorRecipe(root: string): Promise<Recipe> {
  const sources = ['images/collector', 'packages/collector/src', 'packages/contract/src'];
  const single = [
    'packages/collector/package.json',
    'packages/collector/pack.sh',
    'images/base.sh',
    'packages/contract/package.json',
    'pnpm-lock.yaml',
  ];
  const files = (await Promise.all(sources.map((path) => filesUnder(join(root, path))))).flat();
  return {
    name: COLLECTOR_IMAGE,
    prepare: async () => {
      const directory = await mkdtemp(join(tmpdir(), 'gestor-collector-'));
      await run('bash', [join(root, 'packages/collector/pack.sh'), directory]);
      return { directory, temporary: true };
    },
    base: { kind: 'node', image: await defaultBase(join(root, 'images/collector/Dockerfile')) },
    source: await hashOf(root, [...files, ...single.map((path) => join(root, path))]),
  };
}

/** Every folder of images/ with a Dockerfile is an image of ours. */
async function recipes(root: string): Promise<Recipe[]> {
  const entries = await readdir(join(root, 'images'));
  const folders = entries.filter((name) => existsSync(join(root, 'images', name, 'Dockerfile')));
  return Promise.all(
    folders.map((folder) => (folder === 'collector' ? collectorRecipe(root) : loadRecipe(root, folder))),
  );
}

async function imageLabel(docker: Docker, image: string): Promise<string | null> {
  try {
    const { Config } = await docker.getImage(image).inspect();
    return Config.Labels?.[LABELS.source] ?? '';
  } catch {
    return null;
  }
}

/** The images of ours that are missing or were built from something else than what is here now. */
export async function staleImages(docker: Docker, root: string): Promise<Recipe[]> {
  const all = await recipes(root);
  const labels = await Promise.all(all.map((recipe) => imageLabel(docker, recipe.name)));
  return all.filter((recipe, index) => labels[index] !== recipe.source);
}

/** Waits for a build, pull or import to end; the engine reports failures inside the stream. */
async function finished(docker: Docker, stream: NodeJS.ReadableStream): Promise<void> {
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
async function provideBase(docker: Docker, root: string, base: Recipe['base'], say: Say): Promise<string> {
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

async function build(docker: Docker, recipe: Recipe, base: string): Promise<void> {
  const { directory, temporary } = await recipe.prepare();
  try {
    const context = { context: directory, src: await readdir(directory) };
    const labels = { [LABELS.source]: recipe.source };
    const options = { t: recipe.name, buildargs: { BASE: base }, labels, rm: true, forcerm: true };
    await finished(docker, await docker.buildImage(context, options));
  } finally {
    if (temporary) await rm(directory, { recursive: true, force: true });
  }
}

const failedBuild = (name: string, error: unknown) =>
  new GestorError('IMAGE_BUILD_FAILED', `The image ${name} could not be built: ${messageOf(error)}`, error);

/**
 * Builds what is missing or stale of our images, saying what it does.
 * @throws GestorError IMAGE_BUILD_FAILED
 */
export async function ensureImages(docker: Docker, root: string, say: Say): Promise<void> {
  const stale = await staleImages(docker, root);
  const bases = new Map(stale.map(({ base }) => [base.image, base] as const));
  for (const base of bases.values()) {
    const image = await provideBase(docker, root, base, say).catch((error: unknown) => {
      throw failedBuild(base.image, error);
    });
    for (const recipe of stale.filter((one) => one.base.image === base.image)) {
      const started = performance.now();
      await build(docker, recipe, image).catch((error: unknown) => {
        throw failedBuild(recipe.name, error);
      });
      say(`image ${recipe.name}: built in ${secondsText(performance.now() - started)}`);
    }
  }
}
