import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Graphs } from 'contract';
import { containersPlot } from '../charts/containers-plot.ts';
import { memoryPlot } from '../charts/memory-plot.ts';
import { renderPlot } from '../charts/plot.ts';
import { newestHost, readSeries } from './read-series.ts';

const POINTS_MAX = 480;
const PLOTS = { 'memory.png': memoryPlot, 'containers.png': containersPlot };

/** Draws all charts of the host that spoke last. Undefined when there is no record. */
export async function drawGraphs(
  database: DatabaseSync,
  graphsDir: string,
  timeZone: string,
): Promise<Graphs | undefined> {
  const host = newestHost(database);
  const series = host === undefined ? undefined : readSeries(database, host, {}, POINTS_MAX);
  if (host === undefined || series === undefined) return undefined;
  const graphs = [];
  for (const [name, plot] of Object.entries(PLOTS)) {
    const picture = renderPlot(plot(series), series, host, timeZone);
    await replaceFile(join(graphsDir, name), picture);
    graphs.push({ name, bytes: picture.length });
  }
  return { graphs, records: series.records };
}

/** Readers see the old picture or the new one, never half of one. */
async function replaceFile(path: string, bytes: Buffer): Promise<void> {
  await writeFile(`${path}.new`, bytes, { flush: true });
  await rename(`${path}.new`, path);
}
