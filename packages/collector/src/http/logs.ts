import { Readable } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { LogBatch, LogQuery, Stored } from 'contract';
import type { Store } from '../store/store.ts';
import { requireToken } from './auth.ts';
import { REFUSALS } from './refusals.ts';

/** POST /logs and GET /logs. */
export const logRoutes: FastifyPluginAsyncTypebox<{ store: Store; token: string }> = async (app, deps) => {
  app.route({
    method: 'POST',
    url: '/logs',
    onRequest: requireToken(deps.token),
    schema: {
      summary: 'Store a batch of records, wholly or not at all; answered once it is on disk.',
      security: [{ token: [] }],
      body: LogBatch,
      response: { 201: Stored, ...REFUSALS },
    },
    handler: async (request, reply) => {
      await deps.store.append(request.body);
      return reply.code(201).send({ stored: request.body.length });
    },
  });

  app.route({
    method: 'GET',
    url: '/logs',
    schema: {
      summary: 'The records, oldest first: a JSON array, or one a line with Accept: application/x-ndjson.',
      querystring: LogQuery,
    },
    handler: async (request, reply) => {
      const lines = (request.headers.accept ?? '').includes('application/x-ndjson');
      const chunks = deps.store.query(request.query);
      reply.type(lines ? 'application/x-ndjson' : 'application/json');
      return reply.send(Readable.from(lines ? asLines(chunks) : asArray(chunks), { objectMode: false }));
    },
  });
};

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
