import type { Sysinfo } from 'contract';
import type { Delivery } from './collector/delivery.ts';
import { type Judged, judge, logRecords, type Outcome } from './collector/records.ts';
import type { Spool } from './collector/spool.ts';
import { decide, type Kind, missing, type Policy, type Verdict } from './decide.ts';
import type { Engine } from './docker/engine.ts';
import { GestorError, messageOf } from './errors.ts';
import { type Frame, joinFrame } from './frame.ts';
import type { Cron } from './host/cron.ts';
import type { Sensor } from './sensor/sensor.ts';

/** How many containers are removed at the same time. */
const REMOVALS_AT_ONCE = 5;

export interface CycleParts {
  readonly sensor: Sensor;
  readonly engine: Engine;
  readonly cron: Pick<Cron, 'create'>;
  readonly spool: Pick<Spool, 'put'>;
  readonly deliver: Delivery['attempt'];
  readonly policy: Policy;
  readonly dryRun: boolean;
  readonly host: string;
}

/** What one cycle saw and did. */
export interface CycleReport {
  readonly sysinfo: Sysinfo;
  readonly judged: readonly Judged[];
  readonly created: Readonly<Record<Kind, number>>;
  /** Sentences about what did not work; the cycle went on. */
  readonly troubles: readonly string[];
  readonly tookMs: number;
}

/**
 * One cycle: observe, decide, act, report. `before` is the frame of the last one, for rates. Once the
 * signal is given nothing new is begun.
 * @throws GestorError when there is nothing to decide on; the signal's reason
 */
export async function runCycle(
  parts: CycleParts,
  before: Sysinfo | null,
  signal: AbortSignal,
): Promise<CycleReport> {
  const started = performance.now();
  const frame = await observe(parts, before);
  signal.throwIfAborted();
  const verdicts = decide(frame, parts.policy);
  const { outcomes, created, troubles } = await act(parts, verdicts, signal);
  const judged = judge(frame, verdicts, outcomes);
  const reportTroubles = await report(parts, frame, judged, signal);
  const tookMs = performance.now() - started;
  return { sysinfo: frame.sysinfo, judged, created, troubles: [...troubles, ...reportTroubles], tookMs };
}

async function observe({ engine, sensor }: CycleParts, before: Sysinfo | null): Promise<Frame> {
  const containers = await engine.list();
  return joinFrame(await sensor.read(), before, containers);
}

async function act(parts: CycleParts, verdicts: readonly Verdict[], signal: AbortSignal) {
  if (parts.dryRun) return { outcomes: [], created: { high: 0, low: 0 }, troubles: [] };
  const victims = verdicts.filter((verdict) => verdict.action === 'remove');
  const outcomes = await removeAll(parts.engine, victims, signal);
  signal.throwIfAborted();
  return { outcomes, ...(await refill(parts, missing(verdicts, parts.policy))) };
}

/** There must always be enough of each kind. */
async function refill({ cron }: CycleParts, wanted: Readonly<Record<Kind, number>>) {
  const created = { high: 0, low: 0 };
  const troubles: string[] = [];
  for (const kind of ['high', 'low'] as const) {
    if (wanted[kind] === 0) continue;
    try {
      created[kind] = await cron.create(kind, wanted[kind]);
    } catch (error) {
      troubles.push(`Not enough of the ${kind} kind: ${messageOf(error)}`);
    }
  }
  return { created, troubles };
}

/** Removes several at a time; one that fails does not keep the others. */
async function removeAll(
  engine: Engine,
  victims: readonly Verdict[],
  signal: AbortSignal,
): Promise<Outcome[]> {
  const queue = victims.values();
  const outcomes: Outcome[] = [];
  const worker = async () => {
    for (const { id } of queue) {
      if (signal.aborted) return;
      const failure = await engine.remove(id).then(() => null, messageOf);
      outcomes.push({ id, failure });
    }
  };
  await Promise.all(Array.from({ length: REMOVALS_AT_ONCE }, worker));
  return outcomes;
}

async function report(
  parts: CycleParts,
  frame: Frame,
  judged: readonly Judged[],
  signal: AbortSignal,
): Promise<string[]> {
  try {
    await parts.spool.put(logRecords(frame.sysinfo, judged, parts.host));
    await parts.deliver(signal);
    return [];
  } catch (error) {
    if (error instanceof GestorError) return [error.message];
    throw error;
  }
}
