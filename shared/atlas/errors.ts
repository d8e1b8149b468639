/** Where an error happened. */
export interface ErrorContext {
  /** The operation's name: `listProcesses`, `requestToken`, … */
  operation: string;
  /** HTTP requests spent on it, 0 if none was sent. */
  attempts: number;
  cause?: unknown;
}

/**
 * Everything that the client throws by itself. The message is one line that starts with the operation; neither it
 * nor any property or cause holds a credential, a token or a request's headers.
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

/** What Atlas says about an error, cleaned. */
export interface ApiErrorReport {
  status: number;
  /** Atlas's own code, as `HOST_NOT_FOUND`; null when the answer does not have the shape of Atlas's errors. */
  errorCode: string | null;
  reason: string;
  detail: string | null;
}

/**
 * An answer other than 200. Only with an `errorCode` is it certain that Atlas gave it, and not a gateway or proxy on the
 * way. Statuses 500, 502, 503 and 504 were tried again first; others never are.
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
    super(`${whoAnswered(report)} ${report.status} ${code}${detail}`, errorContext);
    this.status = report.status;
    this.errorCode = report.errorCode;
    this.reason = report.reason;
    this.detail = report.detail;
  }
}

/** Names Atlas only where it must have been Atlas: servers on the way give errors of their own that are no server errors, too. */
function whoAnswered({ status, errorCode }: ApiErrorReport): string {
  const isForeign = errorCode === null && status >= 400 && status < 500 && status !== 429;
  return isForeign ? 'an answer that is not from Atlas (it has no error code):' : 'Atlas answered';
}

/** Atlas no longer has the version of the operation that this program asks for. Only a newer program can ask for another. */
export class AtlasVersionError extends AtlasApiError {
  override readonly name = 'AtlasVersionError';

  constructor(version: string, { status, errorCode, reason, detail, operation, attempts }: AtlasApiError) {
    const advice = `version ${version} of the API is not offered any more: this program must be updated`;
    const said = detail === null ? advice : `${advice}. ${detail}`;
    super({ status, errorCode, reason, detail: said }, { operation, attempts });
  }
}

/** Atlas refuses the credentials: with 401 after they were renewed and read again, or as an invalid client. */
export class AtlasAuthenticationError extends AtlasError {
  override readonly name = 'AtlasAuthenticationError';
}

/** No answer: connection refused or broken, name not found, time limit passed; each attempt. */
export class AtlasUnreachableError extends AtlasError {
  override readonly name = 'AtlasUnreachableError';
  /** The last attempt ended by a time limit, having cost all of it. */
  readonly timedOut: boolean;

  constructor(text: string, errorContext: ErrorContext & { timedOut: boolean }) {
    super(text, errorContext);
    this.timedOut = errorContext.timedOut;
  }
}

/**
 * What is wrong with an answer: `incomplete` (cut short) and `not-json` were tried again first; `not-ready` (202 or 102)
 * was asked for again until there was no time left; `shape` (fields or
 * pages are not as documented), `too-large` and `name` (Atlas gave a name that cannot stand in a path) were not.
 */
export type ResponseProblem = 'incomplete' | 'not-ready' | 'not-json' | 'shape' | 'too-large' | 'name';

/** Atlas answered, but the answer cannot be used. */
export class AtlasResponseError extends AtlasError {
  override readonly name = 'AtlasResponseError';
  readonly problem: ResponseProblem;

  constructor(problem: ResponseProblem, text: string, errorContext: ErrorContext) {
    super(text, errorContext);
    this.problem = problem;
  }
}

/**
 * The rate limit's bucket is down to the reserve, or Atlas said 429, and waiting for it would take longer than a run
 * may sleep. Commit what there is, and come back at `retryAt`.
 */
export class AtlasThrottledError extends AtlasError {
  override readonly name = 'AtlasThrottledError';
  /** The clock's time, in milliseconds, from which the request can be sent as far as is known. */
  readonly retryAt: number;
  /** Which bucket: set of endpoints and scope. */
  readonly bucket: string;

  constructor(bucket: string, retryAt: number, errorContext: ErrorContext) {
    super(`the rate limit of ${bucket} leaves no request before ${instant(retryAt)}`, errorContext);
    this.retryAt = retryAt;
    this.bucket = bucket;
  }
}

/** The session's deadline passed before there was an answer. */
export class AtlasDeadlineError extends AtlasError {
  override readonly name = 'AtlasDeadlineError';
}

/** What the client was given cannot work: the base URL, the reserve, or the form of the credentials. */
export class AtlasConfigurationError extends AtlasError {
  override readonly name = 'AtlasConfigurationError';
}

/** ISO 8601, or the bare number where the clock is beyond what a date can hold. */
function instant(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? String(milliseconds) : date.toISOString();
}
