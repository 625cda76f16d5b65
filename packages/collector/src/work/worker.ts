import { once } from 'node:events';
import { DatabaseSync } from 'node:sqlite';
import type { Task } from './run.ts';

// A process of its own: gets one task, answers with { result }, and ends.
const [task]: Task[] = await once(process, 'message');
if (task !== undefined) await answer(task);

async function answer({ indexPath, work }: Task): Promise<void> {
  const database = new DatabaseSync(indexPath, { readOnly: true });
  try {
    process.send?.({ result: await perform(database, work) });
  } finally {
    database.close();
    process.disconnect();
  }
}

async function perform(database: DatabaseSync, work: Task['work']) {
  if (work.kind === 'graphs') {
    const { drawGraphs } = await import('./graphs.ts');
    return drawGraphs(database, work.graphsDir, work.timeZone);
  }
  const { summarize } = await import('./summary.ts');
  return summarize(database, work.span, work.pointsMax);
}
