import { setTimeout as sleep } from 'node:timers/promises';
import Docker from 'dockerode';
import { codeOf, GestorError, messageOf } from '../errors.ts';
import type { EngineContainer } from '../frame.ts';

/** How long the engine may take to answer a question. */
const ANSWER_LIMIT_MS = 10_000;
/** How long a container may take to be gone after it was told to. */
const REMOVAL_LIMIT_MS = 10_000;
const GONE_POLL_MS = 100;

/** What the manager's cycle needs of the Docker Engine. */
export interface Engine {
  /** All containers of the host, running or not. @throws GestorError ENGINE_UNREACHABLE */
  list(): Promise<EngineContainer[]>;
  /** Removes a container and its volumes and returns once it is gone; one that is gone already is fine. */
  remove(id: string): Promise<void>;
}

const mends: Readonly<Record<string, string>> = {
  EACCES: 'Run as root, or add yourself to the group docker: sudo usermod -aG docker $USER',
  ENOENT: 'Install and start it: npm run setup',
  ECONNREFUSED: 'Start it: npm run setup',
};

/** Says that the engine can't be talked to, and what mends it. */
export function unreachable(error: unknown): GestorError {
  const mend = mends[String(codeOf(error))] ?? 'See what is wrong: npm run doctor';
  const sentence = `The Docker Engine does not answer (${messageOf(error)}). ${mend}`;
  return new GestorError('ENGINE_UNREACHABLE', sentence, error);
}

const isGone = (error: unknown) => codeOf(error) === 404;
/** The engine is removing the container already. */
const isUnderWay = (error: unknown) => codeOf(error) === 409;

/** @throws GestorError ENGINE_UNREACHABLE */
export async function connect(): Promise<{ docker: Docker; version: string }> {
  try {
    const docker = new Docker();
    const { Version: version } = await docker.version();
    return { docker, version };
  } catch (error) {
    throw unreachable(error);
  }
}

async function list(docker: Docker): Promise<EngineContainer[]> {
  try {
    const abortSignal = AbortSignal.timeout(ANSWER_LIMIT_MS);
    const containers = await docker.listContainers({ all: true, abortSignal });
    return containers.map((info) => ({
      id: info.Id,
      name: (info.Names[0] ?? info.Id.slice(0, 12)).replace(/^\//, ''),
      image: info.Image,
      labels: info.Labels,
      state: info.State,
      status: info.Status,
      createdAtMs: info.Created * 1000,
    }));
  } catch (error) {
    throw unreachable(error);
  }
}

/** Returns once the engine knows the container no longer. */
async function untilGone(docker: Docker, id: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    await docker.getContainer(id).inspect({ abortSignal: signal });
    await sleep(GONE_POLL_MS, undefined, { signal });
  }
}

async function remove(docker: Docker, id: string): Promise<void> {
  const abortSignal = AbortSignal.timeout(REMOVAL_LIMIT_MS);
  try {
    await docker
      .getContainer(id)
      .remove({ force: true, v: true, abortSignal })
      .catch((error: unknown) => {
        if (!isUnderWay(error)) throw error;
      });
    await untilGone(docker, id, abortSignal);
  } catch (error) {
    if (isGone(error)) return;
    if (!abortSignal.aborted) throw error;
    throw new GestorError('REMOVAL_TOO_SLOW', `it is still there after ${REMOVAL_LIMIT_MS / 1000} s`, error);
  }
}

export function dockerEngine(docker: Docker): Engine {
  return { list: () => list(docker), remove: (id) => remove(docker, id) };
}
