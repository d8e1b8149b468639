import { STATUS_CODES } from 'node:http';

/** An answer other than success, in the shape that Atlas gives to errors. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly errorCode: string;
  readonly parameters: readonly (string | number)[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    errorCode: string,
    detail: string,
    parameters: readonly (string | number)[] = [],
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.status = status;
    this.errorCode = errorCode;
    this.parameters = parameters;
    this.headers = headers;
  }
}

/** The body of an error, fields in the order of the recorded ones; a 401 has been seen to lack the parameters. */
export function errorBody(error: ApiError) {
  return {
    detail: error.message,
    error: error.status,
    errorCode: error.errorCode,
    ...(error.status === 401 ? {} : { parameters: error.parameters }),
    reason: STATUS_CODES[error.status] ?? 'Unknown',
  };
}

export function unexpectedError(): ApiError {
  return new ApiError(500, 'UNEXPECTED_ERROR', 'Unexpected error.');
}
