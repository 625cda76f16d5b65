import { join } from 'node:path';
import { StartError } from './errors.ts';
import type { StoreOptions } from './store/store.ts';

export interface Config {
  readonly host: string;
  readonly port: number;
  readonly logsDir: string;
  readonly graphsDir: string;
  readonly runDir: string;
  /** IANA time zone of the charts' time axis. */
  readonly timeZone: string;
  readonly limits: Limits;
  readonly store: StoreOptions;
}

export interface Limits {
  /** Largest request body. */
  readonly bodyBytes: number;
  /** Requests worked on at the same time. */
  readonly requests: number;
  /** Bytes of request bodies held at the same time. */
  readonly inFlightBytes: number;
}

export const DEFAULT_LIMITS: Limits = {
  bodyBytes: 8 * 1024 * 1024,
  requests: 512,
  inFlightBytes: 64 * 1024 * 1024,
};

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;

export const DEFAULT_STORE: StoreOptions = {
  segmentBytes: 256 * MIB,
  segmentAgeMs: 7 * 24 * HOUR_MS,
  totalBytes: 4096 * MIB,
};

/** Reads the configuration from the environment. Throws StartError, naming the variable, when it is wrong. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const data = env.GESTOR_DATA ?? '/data';
  return Object.freeze({
    host: env.GESTOR_HOST ?? '0.0.0.0',
    port: whole(env, 'GESTOR_PORT', 8000, 0, 65_535),
    logsDir: join(data, 'logs'),
    graphsDir: join(data, 'graphs'),
    runDir: join(data, 'run'),
    timeZone: timeZone(env.TZ),
    limits: {
      bodyBytes: whole(env, 'GESTOR_BODY_BYTES', DEFAULT_LIMITS.bodyBytes, 1024, 2 ** 28),
      requests: whole(env, 'GESTOR_REQUESTS', DEFAULT_LIMITS.requests, 1, 100_000),
      inFlightBytes: whole(env, 'GESTOR_IN_FLIGHT_BYTES', DEFAULT_LIMITS.inFlightBytes, 1024, 2 ** 32),
    },
    store: {
      segmentBytes: whole(env, 'GESTOR_SEGMENT_BYTES', DEFAULT_STORE.segmentBytes, 1024, 2 ** 32 - 1),
      segmentAgeMs:
        whole(env, 'GESTOR_SEGMENT_HOURS', DEFAULT_STORE.segmentAgeMs / HOUR_MS, 1, 87_600) * HOUR_MS,
      totalBytes: whole(env, 'GESTOR_TOTAL_BYTES', DEFAULT_STORE.totalBytes, 1024, 2 ** 50),
    },
  });
}

function whole(env: NodeJS.ProcessEnv, name: string, fallback: number, min: number, max: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new StartError(
      'bad_config',
      `${name} must be a whole number from ${min} to ${max}, not "${text}".`,
    );
  }
  return value;
}

function timeZone(name: string | undefined): string {
  if (name === undefined || name === '') return 'UTC';
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch (cause) {
    throw new StartError('bad_config', `TZ must be a time zone such as Europe/Madrid, not "${name}".`, cause);
  }
}
