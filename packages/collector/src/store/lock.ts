import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartError } from '../errors.ts';

/** The right to write a log folder; ended by dispose, or by the end of the process, however it ends. */
export interface Lock {
  [Symbol.dispose](): void;
}

/**
 * Takes the write lock of a log folder. The lock is SQLite's on `logs.lock`: the kernel holds it for the
 * process, so it dies with its holder, and it works between containers that share a file system.
 * Throws StartError when another process holds it or the folder can't be written.
 */
export function lockLogs(logsDir: string): Lock {
  const path = join(logsDir, 'logs.lock');
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database?.close();
    throw lockError(logsDir, cause);
  }
  const held = database;
  return { [Symbol.dispose]: () => held.close() };
}

function lockError(logsDir: string, cause: unknown): StartError {
  const SQLITE_BUSY = 5;
  if (cause instanceof Error && 'errcode' in cause && cause.errcode === SQLITE_BUSY) {
    return new StartError(
      'logs_locked',
      `Another collector is writing ${logsDir}. Stop it first, or give this one a folder of its own (GESTOR_DATA).`,
      cause,
    );
  }
  return new StartError(
    'logs_not_writable',
    `The log folder ${logsDir} can't be written: ${cause instanceof Error ? cause.message : cause}. ` +
      'Check that it exists, is not mounted read-only, and belongs to the user the collector runs as.',
    cause,
  );
}
