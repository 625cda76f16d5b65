import { STATUS_CODES } from 'node:http';
import type { ApiError } from 'contract';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CollectorError } from '../errors.ts';

/** Answers every failure as ApiError, whoever threw it. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const known = translate(error, request);
    if (known.statusCode >= 500) request.log.error({ err: error }, known.message);
    return send(reply, known);
  });
  app.setNotFoundHandler((request, reply) =>
    send(reply, new CollectorError('not_found', `There is no ${request.method} ${request.url}. See /docs.`)),
  );
}

function send(reply: FastifyReply, error: CollectorError): FastifyReply {
  if (error.statusCode === 429 || error.statusCode === 503) void reply.header('retry-after', '1');
  if (error.statusCode === 401) void reply.header('www-authenticate', 'Bearer');
  const { code, message, pointer } = error;
  const body: ApiError = { error: { code, message, ...(pointer === undefined ? {} : { pointer }) } };
  return reply.code(error.statusCode).type('application/json').send(body);
}

function translate(error: FastifyError, request: FastifyRequest): CollectorError {
  if (error instanceof CollectorError) return error;
  if (error.validation !== undefined) return validationError(error);
  switch (error.statusCode) {
    case 413: {
      const limit = request.routeOptions.bodyLimit ?? 0;
      return new CollectorError(
        'too_large',
        `The body is larger than ${limit} bytes. Send fewer records at a time.`,
      );
    }
    case 415:
      return new CollectorError('media_type', 'The body must be sent with content-type: application/json.');
    case 400:
      return new CollectorError('invalid', `The request can't be read: ${error.message}`, { cause: error });
    case 404:
      return new CollectorError('not_found', error.message);
    default:
      return new CollectorError('internal', `${STATUS_CODES[500]}. The collector's own log tells more.`, {
        cause: error,
      });
  }
}

function validationError(error: FastifyError): CollectorError {
  const [first] = error.validation ?? [];
  const where = error.validationContext === 'querystring' ? 'query' : (error.validationContext ?? 'body');
  const pointer = `${first?.instancePath ?? ''}${extraKey(first?.params)}`;
  const place = pointer === '' ? `The ${where}` : `The ${where} at ${pointer}`;
  if (first?.keyword === 'maxItems') {
    return new CollectorError(
      'too_large',
      `${place} has more than ${first.params.limit} records. Send fewer at a time.`,
    );
  }
  const wrong =
    first?.keyword === 'additionalProperties' ? 'is not a known field' : (first?.message ?? 'is not valid');
  return new CollectorError('invalid', `${place} ${wrong}.`, where === 'body' ? { pointer } : {});
}

function extraKey(params: Record<string, unknown> | undefined): string {
  const key = params?.additionalProperty;
  return typeof key === 'string' ? `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}` : '';
}
