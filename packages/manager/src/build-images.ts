import { readConfig } from './config.ts';
import { connect } from './docker/engine.ts';
import { ensureImages } from './docker/images.ts';
import { messageOf } from './errors.ts';

/** Builds what is missing or out of date of our images, as the manager does when it starts. */
try {
  const config = readConfig([]);
  const { docker } = await connect();
  if (config !== null)
    await ensureImages(docker, config.paths.root, (line) => process.stdout.write(`${line}\n`));
} catch (error) {
  process.stderr.write(`gestor: ${messageOf(error)}\n`);
  process.exitCode = 1;
}
