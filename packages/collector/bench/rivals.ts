import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import fastify from 'fastify';

// What the collector is measured against, in a process of its own: an empty route, the simple approach that
// reads, parses and rewrites the whole file for each post, and SQLite with one synced insert a transaction.
const { values } = parseArgs({ options: { dir: { type: 'string', default: '.' } } });
const path = join(values.dir, 'logs.json');

const database = new DatabaseSync(join(values.dir, 'rival.sqlite'));
database.exec(
  'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE IF NOT EXISTS logs (text TEXT)',
);
const insert = database.prepare('INSERT INTO logs VALUES (?)');

let turn: Promise<void> = Promise.resolve();
async function rewrite(records: unknown[]): Promise<void> {
  const all: unknown[] = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(`${path}.new`, JSON.stringify([...all, ...records]), { flush: true });
  await rename(`${path}.new`, path);
}

const app = fastify();
app.post('/empty', (_request, reply) => reply.code(201).send({ stored: 1 }));
app.post<{ Body: unknown[] }>('/rewrite', async ({ body }, reply) => {
  turn = turn.then(() => rewrite(body));
  await turn;
  return reply.code(201).send({ stored: 1 });
});
app.post<{ Body: unknown[] }>('/sqlite', (request, reply) => {
  for (const record of request.body) insert.run(JSON.stringify(record));
  return reply.code(201).send({ stored: 1 });
});
console.log(`listening on ${await app.listen({ host: '127.0.0.1', port: 0 })}`);
