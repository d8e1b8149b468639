import { STATUS_CODES } from 'node:http';
import * as z from 'zod';
import { AtlasApiError, AtlasResponseError, type ErrorContext } from './errors.ts';
import { parseExact } from './exact-json.ts';
import { faultOf } from './items.ts';
import { type Fault, fieldPath } from './remarks.ts';
import { withoutNotNumbers } from './tolerant-json.ts';
import type { HttpResponse } from './transport.ts';
import { untrustedText } from './untrusted-text.ts';

/** Atlas's error body, and the one of its token endpoint. A field of another type is taken as missing. */
const errorBody = z.object({
  errorCode: z.string().optional().catch(undefined),
  reason: z.string().optional().catch(undefined),
  detail: z.string().optional().catch(undefined),
  error: z.union([z.string(), z.number()]).optional().catch(undefined),
  error_description: z.string().optional().catch(undefined),
});

type ErrorBody = z.infer<typeof errorBody>;

/** As GROUP_NOT_FOUND: the codes of Atlas's API. */
const API_CODE = /^[A-Z][A-Z0-9_]{0,99}$/;

/** As invalid_client: the codes of OAuth (RFC 6749), which only the token endpoint gives. */
const OAUTH_CODE = /^[a-z][a-z_]{0,99}$/;

/**
 * The document of an answer. Bare NaN and Infinity, which are no JSON, count as null.
 *
 * @param exact whether numbers that JavaScript cannot hold are kept as `ExactNumber`
 * @param onNotNumbers called with how many bare NaN and Infinity there were
 * @throws AtlasResponseError (`not-json`) when it is not JSON: its text, which may be a token, is not quoted
 */
export function parseJson(
  { text }: Pick<HttpResponse, 'text'>,
  errorContext: ErrorContext,
  { exact = false, onNotNumbers = () => {} }: { exact?: boolean; onNotNumbers?(count: number): void } = {},
): unknown {
  const parse: (text: string) => unknown = exact ? parseExact : JSON.parse;
  try {
    return parse(text);
  } catch {
    const repaired = withoutNotNumbers(text);
    if (repaired !== null) {
      try {
        const document = parse(repaired.text);
        onNotNumbers(repaired.count);
        return document;
      } catch {
        // Something else is wrong with it as well.
      }
    }
    throw new AtlasResponseError('not-json', 'the answer is not JSON', errorContext);
  }
}

/**
 * What an answer other than 200 says.
 *
 * @param secrets what the request held: blacked out, should the answer repeat it
 */
export function apiError(
  answer: HttpResponse,
  secrets: readonly string[],
  errorContext: ErrorContext,
): AtlasApiError {
  const body = parseErrorBody(answer.text);
  const code = apiCode(body, answer.status) ?? oauthCode(body);
  const detail = redirectDetail(answer) ?? body.detail ?? body.error_description;
  return new AtlasApiError(
    {
      status: answer.status,
      errorCode: code === null ? null : untrustedText(code, secrets),
      reason: untrustedText(body.reason ?? STATUS_CODES[answer.status] ?? 'Unknown', secrets),
      detail: detail === undefined ? null : untrustedText(detail, secrets),
    },
    errorContext,
  );
}

/**
 * Returns the code of an error of Atlas's API, whose body has a code and repeats the status (both are required by the
 * reference). What gateways and proxies on the way answer has neither.
 */
function apiCode({ errorCode, error }: ErrorBody, status: number): string | null {
  return error === status && errorCode !== undefined && API_CODE.test(errorCode) ? errorCode : null;
}

/** Returns the code of an OAuth error. It is in small letters, so that it can never pass for one of the API's. */
function oauthCode({ error }: ErrorBody): string | null {
  return typeof error === 'string' && OAUTH_CODE.test(error) ? error : null;
}

/** Names the host that a redirect points to; only the host, since the rest may repeat the request. */
function redirectDetail(answer: HttpResponse): string | undefined {
  if (answer.status < 300 || answer.status > 399) return undefined;
  const location = answer.headers['location'];
  const url = typeof location === 'string' ? URL.parse(location) : null;
  return `a redirect${url === null ? '' : ` to ${url.host}`}, which is not followed`;
}

function parseErrorBody(text: string): ErrorBody {
  try {
    return errorBody.safeParse(JSON.parse(text)).data ?? {};
  } catch {
    return {};
  }
}

/**
 * The document in the shape that the schema asks for.
 *
 * @throws AtlasResponseError (`shape`) that names the first field that is wrong, as `results[3].id: expected string`
 */
export function validated<T>(schema: z.ZodType<T>, document: unknown, errorContext: ErrorContext): T {
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw shapeError(issue ? faultOf(issue) : { path: [], expected: 'unexpected' }, errorContext);
}

/** Names the field that is wrong, and never its content. */
export function shapeError({ path, expected }: Fault, errorContext: ErrorContext): AtlasResponseError {
  return new AtlasResponseError('shape', untrustedText(`${fieldPath(path)}: ${expected}`), errorContext);
}
