// The closed list of error codes, and the one table between them and HTTP status codes.

export type ErrorCode =
  | "invalid"
  | "forbidden"
  | "not_found"
  | "conflict"
  | "not_modified"
  | "unsupported"
  | "unavailable"
  | "internal";

const STATUS: Record<ErrorCode, number> = {
  invalid: 400,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  not_modified: 304,
  unsupported: 501,
  unavailable: 503,
  internal: 500,
};

/** An error with a code, a sentence, and where known the path concerned and what to do next. */
export class FairleadError extends Error {
  override readonly name = "FairleadError";
  readonly code: ErrorCode;
  readonly path: string | undefined;
  readonly hint: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    more: { path?: string | undefined; hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.path = more.path;
    this.hint = more.hint;
  }
}

/** The HTTP status that stands for a code. */
export function statusOf(code: ErrorCode): number {
  return STATUS[code];
}

/** The code that a status stands for; unknown 4xx are `invalid`, everything else `internal`. */
export function codeOf(status: number): ErrorCode {
  for (const [code, known] of Object.entries(STATUS)) {
    if (known === status) return code as ErrorCode;
  }
  if (status === 401) return "forbidden";
  return status >= 400 && status < 500 ? "invalid" : "internal";
}
