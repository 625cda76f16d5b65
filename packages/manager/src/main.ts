import { readConfig, USAGE } from './config.ts';
import { GestorError, messageOf } from './errors.ts';
import { watchEndSignals } from './host/signals.ts';
import { runManager } from './manager.ts';

/** The terminal may be gone before the work is done; the farewell must be said all the same. */
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  const config = readConfig(process.argv.slice(2));
  if (config === null) process.stdout.write(USAGE);
  else await runManager(config, watchEndSignals());
} catch (error) {
  const code = error instanceof GestorError ? error.code : 'UNEXPECTED';
  const detail =
    error instanceof GestorError ? error.message : error instanceof Error ? error.stack : messageOf(error);
  process.stderr.write(`gestor [${code}] ${detail}\n`);
  process.exitCode = code === 'BAD_OPTION' ? 2 : 1;
}
