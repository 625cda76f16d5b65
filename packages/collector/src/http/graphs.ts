import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Graphs, Summary, SummaryQuery } from 'contract';
import { Type } from 'typebox';
import { CollectorError, systemCode } from '../errors.ts';
import type { WorkQueue } from '../work/run.ts';
import { requireToken } from './auth.ts';
import { REFUSALS } from './refusals.ts';

export interface GraphDeps {
  readonly token: string;
  readonly graphsDir: string;
  readonly timeZone: string;
  readonly work: Pick<WorkQueue, 'run'>;
}

const POINTS_DEFAULT = 240;
const GraphName = Type.Object({ name: Type.String({ pattern: '^[a-z]+\\.png$' }) });

/** POST /graphs, GET /graphs/<name>.png and GET /summary. */
export const graphRoutes: FastifyPluginAsyncTypebox<GraphDeps> = async (app, deps) => {
  app.route({
    method: 'POST',
    url: '/graphs',
    onRequest: requireToken(deps.token),
    schema: {
      tags: ['charts'],
      summary: 'Draw the charts of all records into volumes/graphs.',
      security: [{ token: [] }],
      response: { 200: Graphs, ...REFUSALS },
    },
    handler: async (_request, reply) =>
      reply.send(await deps.work.run({ kind: 'graphs', graphsDir: deps.graphsDir, timeZone: deps.timeZone })),
  });

  app.route({
    method: 'GET',
    url: '/summary',
    schema: {
      tags: ['charts'],
      summary: 'Memory, CPU, RAM and removals over time, and the 5 containers that used most.',
      querystring: SummaryQuery,
      response: { 200: Summary, ...REFUSALS },
    },
    handler: async ({ query: { points, ...span } }) => {
      return deps.work.run({ kind: 'summary', span, pointsMax: Number(points ?? POINTS_DEFAULT) });
    },
  });

  app.route({
    method: 'GET',
    url: '/graphs/:name',
    schema: { tags: ['charts'], summary: 'One chart, as a PNG picture.', params: GraphName },
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
