import { setTimeout as sleep } from 'node:timers/promises';
import type { Sysinfo } from 'contract';
import { type CycleParts, type CycleReport, runCycle } from './cycle.ts';
import { type ErrorCode, GestorError } from './errors.ts';
import { counted } from './view/text.ts';

export interface LoopOptions {
  readonly intervalMs: number;
  readonly cycles: number | null;
  /** Ends the loop; a cycle under way may finish if that is soon. */
  readonly stop: AbortSignal;
  /** Abandons a cycle under way at once. */
  readonly hurry: AbortSignal;
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

/** Gives what the cycle gives, or null once it goes on for too long after the user asked to end, or to hurry. */
async function finishSoon(
  cycle: (signal: AbortSignal) => Promise<CycleReport>,
  { stop, hurry, finishLimitMs = FINISH_LIMIT_MS }: LoopOptions,
): Promise<CycleReport | null> {
  const abandon = new AbortController();
  const abandoned = Promise.withResolvers<null>();
  const giveUp = () => {
    abandon.abort();
    abandoned.resolve(null);
  };
  const onStop = () => setTimeout(giveUp, finishLimitMs).unref();
  stop.addEventListener('abort', onStop, { once: true });
  hurry.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([cycle(abandon.signal), abandoned.promise]);
  } finally {
    stop.removeEventListener('abort', onStop);
    hurry.removeEventListener('abort', giveUp);
  }
}

/** Runs cycles one after the other until the signal, or until there were enough. */
export async function runLoop(parts: CycleParts, options: LoopOptions): Promise<void> {
  const { intervalMs, cycles, stop, show, say } = options;
  const start = performance.now();
  const skips = skipTeller(say);
  let before: Sysinfo | null = null;
  for (let cycle = 1; !stop.aborted; cycle += 1) {
    try {
      const cycleOnce = (signal: AbortSignal) => runCycle(parts, before, signal);
      const report: CycleReport | null = await finishSoon(cycleOnce, options);
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
