import { parentPort, workerData } from 'node:worker_threads';
import { drawGraphs } from './graphs.ts';

parentPort?.postMessage(await drawGraphs(workerData));
