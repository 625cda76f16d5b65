import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { balance, lastHeld } from './collector/balance.ts';
import { type CollectorClient, collectorClient } from './collector/client.ts';
import { delivery } from './collector/delivery.ts';
import { openSpool, type Spool } from './collector/spool.ts';
import type { Config } from './config.ts';
import { type CycleParts, type CycleReport, runCycle } from './cycle.ts';
import type { Policy } from './decide.ts';
import { removeEverything } from './docker/cleanup.ts';
import { ensureCollector } from './docker/collector.ts';
import { connect, dockerEngine } from './docker/engine.ts';
import { ensureImages } from './docker/images.ts';
import { machine } from './doctor/checks.ts';
import { messageOf } from './errors.ts';
import { type FarewellStep, sayFarewell } from './farewell.ts';
import { type Cron, cronOf } from './host/cron.ts';
import { loadModule, unloadModule } from './host/kernel-module.ts';
import { dropLease, holdLease, readBootId, takeLease } from './host/lease.ts';
import { lockHost } from './host/lock.ts';
import { ownContainerId } from './host/self.ts';
import type { EndSignals } from './host/signals.ts';
import { runLoop } from './loop.ts';
import type { Say } from './say.ts';
import { chooseSensor } from './sensor/sensor.ts';
import { type Display, displayFor } from './view/display.ts';

/** Time between the two frames of the closing cycle, which rates are made from. */
const CLOSING_GAP_MS = 1000;

/** What is put together at the start and used until the end. */
interface Workshop {
  readonly config: Config;
  readonly docker: Docker;
  readonly client: CollectorClient;
  readonly spool: Spool;
  readonly cron: Cron;
  readonly parts: CycleParts;
  readonly display: Display;
  readonly bootId: string;
}

/**
 * The whole life of the manager: prepare, run cycles until told to end, say farewell. Returns when all
 * of ours that creates containers is gone.
 * @throws GestorError when it can't start, or when a step of the farewell failed
 */
export async function runManager(config: Config, { stop, hurry }: EndSignals): Promise<void> {
  const lock = await lockHost(`process ${process.pid}, started in ${config.paths.root}`);
  const display = displayFor(config);
  let moduleLoaded = false;
  try {
    const bootId = await readBootId();
    const { docker, version } = await connect();
    display.begin(`Docker Engine ${version}`);
    moduleLoaded = await loadModule(config, display.say);
    const workshop = await prepare(config, docker, display, bootId);
    await work(workshop, { stop, hurry });
  } finally {
    // What was loaded here is unloaded here, and nothing else is.
    if (moduleLoaded) display.say(`module: ${await unloadModule(config).catch(messageOf)}`);
    lock.close();
  }
}

async function prepare(config: Config, docker: Docker, display: Display, bootId: string): Promise<Workshop> {
  const { paths } = config;
  const sensor = chooseSensor(config.sensor, paths.sysinfo);
  await sensor.read();
  display.say(`sensor: ${sensor.name}, reading ${sensor.source}`);
  await ensureImages(docker, paths.root, display.say);
  const spool = await openSpool(join(paths.state, 'spool'), bootId);
  const client = collectorClient(config.port, join(paths.volumes, 'run/collector.token'));
  const spared = new Map<string, string>();
  const self = await ownContainerId();
  if (self !== null) spared.set(self, 'the manager itself');
  const settings = { port: config.port, volumes: paths.volumes };
  const ensure = async () => {
    spared.set(await ensureCollector(docker, client, settings, display.say), 'the collector');
  };
  await ensure();
  spool.numberAfter(lastHeld(await client.ledger(), hostname(), bootId));
  const { attempt } = delivery({ spool, send: client.send, ensure });
  const policy: Policy = { quota: config.keep, order: config.order, spared };
  const cron = cronOf(config);
  const parts: CycleParts = {
    sensor,
    engine: dockerEngine(docker),
    cron,
    spool,
    deliver: attempt,
    policy,
    dryRun: config.dryRun,
    host: hostname(),
  };
  return { config, docker, client, spool, cron, parts, display, bootId };
}

/** From the first crontab line to the last: whatever happens in between, the farewell is said. */
async function work(workshop: Workshop, { stop, hurry }: EndSignals): Promise<void> {
  const { config, cron, parts, display, spool, bootId } = workshop;
  const leasePath = join(config.paths.state, 'lease');
  const leaseEnd = new AbortController();
  const show = (report: CycleReport, cycle: number | 'closing') =>
    display.cycle(report, { cycle, policy: parts.policy, records: spool.counts() });
  let lease: Promise<void> = Promise.resolve();
  let started = false;
  let completed = false;
  try {
    if (!config.dryRun) {
      await takeLease(leasePath, bootId);
      await cron.install();
      lease = holdLease(leasePath, bootId, leaseEnd.signal, cron.install);
      lease.catch((error: unknown) => display.say(`lease: ${messageOf(error)}`));
      display.say(`cron: ${config.cron.count} containers every ${config.cron.everySeconds} s`);
      await warnOfSleepingCron(config, display.say);
    }
    started = true;
    await runLoop(parts, { ...config, stop, hurry, show, say: display.say });
    completed = true;
  } finally {
    display.ending(stop.aborted);
    leaseEnd.abort();
    await lease.catch(() => undefined);
    await dropLease(leasePath);
    const steps = farewellSteps(workshop, show).filter(({ optional }) => started || !optional);
    const failed = await sayFarewell(steps, hurry, display.say);
    await workshop.client.close();
    if (completed && failed.length > 0) process.exitCode = 1;
  }
}

/** Lines in a crontab do nothing by themselves. */
async function warnOfSleepingCron(config: Config, say: Say): Promise<void> {
  const daemon = (await machine(config)).find(({ name }) => name === 'cron daemon');
  if (daemon?.ok === false)
    say(`cron: ${daemon.detail}, so nothing will be created. Start it: ${daemon.mend}`);
}

function farewellSteps(
  workshop: Workshop,
  show: (report: CycleReport, cycle: number | 'closing') => void,
): readonly FarewellStep[] {
  const { config, cron, parts, display, spool, client, docker, bootId } = workshop;
  const drain = async (signal: AbortSignal) => {
    await cron.drain(signal);
    return null;
  };
  /** Removes what cron created since the last cycle, so that exactly the survivors stay. */
  const close = async (signal: AbortSignal) => {
    const before = await parts.sensor.read();
    await sleep(CLOSING_GAP_MS, undefined, { signal });
    show(await runCycle(parts, before, signal), 'closing');
    return null;
  };
  const deliver = async (signal: AbortSignal) => {
    await parts.deliver(signal, 'insist');
    return balance(spool.last(), await client.ledger(), parts.host, bootId);
  };
  const draw = async (signal: AbortSignal) => {
    const { graphs } = await client.draw(signal);
    return graphs.map(({ name }) => join('volumes/graphs', name)).join(', ');
  };
  const removeCron = async () => {
    await cron.remove();
    return 'our lines are out of the crontab';
  };
  const all: (FarewellStep | false)[] = [
    !config.dryRun && { name: 'creation', optional: true, run: drain },
    !config.dryRun && { name: 'closing cycle', optional: true, run: close },
    { name: 'logs', optional: true, run: deliver },
    { name: 'charts', optional: true, run: draw },
    !config.dryRun && { name: 'cron', optional: false, run: removeCron },
    config.cleanup && { name: 'cleanup', optional: false, run: () => removeEverything(docker, display.say) },
  ];
  return all.filter((step) => step !== false);
}
