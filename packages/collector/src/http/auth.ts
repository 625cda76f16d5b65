import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyRequest } from 'fastify';
import { CollectorError, StartError, systemCode } from '../errors.ts';

/** Makes this boot's token and leaves it, for its owner only, in <runDir>/collector.token. */
export async function makeToken(runDir: string): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const path = join(runDir, 'collector.token');
  try {
    await writeFile(`${path}.new`, `${token}\n`, { mode: 0o600, flush: true });
    await rename(`${path}.new`, path);
  } catch (cause) {
    throw new StartError(
      'run_not_writable',
      `The token can't be written to ${path} (${systemCode(cause) ?? cause}). ` +
        'Check that the folder exists and belongs to the user the collector runs as.',
      cause,
    );
  }
  return token;
}

/** An onRequest hook that lets only bearers of the token pass; the comparison takes the same time for all. */
export function requireToken(token: string) {
  const expected = digest(`Bearer ${token}`);
  return async (request: FastifyRequest): Promise<void> => {
    if (timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) return;
    throw new CollectorError(
      'token_wrong',
      'Writing needs the header "Authorization: Bearer <token>" with the token in volumes/run/collector.token, ' +
        'which is new at every start of the collector.',
    );
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
