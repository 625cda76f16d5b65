/** Codes of the failures that the manager tells its user about. */
export type ErrorCode =
  | 'BAD_OPTION'
  | 'ALREADY_RUNNING'
  | 'ENGINE_UNREACHABLE'
  | 'PORT_TAKEN'
  | 'REMOVAL_TOO_SLOW'
  | 'COLLECTOR_FAILED'
  | 'COLLECTOR_REFUSED'
  | 'COLLECTOR_UNREACHABLE'
  | 'BATCH_REFUSED'
  | 'VOLUME_NOT_WRITABLE'
  | 'IMAGE_BUILD_FAILED'
  | 'CRON_FAILED'
  | 'SENSOR_MISSING'
  | 'SENSOR_UNREADABLE'
  | 'SENSOR_EMPTY'
  | 'SENSOR_NOT_JSON'
  | 'SENSOR_WRONG_SHAPE'
  | 'SENSOR_WRONG_VERSION'
  | 'SENSOR_STUCK';

/** A failure in the outside world: a sentence that says what happened and what to do, and a code. */
export class GestorError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'GestorError';
    this.code = code;
  }
}

/** The message of anything thrown, for use inside a sentence. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The system's or the engine's own code of a failure (ENOENT, 404, …), where it has one. */
export function codeOf(error: unknown): string | number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  if ('statusCode' in error && typeof error.statusCode === 'number') return error.statusCode;
  return undefined;
}
