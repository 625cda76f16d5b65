import { open, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Graphs, LogRecord } from 'contract';
import { SeriesFold } from '../series.ts';
import { readLines, recordText } from '../store/lines.ts';
import { containersPlot } from './containers-plot.ts';
import { memoryPlot } from './memory-plot.ts';
import { renderPlot } from './plot.ts';

export interface GraphsTask {
  readonly logsDir: string;
  readonly graphsDir: string;
  readonly timeZone: string;
}

const POINTS_MAX = 480;
const PLOTS = { 'memory.png': memoryPlot, 'containers.png': containersPlot };

/** Draws all charts of the host that spoke last. Undefined when there is no record. */
export async function drawGraphs({ logsDir, graphsDir, timeZone }: GraphsTask): Promise<Graphs | undefined> {
  const path = join(logsDir, 'logs.json');
  const host = await lastHost(path);
  if (host === undefined) return undefined;
  const fold = new SeriesFold(POINTS_MAX);
  for await (const records of readRecords(path)) {
    for (const record of records) if (record.host === host) fold.add(record);
  }
  const series = fold.finish();
  if (series === undefined) return undefined;
  const graphs = [];
  for (const [name, plot] of Object.entries(PLOTS)) {
    const picture = renderPlot(plot(series), series, host, timeZone);
    await replaceFile(join(graphsDir, name), picture);
    graphs.push({ name, bytes: picture.length });
  }
  return { graphs, records: series.records };
}

async function lastHost(path: string): Promise<string | undefined> {
  const TAIL_BYTES = 256 * 1024;
  let host: string | undefined;
  for await (const records of readRecords(path, -TAIL_BYTES)) host = records.at(-1)?.host ?? host;
  return host;
}

/** The records of a log file, or of its last bytes; lines that are no records are left out. */
async function* readRecords(path: string, from = 0): AsyncGenerator<LogRecord[]> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    for await (const lines of readLines(file, from < 0 ? Math.max(0, size + from) : from, size)) {
      yield lines.flatMap(({ text }) => parseRecord(recordText(text)));
    }
  } finally {
    await file.close();
  }
}

function parseRecord(text: Buffer): LogRecord[] {
  try {
    return [JSON.parse(text.toString('utf8'))];
  } catch {
    return [];
  }
}

/** Readers see the old picture or the new one, never half of one. */
async function replaceFile(path: string, bytes: Buffer): Promise<void> {
  await writeFile(`${path}.new`, bytes, { flush: true });
  await rename(`${path}.new`, path);
}
