/** Where an error happened. */
export interface ErrorContext {
  /** The operation's name: `listProcesses`, `requestToken`, … */
  operation: string;
  /** HTTP requests sent for it, or 0. */
  attempts: number;
  cause?: unknown;
}

/**
 * The base of all errors that the client throws. The message is one line that starts with the operation. Neither
 * message, properties nor cause contain a credential, a token or a request's headers.
 */
export abstract class AtlasError extends Error {
  readonly operation: string;
  readonly attempts: number;

  constructor(text: string, errorContext: ErrorContext) {
    const tries = errorContext.attempts > 1 ? ` (after ${errorContext.attempts} attempts)` : '';
    super(
      `${errorContext.operation}: ${text}${tries}`,
      errorContext.cause === undefined ? undefined : { cause: errorContext.cause },
    );
    this.operation = errorContext.operation;
    this.attempts = errorContext.attempts;
  }
}

/** Atlas's error report, sanitized. */
export interface ApiErrorReport {
  status: number;
  /** Atlas's own code, such as `HOST_NOT_FOUND`; null when the response does not have the shape of Atlas's errors. */
  errorCode: string | null;
  reason: string;
  detail: string | null;
}

/**
 * A response other than 200. Only an `errorCode` proves that it came from Atlas and not from a gateway or proxy. The
 * client retries statuses 500, 502, 503 and 504 before it throws, and no others.
 */
export class AtlasApiError extends AtlasError {
  override readonly name: string = 'AtlasApiError';
  readonly status: number;
  readonly errorCode: string | null;
  readonly reason: string;
  readonly detail: string | null;

  constructor(report: ApiErrorReport, errorContext: ErrorContext) {
    const code = report.errorCode ?? report.reason;
    const detail = report.detail ? `: ${report.detail}` : '';
    super(`${responder(report)} ${report.status} ${code}${detail}`, errorContext);
    this.status = report.status;
    this.errorCode = report.errorCode;
    this.reason = report.reason;
    this.detail = report.detail;
  }
}

/** Names Atlas only if the response must be from Atlas. Servers on the way also send 4xx errors of their own. */
function responder({ status, errorCode }: ApiErrorReport): string {
  const isForeign = errorCode === null && status >= 400 && status < 500 && status !== 429;
  return isForeign ? 'a response that is not from Atlas (it has no error code):' : 'Atlas answered';
}

/**
 * Atlas no longer offers the version of the operation that this program requests. Only a newer program can request
 * another.
 */
export class AtlasVersionError extends AtlasApiError {
  override readonly name = 'AtlasVersionError';

  constructor(version: string, { status, errorCode, reason, detail, operation, attempts }: AtlasApiError) {
    const advice = `Atlas no longer offers version ${version} of the API: update this program`;
    const said = detail === null ? advice : `${advice}. ${detail}`;
    super({ status, errorCode, reason, detail: said }, { operation, attempts });
  }
}

/** Atlas refuses the credentials: with a 401 after the client renewed and reread them, or as an invalid client. */
export class AtlasAuthenticationError extends AtlasError {
  override readonly name = 'AtlasAuthenticationError';
}

/** No attempt got a response: the connection was refused or broken, the name was not found, or a time limit passed. */
export class AtlasUnreachableError extends AtlasError {
  override readonly name = 'AtlasUnreachableError';
  /** The last attempt ended because it used up a time limit. */
  readonly timedOut: boolean;

  constructor(text: string, errorContext: ErrorContext & { timedOut: boolean }) {
    super(text, errorContext);
    this.timedOut = errorContext.timedOut;
  }
}

/**
 * What is wrong with a response.
 *
 * - `incomplete` (truncated) and `not-json`: thrown after retries
 * - `not-ready` (202 or 102): thrown when polling reaches the deadline
 * - `shape` (fields or pages differ from the documentation), `too-large` and `name` (a name from Atlas cannot be part
 *   of a path): not retried
 */
export type ResponseProblem = 'incomplete' | 'not-ready' | 'not-json' | 'shape' | 'too-large' | 'name';

/** Atlas responded, but the response is unusable. */
export class AtlasResponseError extends AtlasError {
  override readonly name = 'AtlasResponseError';
  readonly problem: ResponseProblem;

  constructor(problem: ResponseProblem, text: string, errorContext: ErrorContext) {
    super(text, errorContext);
    this.problem = problem;
  }
}

/**
 * The rate limit's bucket is down to the reserve, or Atlas sent 429, and waiting would take longer than a run may
 * sleep. The caller commits what it has and continues at `retryAt`.
 */
export class AtlasThrottledError extends AtlasError {
  override readonly name = 'AtlasThrottledError';
  /** The clock's time in milliseconds at which the request can be sent, as far as the client knows. */
  readonly retryAt: number;
  /** Which bucket: the set of endpoints and whom it counts for. */
  readonly bucket: string;

  constructor(bucket: string, retryAt: number, errorContext: ErrorContext) {
    super(`the rate limit of ${bucket} allows no request before ${instant(retryAt)}`, errorContext);
    this.retryAt = retryAt;
    this.bucket = bucket;
  }
}

/** The session's deadline passed before a response arrived. */
export class AtlasDeadlineError extends AtlasError {
  override readonly name = 'AtlasDeadlineError';
}

/** The client's configuration is invalid: the base URL, the reserve, or the form of the credentials. */
export class AtlasConfigurationError extends AtlasError {
  override readonly name = 'AtlasConfigurationError';
}

/** Returns ISO 8601, or the bare number if a date cannot hold it. */
function instant(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? String(milliseconds) : date.toISOString();
}
