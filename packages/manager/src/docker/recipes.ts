import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GestorError } from '../errors.ts';
import { run } from '../process.ts';

export const COLLECTOR_IMAGE = 'gestor/collector';

/** An image of ours: where its build context comes from, and a hash of all that it is built from. */
export interface Recipe {
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
export async function hashOf(root: string, files: readonly string[]): Promise<string> {
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
export async function recipes(root: string): Promise<Recipe[]> {
  const entries = await readdir(join(root, 'images'));
  const folders = entries.filter((name) => existsSync(join(root, 'images', name, 'Dockerfile')));
  return Promise.all(
    folders.map((folder) => (folder === 'collector' ? collectorRecipe(root) : loadRecipe(root, folder))),
  );
}
