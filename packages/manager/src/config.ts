import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Attribute } from './decide.ts';
import { GestorError, messageOf } from './errors.ts';

/** Everything that can be set, read once at start. */
export interface Config {
  readonly carnet: string;
  readonly intervalMs: number;
  /** Number of cycles after which to end, or null for no end. */
  readonly cycles: number | null;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly cleanup: boolean;
  readonly color: boolean;
  readonly sensor: 'auto' | 'module' | 'procfs';
  readonly keep: Readonly<{ high: number; low: number }>;
  readonly order: readonly Attribute[];
  readonly port: number;
  readonly cron: Readonly<{ everySeconds: number; count: number; ceiling: number }>;
  /** The engine's address. The docker command would otherwise follow the user's context, which we don't read. */
  readonly dockerHost: string;
  readonly paths: Paths;
}

export interface Paths {
  readonly root: string;
  readonly images: string;
  readonly cron: string;
  readonly module: string;
  readonly volumes: string;
  readonly state: string;
  readonly sysinfo: string;
}

export const USAGE = `Usage: npm start -- [options]

  --interval SECONDS   time between cycles (10)
  --cycles N           end by itself after N cycles
  --dry-run            decide and show, remove and create nothing
  --cleanup            at the end remove everything of ours: containers, collector, images
  --json               one JSON object per cycle in place of the screen
  --carnet DIGITS      whose /proc/sysinfo_<carnet> to read (202400001)
  --sensor NAME        auto, module or procfs (auto)
  --keep-high N        high-consumption containers that stay (2)
  --keep-low N         low-consumption containers that stay (3)
  --order LIST         attributes compared, in order (cpu,ram,vsz,rss)
  --port N             port of the collector on 127.0.0.1 (8000)
  --every SECONDS      time between two batches of new containers (30)
  --batch N            containers in a batch (10)
  --ceiling N          most containers of ours alive at once (40)
  --no-install         install nothing; print what is missing and how to get it
  --help               this text
`;

const DEFAULT_DOCKER_HOST = 'unix:///var/run/docker.sock';

const attributes: readonly Attribute[] = ['cpu', 'ram', 'vsz', 'rss'];
const isAttribute = (word: string): word is Attribute => attributes.some((name) => name === word);

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value >= least && value <= most) return value;
  throw new GestorError('BAD_OPTION', `--${name} ${text}: give a whole number from ${least} to ${most}.`);
}

function seconds(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d{1,6}(\.\d{1,3})?$/.test(text) && value >= least && value <= most) return value * 1000;
  throw new GestorError('BAD_OPTION', `--${name} ${text}: give seconds from ${least} to ${most}.`);
}

function attributeOrder(text: string): Attribute[] {
  const words = text.split(',');
  const known = words.filter(isAttribute);
  if (known.length === words.length && new Set(words).size === words.length) return known;
  throw new GestorError(
    'BAD_OPTION',
    `--order ${text}: name each of ${attributes.join(', ')} at most once, with commas between.`,
  );
}

function sensorName(text: string): Config['sensor'] {
  if (text === 'auto' || text === 'module' || text === 'procfs') return text;
  throw new GestorError('BAD_OPTION', `--sensor ${text}: give auto, module or procfs.`);
}

function carnetDigits(text: string): string {
  if (/^\d{1,20}$/.test(text)) return text;
  throw new GestorError('BAD_OPTION', `--carnet ${text}: a carnet has digits only, at most 20 of them.`);
}

/** The crontab can only count whole minutes, or parts that fit a minute. */
function everySeconds(text: string): number {
  const value = wholeNumber('every', text, 10, 3600);
  if (60 % value === 0 || (value % 60 === 0 && 3600 % value === 0)) return value;
  throw new GestorError(
    'BAD_OPTION',
    `--every ${text}: give 10, 12, 15, 20, 30, or minutes that fit an hour (60, 120, 300, …).`,
  );
}

function parse(args: readonly string[]) {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  const flag = { type: 'boolean', default: false } as const;
  // Package managers pass on the -- that separates their own options from ours.
  const own = args[0] === '--' ? args.slice(1) : [...args];
  try {
    return parseArgs({
      args: own,
      allowPositionals: false,
      options: {
        interval: text('10'),
        cycles: { type: 'string' },
        'dry-run': flag,
        cleanup: flag,
        json: flag,
        carnet: text('202400001'),
        sensor: text('auto'),
        'keep-high': text('2'),
        'keep-low': text('3'),
        order: text('cpu,ram,vsz,rss'),
        port: text('8000'),
        every: text('30'),
        batch: text('10'),
        ceiling: text('40'),
        help: { ...flag, short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new GestorError('BAD_OPTION', `${messageOf(error)}\n\n${USAGE}`, error);
  }
}

const repositoryRoot = resolve(import.meta.dirname, '../../..');

function pathsOf(root: string, carnet: string): Paths {
  const volumes = join(root, 'volumes');
  return {
    root,
    images: join(root, 'images'),
    cron: join(root, 'cron'),
    module: join(root, 'module'),
    volumes,
    state: join(volumes, 'manager'),
    sysinfo: `/proc/sysinfo_${carnet}`,
  };
}

/**
 * Reads the command line and the environment. Null when only help was asked for.
 * @throws GestorError BAD_OPTION
 */
export function readConfig(
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  terminal = process.stdout.isTTY === true,
): Config | null {
  const values = parse(args);
  if (values.help) return null;
  const carnet = carnetDigits(values.carnet);
  return Object.freeze({
    carnet,
    intervalMs: seconds('interval', values.interval, 1, 3600),
    cycles: values.cycles === undefined ? null : wholeNumber('cycles', values.cycles, 1, 999_999_999),
    dryRun: values['dry-run'],
    json: values.json,
    cleanup: values.cleanup,
    color: terminal && !values.json && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb',
    sensor: sensorName(values.sensor),
    keep: {
      high: wholeNumber('keep-high', values['keep-high'], 0, 1000),
      low: wholeNumber('keep-low', values['keep-low'], 0, 1000),
    },
    order: attributeOrder(values.order),
    port: wholeNumber('port', values.port, 1, 65_535),
    cron: {
      everySeconds: everySeconds(values.every),
      count: wholeNumber('batch', values.batch, 1, 100),
      ceiling: wholeNumber('ceiling', values.ceiling, 5, 1000),
    },
    dockerHost: env.DOCKER_HOST || DEFAULT_DOCKER_HOST,
    paths: pathsOf(repositoryRoot, carnet),
  });
}
