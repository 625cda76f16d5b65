import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { codeOf, GestorError } from '../errors.ts';

/**
 * Name of the socket that a running manager holds. It is an abstract one (it starts with a NUL byte and
 * is no file), so the kernel frees it however the manager ends: no stale lock is possible.
 */
const SOCKET = '\0gestor-manager';

async function whoHolds(name: string): Promise<string> {
  const socket = connect(name)
    .setEncoding('utf8')
    .setTimeout(1000, () => socket.destroy());
  let text = '';
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  await once(socket, 'close').catch(() => undefined);
  return text.trim() || 'another process';
}

/**
 * Makes this the only manager of the host, until it ends or the returned server is closed.
 * @throws GestorError ALREADY_RUNNING, which names the one that runs
 */
export async function lockHost(self: string, name = SOCKET): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => undefined).end(`${self}\n`));
  try {
    server.listen(name);
    await once(server, 'listening');
    return server.unref();
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw error;
    throw new GestorError(
      'ALREADY_RUNNING',
      `A manager is running on this host already: ${await whoHolds(name)}. Stop it first (Ctrl-C where it runs).`,
      error,
    );
  }
}
