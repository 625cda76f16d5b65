import { chown, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { CollectorClient } from '../collector/client.ts';
import { codeOf, GestorError, messageOf } from '../errors.ts';
import { LABELS } from '../labels.ts';
import type { Say } from '../say.ts';
import { unreachable } from './engine.ts';
import { COLLECTOR_IMAGE } from './recipes.ts';

const COLLECTOR_NAME = 'gestor-collector';
/** Runs the collector where both the manager and the owner of volumes/ are root. */
const UNPRIVILEGED_ID = 10_001;
const POLL_MS = 100;
const POLLS_BETWEEN_WORDS = 50;
/** A collector that makes its index of a large log anew takes minutes, and tells meanwhile how far it is. */
const SILENCE_LIMIT_MS = 60_000;
const MOUNTS = ['logs', 'graphs', 'run'] as const;

export interface CollectorSettings {
  readonly port: number;
  readonly volumes: string;
}

/** Makes the collector's directories and gives them to the user it runs as: never root. */
async function prepareVolumes(volumes: string): Promise<string> {
  try {
    await mkdir(volumes, { recursive: true });
    const owner = await stat(volumes);
    const own = process.getuid?.() ?? 0;
    const uid = own || owner.uid || UNPRIVILEGED_ID;
    const gid = own ? (process.getgid?.() ?? own) : owner.gid || UNPRIVILEGED_ID;
    for (const name of MOUNTS) {
      await mkdir(join(volumes, name), { recursive: true });
      if (own === 0) await chown(join(volumes, name), uid, gid);
    }
    return `${uid}:${gid}`;
  } catch (error) {
    throw new GestorError('VOLUME_NOT_WRITABLE', `${volumes} can't be prepared: ${messageOf(error)}`, error);
  }
}

function containerOptions(user: string, source: string, settings: CollectorSettings) {
  return {
    name: COLLECTOR_NAME,
    Image: COLLECTOR_IMAGE,
    User: user,
    Labels: { [LABELS.role]: 'collector', [LABELS.createdWith]: source },
    ExposedPorts: { '8000/tcp': {} },
    HostConfig: {
      Binds: MOUNTS.map((name) => `${join(settings.volumes, name)}:/data/${name}`),
      PortBindings: { '8000/tcp': [{ HostIp: '127.0.0.1', HostPort: String(settings.port) }] },
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      RestartPolicy: { Name: 'unless-stopped' },
      LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '2' } },
    },
  };
}

/** What the collector was created from: a change of image or settings makes it stale. */
async function currentSource(docker: Docker, settings: CollectorSettings): Promise<string> {
  const { Id } = await docker.getImage(COLLECTOR_IMAGE).inspect();
  return `${Id} ${settings.port} ${settings.volumes}`;
}

async function existing(docker: Docker) {
  const filters = { label: [`${LABELS.role}=collector`] };
  const [found] = await docker.listContainers({ all: true, filters });
  return found ?? null;
}

async function lastWords(docker: Docker, id: string, lines: number): Promise<string> {
  const frames = await docker.getContainer(id).logs({ stdout: true, stderr: true, tail: lines });
  const said: Buffer[] = [];
  // Each piece of a container's output is preceded by 8 bytes, the last 4 of which are its length.
  for (let at = 0; at + 8 <= frames.length; ) {
    const end = at + 8 + frames.readUInt32BE(at + 4);
    said.push(frames.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(said).toString('utf8').trim();
}

/** Waits as long as the collector runs and has something new to say, which is passed on. */
async function untilHealthy(docker: Docker, id: string, client: CollectorClient, say: Say): Promise<void> {
  let heard = '';
  let deadline = performance.now() + SILENCE_LIMIT_MS;
  for (let poll = 1; performance.now() < deadline; poll++) {
    const health = await client.health();
    if (health !== null && health !== 'stranger') return;
    const { State } = await docker.getContainer(id).inspect();
    if (!State.Running || State.Restarting) break;
    if (poll % POLLS_BETWEEN_WORDS === 0) {
      const words = await lastWords(docker, id, 1);
      if (words !== heard) {
        say(words);
        heard = words;
        deadline = performance.now() + SILENCE_LIMIT_MS;
      }
    }
    await sleep(POLL_MS);
  }
  const sentence = `The collector did not become healthy. Its last words: ${await lastWords(docker, id, 5)}`;
  throw new GestorError('COLLECTOR_FAILED', sentence);
}

async function create(
  docker: Docker,
  client: CollectorClient,
  settings: CollectorSettings,
  source: string,
  say: Say,
): Promise<string> {
  const user = await prepareVolumes(settings.volumes);
  const container = await docker.createContainer(containerOptions(user, source, settings));
  try {
    await container.start();
    await untilHealthy(docker, container.id, client, say);
    return container.id;
  } catch (error) {
    await container.remove({ force: true, v: true }).catch(() => undefined);
    if (!/port is already allocated|address already in use/.test(messageOf(error))) throw error;
    throw portTaken(settings.port, error);
  }
}

function portTaken(port: number, cause?: unknown): GestorError {
  return new GestorError(
    'PORT_TAKEN',
    `Port ${port} of 127.0.0.1 is taken by a program that is not the collector. ` +
      `See which: ss -ltnp 'sport = :${port}'. Stop it, or start with --port <another>.`,
    cause,
  );
}

/**
 * Makes sure that a healthy collector answers at its port, and gives its container's id: one that runs
 * already is used, one of ours that is stale or broken is replaced, else a new one is started.
 * @throws GestorError PORT_TAKEN, COLLECTOR_FAILED, VOLUME_NOT_WRITABLE, ENGINE_UNREACHABLE
 */
export async function ensureCollector(
  docker: Docker,
  client: CollectorClient,
  settings: CollectorSettings,
  say: Say,
): Promise<string> {
  try {
    const source = await currentSource(docker, settings);
    const found = await existing(docker);
    const health = await client.health();
    if (found !== null) {
      const healthy = health !== null && health !== 'stranger' && found.State === 'running';
      const createdWith = found.Labels[LABELS.createdWith];
      const ours = createdWith !== undefined;
      if (healthy && (!ours || createdWith === source)) {
        say(
          `collector ${client.url}: ${ours ? 'running' : 'running, started by someone else'}, container ${found.Id.slice(0, 12)}`,
        );
        return found.Id;
      }
      say(`collector ${found.Id.slice(0, 12)}: ${healthy ? 'stale' : 'not healthy'}, replacing it`);
      await docker.getContainer(found.Id).remove({ force: true, v: true });
    } else if (health !== null) {
      throw portTaken(settings.port);
    }
    const id = await create(docker, client, settings, source, say);
    say(`collector ${client.url}: started, container ${id.slice(0, 12)}`);
    return id;
  } catch (error) {
    if (error instanceof GestorError) throw error;
    if (['ENOENT', 'ECONNREFUSED', 'ECONNRESET'].includes(String(codeOf(error)))) throw unreachable(error);
    const sentence = `The collector could not be started: ${messageOf(error)}`;
    throw new GestorError('COLLECTOR_FAILED', sentence, error);
  }
}
