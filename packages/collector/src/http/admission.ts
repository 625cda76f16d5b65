import type { FastifyInstance } from 'fastify';
import type { Limits } from '../config.ts';
import { CollectorError } from '../errors.ts';

/**
 * Refuses a request, before its body is read, when too many are under way or their bodies together are
 * too large: memory stays bounded however many clients there are.
 */
export function limitAdmission(app: FastifyInstance, limits: Limits): void {
  let requests = 0;
  let bytes = 0;

  app.addHook('onRequest', async (request, reply) => {
    const size = bodySize(request.headers['content-length'], request.headers['transfer-encoding'], limits);
    if (requests >= limits.requests || (bytes > 0 && bytes + size > limits.inFlightBytes)) {
      throw new CollectorError(
        'too_many_requests',
        'The collector is working on as many requests as it accepts. Send this one again in a second.',
      );
    }
    requests++;
    bytes += size;
    reply.raw.once('close', () => {
      requests--;
      bytes -= size;
    });
  });
}

function bodySize(length: string | undefined, encoding: string | undefined, limits: Limits): number {
  if (length !== undefined) return Math.min(Number(length) || 0, limits.bodyBytes);
  return encoding === undefined ? 0 : limits.bodyBytes;
}
