import { existsSync } from 'node:fs';
import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { CollectorClient } from '../collector/client.ts';
import type { Config } from '../config.ts';
import { connect } from '../docker/engine.ts';
import { staleImages } from '../docker/images.ts';
import { messageOf } from '../errors.ts';
import { moduleStatus } from '../host/kernel-module.ts';
import { run } from '../process.ts';
import { chooseSensor } from '../sensor/sensor.ts';

/** One thing that Gestor needs. */
export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** The command that mends it; empty when all is well. */
  readonly mend: string;
}

const LEAST_FREE_MB = 500;

const fine = (name: string, detail: string): Finding => ({ name, ok: true, detail, mend: '' });
const broken = (name: string, detail: string, mend: string): Finding => ({ name, ok: false, detail, mend });

/** The machine's own requirements, from the table that setup works through. */
export async function machine({ paths }: Config): Promise<Finding[]> {
  const text = await run('bash', [join(paths.root, 'packages/setup/run.sh'), 'requirements']);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', state, detail = '', mend = ''] = line.split('\t');
      return { name, ok: state === 'ok', detail, mend };
    });
}

export async function sensor({ sensor: wanted, carnet, paths }: Config): Promise<Finding> {
  try {
    const chosen = chooseSensor(wanted, paths.sysinfo);
    const { containers, processes } = await chosen.read();
    const seen = `${processes.length} processes in ${containers.length} containers`;
    return fine('sensor', `${chosen.name}: ${chosen.source}; ${seen}`);
  } catch (error) {
    const again = `make -C module unload && make -C module all load CARNET=${carnet}`;
    return broken('sensor', messageOf(error), again);
  }
}

/** What only a person can change, and the procfs sensor makes up for. */
const noFailure = new Set(['no-modules', 'modules-disabled', 'lockdown', 'not-root', 'ready']);

export async function kernelModule({ paths }: Config): Promise<Finding> {
  if (existsSync(paths.sysinfo)) return fine('module', `${paths.sysinfo} is there`);
  const { word, sentence } = await moduleStatus(paths.module);
  if (word === 'loaded') return broken('module', 'loaded for another carnet', 'make -C module unload');
  if (noFailure.has(word)) return fine('module', sentence);
  const [, detail = sentence, mend = 'make -C module status'] =
    /^(.*?)[;:] install them: (.*)$/.exec(sentence) ?? [];
  return broken('module', detail, mend);
}

export async function collector({ port }: Config, client: CollectorClient): Promise<Finding> {
  const health = await client.health();
  if (health === null) return fine('collector', `not running; port ${port} is free for it`);
  if (health !== 'stranger') return fine('collector', `${client.url} holds ${health.records} records`);
  return broken('collector', `port ${port} is taken by another program`, `ss -ltnp 'sport = :${port}'`);
}

export async function volumes({ paths }: Config): Promise<Finding> {
  try {
    await mkdir(paths.volumes, { recursive: true });
    await access(paths.volumes, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(paths.volumes);
    const freeMb = Math.floor((bavail * bsize) / 1024 / 1024);
    if (freeMb >= LEAST_FREE_MB) return fine('disk', `${freeMb} MB free for logs and charts`);
    return broken('disk', `only ${freeMb} MB free at ${paths.volumes}`, 'docker system prune');
  } catch (error) {
    return broken('disk', messageOf(error), `sudo chown -R $USER '${paths.volumes}'`);
  }
}

export async function images({ paths }: Config): Promise<Finding> {
  try {
    const { docker } = await connect();
    const stale = await staleImages(docker, paths.root);
    if (stale.length === 0) return fine('images', 'built from what is here');
    const names = stale.map(({ name }) => name).join(', ');
    return broken('images', `missing or out of date: ${names}`, 'npm run images');
  } catch (error) {
    return broken('images', messageOf(error), 'npm run setup');
  }
}
