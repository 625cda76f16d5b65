import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { Task } from './run.ts';

const { indexPath, work }: Task = workerData;
const database = new DatabaseSync(indexPath, { readOnly: true });
try {
  if (work.kind === 'graphs') {
    const { drawGraphs } = await import('./graphs.ts');
    parentPort?.postMessage(await drawGraphs(database, work.graphsDir, work.timeZone));
  } else {
    const { summarize } = await import('./summary.ts');
    parentPort?.postMessage(summarize(database, work.span, work.pointsMax));
  }
} finally {
  database.close();
}
