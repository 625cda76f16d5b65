import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LightMyRequestResponse } from 'fastify';
import { type AppDeps, buildApp } from '../src/app.ts';
import { DEFAULT_STORE } from '../src/config.ts';
import { INDEX_FILE, Store } from '../src/store/store.ts';
import { WorkQueue } from '../src/work/run.ts';
import { temporaryFolder } from './folder.ts';

export const TOKEN = 'token-of-this-test';

/** The whole collector on a real store in a folder of its own, but for listening. */
export async function testApp(changes: Partial<AppDeps> = {}) {
  const folder = await temporaryFolder();
  const [logsDir, graphsDir] = [join(folder.path, 'logs'), join(folder.path, 'graphs')];
  await mkdir(logsDir);
  await mkdir(graphsDir);
  const store = await Store.open(logsDir, DEFAULT_STORE, () => undefined);
  const work = new WorkQueue(join(logsDir, INDEX_FILE), () => store.indexed());
  const app = await buildApp({ store, token: TOKEN, graphsDir, timeZone: 'UTC', work, ...changes });
  const post = (
    url: string,
    payload?: object | string,
    headers: Record<string, string> = {},
  ): Promise<LightMyRequestResponse> =>
    app.inject({
      method: 'POST',
      url,
      headers: {
        authorization: `Bearer ${TOKEN}`,
        ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(payload === undefined ? {} : { payload }),
    });
  const get = (url: string, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> =>
    app.inject({ method: 'GET', url, headers });
  return {
    app,
    store,
    post,
    get,
    logsDir,
    graphsDir,
    async [Symbol.asyncDispose]() {
      await app.close();
      await store.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}
