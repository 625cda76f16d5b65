import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { messageOf } from '../errors.ts';
import { run } from '../process.ts';
import type { Say } from '../say.ts';

/** What module/manage.sh says of the module: a word for programs, a sentence for people. */
export interface ModuleStatus {
  readonly word: string;
  readonly sentence: string;
}

const make = (directory: string, ...args: readonly string[]) =>
  run('make', ['--silent', '-C', directory, ...args]);

/** Whether the module is loaded, could be, or why not. Without make, that is the answer. */
export async function moduleStatus(directory: string): Promise<ModuleStatus> {
  try {
    const text = await run('sh', [join(directory, 'manage.sh'), 'status']);
    const [, word = 'unknown', sentence = text.trim()] = /^([a-z-]+): (.*)/.exec(text) ?? [];
    return { word, sentence };
  } catch (error) {
    return { word: 'unknown', sentence: messageOf(error) };
  }
}

/**
 * Builds and loads the sysinfo module where that can be done and has not been done. Says why when it
 * can't; the procfs sensor then does its work. True if it was loaded here, and so is to be unloaded here.
 */
export async function loadModule({ carnet, paths, sensor }: Config, say: Say): Promise<boolean> {
  if (sensor === 'procfs' || existsSync(paths.sysinfo)) return false;
  const { word, sentence } = await moduleStatus(paths.module);
  if (word === 'loaded') {
    say(`module: loaded for another carnet; unload it to have ${paths.sysinfo}: make -C module unload`);
    return false;
  }
  if (word !== 'ready') {
    say(`module: not used: ${sentence}`);
    return false;
  }
  try {
    say('module: building');
    await make(paths.module, `--jobs=${availableParallelism()}`, 'all');
    await make(paths.module, 'load', 'MODULES=sysinfo', `CARNET=${carnet}`);
    say(`module: loaded, ${paths.sysinfo}`);
    return true;
  } catch (error) {
    say(`module: not used: ${messageOf(error)}`);
    return false;
  }
}

/** @throws ProgramFailed */
export async function unloadModule({ paths }: Config): Promise<string> {
  await make(paths.module, 'unload', 'MODULES=sysinfo');
  return 'unloaded';
}
