import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';
import { Graphs } from 'contract';
import { CollectorError, systemCode } from '../errors.ts';
import { requireToken } from './auth.ts';
import { REFUSALS } from './refusals.ts';

export interface GraphDeps {
  readonly token: string;
  readonly graphsDir: string;
  /** Draws all charts into graphsDir. */
  readonly draw: () => Promise<Graphs>;
}

const GraphName = Type.Object({ name: Type.String({ pattern: '^[a-z]+\\.png$' }) });

/** POST /graphs and GET /graphs/<name>.png. */
export const graphRoutes: FastifyPluginAsyncTypebox<GraphDeps> = async (app, deps) => {
  app.route({
    method: 'POST',
    url: '/graphs',
    onRequest: requireToken(deps.token),
    schema: {
      summary: 'Draw the charts from logs.json into volumes/graphs.',
      security: [{ token: [] }],
      response: { 200: Graphs, ...REFUSALS },
    },
    handler: async (_request, reply) => reply.send(await deps.draw()),
  });

  app.route({
    method: 'GET',
    url: '/graphs/:name',
    schema: { summary: 'One chart, as a PNG picture.', params: GraphName },
    handler: async (request, reply) => {
      const picture = await open(join(deps.graphsDir, request.params.name)).catch((cause: unknown) => {
        if (systemCode(cause) !== 'ENOENT') throw cause;
        throw new CollectorError(
          'not_found',
          `There is no chart ${request.params.name}. POST /graphs draws them.`,
        );
      });
      return reply.type('image/png').send(picture.createReadStream());
    },
  });
};
