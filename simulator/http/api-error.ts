import { STATUS_CODES } from 'node:http';

/** An error response in Atlas's format. */
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

/** Returns the body of an error, with fields in the recorded order. A recorded 401 has no parameters. */
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
