import { Readable } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Ledger, LogBatch, LogQuery, type LogRecord, Stored } from 'contract';
import { CollectorError } from '../errors.ts';
import type { Store } from '../store/store.ts';
import { requireToken } from './auth.ts';
import { REFUSALS } from './refusals.ts';

/** POST /logs, GET /logs and GET /ledger. */
export const logRoutes: FastifyPluginAsyncTypebox<{ store: Store; token: string }> = async (app, deps) => {
  app.route({
    method: 'POST',
    url: '/logs',
    onRequest: requireToken(deps.token),
    schema: {
      tags: ['log'],
      summary: 'Store a batch of records, each once, wholly or not at all; answered when it is on disk.',
      security: [{ token: [] }],
      body: LogBatch,
      response: { 201: Stored, ...REFUSALS },
    },
    handler: async (request, reply) => {
      checkKey(request.headers['idempotency-key'], request.body);
      await deps.store.append(request.body);
      return reply.code(201).send({ stored: request.body.length });
    },
  });

  app.route({
    method: 'GET',
    url: '/logs',
    schema: {
      tags: ['log'],
      summary: 'The records, oldest first: a JSON array, or one a line with Accept: application/x-ndjson.',
      querystring: LogQuery,
    },
    handler: async (request, reply) => {
      const lines = (request.headers.accept ?? '').includes('application/x-ndjson');
      const { texts, end } = await deps.store.query(request.query);
      if (end !== undefined) {
        const next = new URLSearchParams({ ...request.query, after: end });
        reply.header('link', `</logs?${next}>; rel="next"`);
      }
      reply.type(lines ? 'application/x-ndjson' : 'application/json');
      return reply.send(Readable.from(lines ? asLines(texts) : asArray(texts), { objectMode: false }));
    },
  });

  app.route({
    method: 'GET',
    url: '/ledger',
    schema: {
      tags: ['log'],
      summary: 'Which records of each boot are held, which are missing, and which lines are damaged.',
      response: { 200: Ledger, ...REFUSALS },
    },
    handler: () => deps.store.ledger(),
  });
};

/** The key says which batch it is; it must not say another than the records do. */
function checkKey(key: string | string[] | undefined, [first]: readonly LogRecord[]): void {
  if (key === undefined || first === undefined || key === `${first.boot_id}-${first.sequence}`) return;
  throw new CollectorError(
    'invalid',
    'The Idempotency-Key must be <boot_id>-<sequence> of the first record of the batch.',
    { pointer: '/0/sequence' },
  );
}

async function* asLines(chunks: AsyncIterable<string[]>): AsyncGenerator<string> {
  for await (const texts of chunks) yield `${texts.join('\n')}\n`;
}

async function* asArray(chunks: AsyncIterable<string[]>): AsyncGenerator<string> {
  let before = '[\n';
  for await (const texts of chunks) {
    yield before + texts.join(',\n');
    before = ',\n';
  }
  yield before === '[\n' ? '[]\n' : '\n]\n';
}
