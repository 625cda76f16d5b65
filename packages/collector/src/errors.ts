/** HTTP status of each failure the collector names. */
const STATUS = {
  invalid: 400,
  token_wrong: 401,
  not_found: 404,
  too_large: 413,
  media_type: 415,
  no_records: 422,
  conflict: 422,
  too_many_requests: 429,
  internal: 500,
  disk_error: 503,
  disk_full: 507,
} as const;

export type ErrorCode = keyof typeof STATUS;

/** A failure that is answered to the client: a code for programs and a sentence for people. */
export class CollectorError extends Error {
  readonly code: ErrorCode;
  readonly statusCode: number;
  readonly pointer: string | undefined;

  constructor(code: ErrorCode, message: string, details: { cause?: unknown; pointer?: string } = {}) {
    super(message, { cause: details.cause });
    this.name = 'CollectorError';
    this.code = code;
    this.statusCode = STATUS[code];
    this.pointer = details.pointer;
  }
}

/** A failure that keeps the collector from starting; its message says what to do. */
export class StartError extends Error {
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StartError';
    this.code = code;
  }
}

/** The `code` of a system error such as ENOSPC, or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return undefined;
}
