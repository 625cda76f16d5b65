import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { Health } from 'contract';
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { DEFAULT_LIMITS, type Limits } from './config.ts';
import { limitAdmission } from './http/admission.ts';
import { answerErrors } from './http/errors.ts';
import { graphRoutes } from './http/graphs.ts';
import { logRoutes } from './http/logs.ts';
import type { Store } from './store/store.ts';
import type { WorkQueue } from './work/run.ts';

const VERSION = '0.1.0';

export interface AppDeps {
  readonly store: Store;
  /** What a writer must show as its bearer token. */
  readonly token: string;
  readonly graphsDir: string;
  /** IANA time zone of the charts' time axis. */
  readonly timeZone: string;
  readonly work: Pick<WorkQueue, 'run'>;
  readonly limits?: Limits;
  readonly logger?: FastifyServerOptions['logger'];
}

/** The collector's HTTP side, not listening yet. The store stays its owner's to close. */
export async function buildApp(deps: AppDeps): Promise<FastifyInstance> {
  const limits = deps.limits ?? DEFAULT_LIMITS;
  const app = fastify({
    logger: deps.logger ?? false,
    bodyLimit: limits.bodyBytes,
    forceCloseConnections: 'idle',
    // Fastify would drop unknown keys and turn "1" into 1; a contract error must be heard instead.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, discriminator: true } },
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.removeContentTypeParser('text/plain');
  answerErrors(app);
  limitAdmission(app, limits);
  await app.register(swagger, { openapi: OPENAPI });
  await app.register(swaggerUi, { routePrefix: '/docs' });
  await app.register(logRoutes, deps);
  await app.register(graphRoutes, deps);
  app.get(
    '/healthz',
    { schema: { tags: ['health'], summary: 'Whether the collector works.', response: { 200: Health } } },
    () => ({
      status: 'ok' as const,
      service: 'gestor-collector' as const,
      version: VERSION,
      records: deps.store.records,
      bytes: deps.store.bytes,
    }),
  );
  return app;
}

const OPENAPI = {
  openapi: '3.1.0',
  info: {
    title: 'Gestor collector',
    description: 'Keeps the log of a run in logs.json and draws its charts.',
    version: VERSION,
  },
  components: { securitySchemes: { token: { type: 'http' as const, scheme: 'bearer' } } },
};
