import * as z from 'zod';
import { STATUS_CODES } from '../node-http.ts';
import { AtlasApiError, AtlasResponseError, type ErrorContext } from './errors.ts';
import { parseExact } from './exact-json.ts';
import { faultOf } from './items.ts';
import { type Fault, fieldPath } from './remarks.ts';
import { withoutNotNumbers } from './tolerant-json.ts';
import type { HttpResponse } from './transport.ts';
import { untrustedText } from './untrusted-text.ts';

/** The error bodies of Atlas's API and of its token endpoint. A field of another type counts as missing. */
const errorBody = z.object({
  errorCode: z.string().optional().catch(undefined),
  reason: z.string().optional().catch(undefined),
  detail: z.string().optional().catch(undefined),
  error: z.union([z.string(), z.number()]).optional().catch(undefined),
  error_description: z.string().optional().catch(undefined),
});

type ErrorBody = z.infer<typeof errorBody>;

/** A code of Atlas's API, such as GROUP_NOT_FOUND. */
const API_CODE = /^[A-Z][A-Z0-9_]{0,99}$/;

/** A code of OAuth (RFC 6749), such as invalid_client. Only the token endpoint returns these. */
const OAUTH_CODE = /^[a-z][a-z_]{0,99}$/;

/**
 * Parses the document of a response. Bare NaN and Infinity, which JSON does not allow, count as null.
 *
 * @param exact whether to keep numbers that JavaScript cannot hold as `ExactNumber`
 * @param onNotNumbers receives the number of bare NaN and Infinity
 * @throws AtlasResponseError (`not-json`) when the text is not JSON. The error does not quote the text, which may be a
 *   token.
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
        // The text has another error as well.
      }
    }
    throw new AtlasResponseError('not-json', 'the response is not JSON', errorContext);
  }
}

/**
 * Returns the error that a response other than 200 reports.
 *
 * @param secrets what the request contained: redacted if the response repeats it
 */
export function apiError(
  response: HttpResponse,
  secrets: readonly string[],
  errorContext: ErrorContext,
): AtlasApiError {
  const body = parseErrorBody(response.text);
  const code = apiCode(body, response.status) ?? oauthCode(body);
  const detail = redirectDetail(response) ?? body.detail ?? body.error_description;
  return new AtlasApiError(
    {
      status: response.status,
      errorCode: code === null ? null : untrustedText(code, secrets),
      reason: untrustedText(body.reason ?? STATUS_CODES[response.status] ?? 'Unknown', secrets),
      detail: detail === undefined ? null : untrustedText(detail, secrets),
    },
    errorContext,
  );
}

/**
 * Returns the code of an API error. The reference requires a code and the repeated status in its body; gateways and
 * proxies send neither.
 */
function apiCode({ errorCode, error }: ErrorBody, status: number): string | null {
  return error === status && errorCode !== undefined && API_CODE.test(errorCode) ? errorCode : null;
}

/** Returns the code of an OAuth error. Its lower case keeps it distinct from the codes of the API. */
function oauthCode({ error }: ErrorBody): string | null {
  return typeof error === 'string' && OAUTH_CODE.test(error) ? error : null;
}

/** Names the host that a redirect points to. Omits the rest of the URL, which may repeat the request. */
function redirectDetail(response: HttpResponse): string | undefined {
  if (response.status < 300 || response.status > 399) return undefined;
  const location = response.headers['location'];
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
 * Returns the document in the schema's shape.
 *
 * @throws AtlasResponseError (`shape`) that names the first wrong field, such as `results[3].id: expected string`
 */
export function validated<T>(schema: z.ZodType<T>, document: unknown, errorContext: ErrorContext): T {
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw shapeError(issue ? faultOf(issue) : { path: [], expected: 'unexpected' }, errorContext);
}

/** Returns an error that names the wrong field. It never contains the field's value. */
export function shapeError({ path, expected }: Fault, errorContext: ErrorContext): AtlasResponseError {
  return new AtlasResponseError('shape', untrustedText(`${fieldPath(path)}: ${expected}`), errorContext);
}
