import { setTimeout as sleep } from 'node:timers/promises';
import type { Sysinfo } from 'contract';
import { type CycleParts, type CycleReport, runCycle } from './cycle.ts';
import { type ErrorCode, GestorError } from './errors.ts';
import { counted } from './view/text.ts';

export interface LoopOptions {
  readonly intervalMs: number;
  readonly cycles: number | null;
  readonly stop: AbortSignal;
  readonly show: (report: CycleReport, cycle: number) => void;
  readonly say: (line: string) => void;
  /** How long a cycle may go on after the user has asked to end. */
  readonly finishLimitMs?: number;
}

const FINISH_LIMIT_MS = 5000;

/**
 * The moment of the next cycle: on the grid that began at `start`, so that slow cycles cause no drift;
 * what a long cycle has overrun is left out, never made up for.
 */
export function nextTick(start: number, intervalMs: number, now: number): number {
  return start + (Math.floor((now - start) / intervalMs) + 1) * intervalMs;
}

/** Tells of skipped cycles once when they begin and once when they end. */
function skipTeller(say: (line: string) => void) {
  let code: ErrorCode | null = null;
  let skipped = 0;
  return {
    failed: (error: GestorError) => {
      skipped += 1;
      if (code !== error.code) say(`cycle skipped [${error.code}] ${error.message}`);
      code = error.code;
    },
    worked: () => {
      if (skipped > 0) say(`working again after ${counted(skipped, 'skipped cycle')}`);
      code = null;
      skipped = 0;
    },
  };
}

/** Gives what `work` gives, or null if it goes on for too long after the signal. */
async function finishSoon<T>(work: Promise<T>, stop: AbortSignal, limitMs: number): Promise<T | null> {
  const giveUp = Promise.withResolvers<null>();
  const onStop = () => setTimeout(() => giveUp.resolve(null), limitMs).unref();
  stop.addEventListener('abort', onStop, { once: true });
  try {
    return await Promise.race([work, giveUp.promise]);
  } finally {
    stop.removeEventListener('abort', onStop);
  }
}

/** Runs cycles one after the other until the signal, or until there were enough. */
export async function runLoop(parts: CycleParts, options: LoopOptions): Promise<void> {
  const { intervalMs, cycles, stop, show, say, finishLimitMs = FINISH_LIMIT_MS } = options;
  const start = performance.now();
  const skips = skipTeller(say);
  let before: Sysinfo | null = null;
  for (let cycle = 1; !stop.aborted; cycle += 1) {
    try {
      const report: CycleReport | null = await finishSoon(runCycle(parts, before), stop, finishLimitMs);
      if (report === null) return;
      before = report.sysinfo;
      skips.worked();
      show(report, cycle);
    } catch (error) {
      if (!(error instanceof GestorError)) throw error;
      skips.failed(error);
    }
    if (cycles !== null && cycle >= cycles) return;
    const now = performance.now();
    const pause = nextTick(start, intervalMs, now) - now;
    await sleep(pause, undefined, { signal: stop }).catch(() => undefined);
  }
}
