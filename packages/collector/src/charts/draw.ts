import { Worker } from 'node:worker_threads';
import type { Graphs } from 'contract';
import { CollectorError } from '../errors.ts';
import type { GraphsTask } from './graphs.ts';

/**
 * Draws the charts in a thread of its own, so that requests are served meanwhile; one drawing at a time.
 * Who asks while one is under way gets the next one, which has seen every record acknowledged before.
 * Throws CollectorError no_records when there is nothing to draw.
 */
export function drawInWorker(task: GraphsTask): () => Promise<Graphs> {
  let current: Promise<unknown> = Promise.resolve();
  let next: Promise<Graphs> | undefined;
  return () => {
    next ??= current
      .catch(() => undefined)
      .then(() => {
        current = next ?? current;
        next = undefined;
        return draw(task);
      });
    return next;
  };
}

async function draw({ logsDir, graphsDir, timeZone }: GraphsTask): Promise<Graphs> {
  const workerData: GraphsTask = { logsDir, graphsDir, timeZone };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData });
  const graphs = await new Promise<Graphs | undefined>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => {
      reject(new CollectorError('internal', `Drawing the charts ended early (exit code ${code}).`));
    });
  });
  if (graphs === undefined) {
    throw new CollectorError('no_records', 'There are no records yet, so there is nothing to draw.');
  }
  return graphs;
}
