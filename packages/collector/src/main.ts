import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { buildApp } from './app.ts';
import { type Config, readConfig } from './config.ts';
import { StartError, systemCode } from './errors.ts';
import { makeToken } from './http/auth.ts';
import { nodeDisk, syncDirectory } from './store/disk.ts';
import { INDEX_FILE, Store } from './store/store.ts';
import { WorkQueue } from './work/run.ts';

/** Starts the collector and runs it until SIGTERM or SIGINT. */
async function main(config: Config): Promise<void> {
  for (const dir of [config.logsDir, config.graphsDir, config.runDir]) await makeDirectory(dir);
  const store = await Store.open(config.logsDir, config.store, say);
  try {
    const app = await buildApp({
      store,
      token: await makeToken(config.runDir),
      graphsDir: config.graphsDir,
      timeZone: config.timeZone,
      work: new WorkQueue(join(config.logsDir, INDEX_FILE), () => store.indexed()),
      limits: config.limits,
      logger: { level: 'warn' },
    });
    const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
    say(`listening on ${await listen(() => app.listen({ host: config.host, port: config.port }), config)}`);
    await stopped;
    await app.close();
  } finally {
    await store.close();
  }
  say('stopped; all acknowledged records are on disk');
}

async function listen(start: () => Promise<string>, { host, port }: Config): Promise<string> {
  return start().catch((cause: unknown) => {
    const why =
      systemCode(cause) === 'EADDRINUSE' ? 'another program has it' : `${systemCode(cause) ?? cause}`;
    throw new StartError('cannot_listen', `Port ${port} of ${host} can't be opened: ${why}.`, cause);
  });
}

/** Makes a folder, and its name survive a power cut as what is written into it does. */
async function makeDirectory(path: string): Promise<void> {
  try {
    const whole = resolve(path);
    const first = await mkdir(whole, { recursive: true });
    if (first === undefined) return;
    for (let made = whole; made.length >= first.length; made = dirname(made)) {
      await syncDirectory(nodeDisk, dirname(made));
    }
  } catch (cause) {
    throw new StartError(
      'no_directory',
      `The folder ${path} can't be made (${systemCode(cause) ?? cause}). Make it, and give it to the user the collector runs as.`,
      cause,
    );
  }
}

function say(message: string): void {
  console.log(`collector: ${message}`);
}

try {
  await main(readConfig());
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  console.error(`collector: ${error.message}`);
  process.exitCode = 1;
}
