import { readdir, rm } from 'node:fs/promises';
import type Docker from 'dockerode';
import { GestorError, messageOf } from '../errors.ts';
import { LABELS } from '../labels.ts';
import type { Say } from '../say.ts';
import { secondsText } from '../view/text.ts';
import { finished, imageLabel, provideBase } from './base-images.ts';
import { type Recipe, recipes } from './recipes.ts';

/** The images of ours that are missing or were built from something else than what is here now. */
export async function staleImages(docker: Docker, root: string): Promise<Recipe[]> {
  const all = await recipes(root);
  const labels = await Promise.all(all.map((recipe) => imageLabel(docker, recipe.name)));
  return all.filter((recipe, index) => labels[index] !== recipe.source);
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
