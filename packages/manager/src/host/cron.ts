import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { Kind } from '../decide.ts';
import { GestorError, messageOf } from '../errors.ts';
import { run } from '../process.ts';

/**
 * The script looks at the lease before each container, so it ends after those it is creating: in a second,
 * or in half a minute on a machine that is very slow.
 */
const DRAIN_LIMIT_SECONDS = 60;

/** The crontab lines and the script that creates containers. */
export interface Cron {
  /** Puts our lines into the user's crontab, every other line untouched. @throws GestorError CRON_FAILED */
  install(): Promise<void>;
  /** Waits for a creation of containers that is under way. @throws GestorError CRON_FAILED, the signal's reason */
  drain(signal: AbortSignal): Promise<void>;
  /** Takes exactly our lines out again. @throws GestorError CRON_FAILED */
  remove(): Promise<void>;
  /**
   * Creates containers of one kind now, as cron would, and gives how many it created: none while cron's
   * own run is under way.
   * @throws GestorError CRON_FAILED
   */
  create(kind: Kind, count: number): Promise<number>;
}

export function cronOf({ paths, cron, dockerHost }: Config): Cron {
  const host = ['--docker-host', dockerHost];
  const ceiling = ['--ceiling', String(cron.ceiling)];
  const script = async (name: string, args: readonly string[]) => {
    try {
      return await run('bash', [join(paths.cron, name), ...args]);
    } catch (error) {
      const reason = messageOf(error);
      const log = join(paths.state, 'cron.log');
      throw new GestorError('CRON_FAILED', `${reason}. The last lines of ${log} may say more.`, error);
    }
  };
  return {
    install: async () => {
      const timing = ['--every', String(cron.everySeconds), '--count', String(cron.count)];
      await script('crontab.sh', ['install', '--state', paths.state, ...timing, ...ceiling, ...host]);
    },
    drain: async (signal) => {
      const lock = join(paths.state, 'create.lock');
      await run('flock', ['--wait', String(DRAIN_LIMIT_SECONDS), lock, 'true'], signal).catch((error) => {
        if (signal.aborted) throw error;
        const sentence = `containers are still being created after ${DRAIN_LIMIT_SECONDS} s`;
        throw new GestorError('CRON_FAILED', sentence, error);
      });
    },
    remove: async () => {
      await script('crontab.sh', ['remove']);
    },
    create: async (kind, count) => {
      const what = ['--state', paths.state, '--kind', kind, '--count', String(count)];
      const names = await script('create-containers.sh', [...what, ...ceiling, ...host]);
      return names.split('\n').filter((name) => name !== '').length;
    },
  };
}
