import { STATUS_CODES } from 'node:http';
import { authenticate } from '../auth/authenticate.ts';
import type { DigestAuthentication } from '../auth/digest.ts';
import type { Tokens } from '../auth/tokens.ts';
import type { Fault, FaultPlan } from '../faults.ts';
import type { Organisation } from '../organisation/types.ts';
import { ENDPOINT_SETS } from '../rate-limit-sizes.ts';
import type { RateLimiter } from '../rate-limits.ts';
import { ApiError, errorBody } from './api-error.ts';
import type { ApiRequest, ApiRoute } from './api-route.ts';
import { FileResponse } from './file-response.ts';
import type { HttpResponse } from './respond.ts';
import { type RouteMatch, splitTarget } from './router.ts';
import { withUnreadable } from './unreadable-items.ts';
import { negotiateVersion } from './version.ts';

/** A version that is being withdrawn, announced in the headers of an operation's responses. */
export interface Deprecation {
  /** The value of the `Deprecation` header. */
  deprecation?: string;
  /** The value of the `Sunset` header. */
  sunset?: string;
}

/** The state that the API's responses depend on, besides the request. */
export interface ApiState {
  organisation: Organisation;
  tokens: Tokens;
  digest: DigestAuthentication;
  rateLimits: RateLimiter;
  faults: FaultPlan;
  /** By operation. */
  deprecations: Readonly<Record<string, Deprecation>>;
  /** The error of a list's `totalCount`. */
  totalCountError: number;
}

/** A request as received. */
export interface RawRequest {
  method: string;
  /** Path and query as the client sent them. */
  target: string;
  authorization: string | undefined;
  accept: string | undefined;
  body: string;
  /** Returns how many requests for this exact path came before. */
  earlierRequests(): number;
  /** Scheme, host and port of the simulator. */
  origin: string;
  /** When it arrived, in milliseconds since 1970. */
  now: number;
}

/** Responds to a request. Checks in order: sender, rate limit, faults, version; then calls the route. */
export function handleApiRequest(
  state: ApiState,
  request: RawRequest,
  match: RouteMatch,
  faultFor: () => Fault | undefined,
): { response: HttpResponse; fault: Fault | undefined } {
  const { path, query } = splitTarget(request.target);
  const { route } = match;
  let headers: Record<string, string> = {};
  let fault: Fault | undefined;
  try {
    const user = authenticate(request, state.tokens, state.digest);
    headers = state.rateLimits.take(route.set, scopeOf(route, match, user.id), path);
    fault = faultFor();
    if (fault?.kind === 'status') return { response: faultResponse(fault), fault };
    const version = negotiateVersion(request.accept, route, path);
    const apiRequest: ApiRequest = {
      organisation: state.organisation,
      now: request.now,
      origin: request.origin,
      path,
      query: new URLSearchParams(query),
      body: request.body,
      earlierRequests: request.earlierRequests,
      parameter: (name) => match.parameters.get(name) ?? '',
      mayRead: user.mayRead,
      endpointFaults: state.faults.endpointFaults,
      totalCountError: state.totalCountError,
    };
    const result = route.handle(apiRequest);
    if (result instanceof FileResponse) {
      const own = { ...result.headers, 'Content-Type': `application/vnd.atlas.${version}+gzip` };
      return { response: { status: 200, headers: { ...headers, ...own }, body: result.bytes }, fault };
    }
    const document = fault?.kind === 'unreadable-items' ? withUnreadable(result, fault.items) : result;
    const body = render(document, route, apiRequest.query);
    const status = route.status?.(document) ?? 200;
    headers = { ...headers, ...deprecationHeaders(state.deprecations[route.operation]) };
    const contentType = `application/vnd.atlas.${version}+json;charset=utf-8`;
    return { response: { status, headers: { ...headers, 'Content-Type': contentType }, body }, fault };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { response: errorResponse(error, headers), fault };
  }
}

/** Returns the response for an error. */
export function errorResponse(error: ApiError, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return {
    status: error.status,
    headers: {
      ...headers,
      ...error.headers,
      'Content-Type': 'application/json',
      // The 401 is the only recorded error without this header.
      ...(error.status === 401 ? {} : { 'X-Error-Code': error.errorCode }),
    },
    body: JSON.stringify(errorBody(error)),
  };
}

/** Returns the response of a `status` fault. */
export function faultResponse(fault: Fault): HttpResponse {
  const status = fault.status ?? 500;
  const retry: Record<string, string> =
    fault.retryAfter === undefined ? {} : { 'Retry-After': String(fault.retryAfter) };
  if (fault.html) {
    const body = `<html>\r\n<head><title>${status}</title></head>\r\n<body>Try again later.</body>\r\n</html>\r\n`;
    return { status, headers: { ...retry, 'Content-Type': 'text/html' }, body };
  }
  if (fault.codeless) {
    const reason = STATUS_CODES[status] ?? 'Unknown';
    const body = JSON.stringify({ error: status, reason, detail: 'Not on the access list.' });
    return { status, headers: { ...retry, 'Content-Type': 'application/json' }, body };
  }
  const code = fault.errorCode ?? 'UNEXPECTED_ERROR';
  const detail = code === 'UNEXPECTED_ERROR' ? 'Unexpected error.' : `The request was refused: ${code}.`;
  return errorResponse(new ApiError(status, code, detail), retry);
}

function scopeOf(route: ApiRoute, match: RouteMatch, userId: string): string {
  const parameter = { project: 'groupId', organisation: 'orgId' } as const;
  const { scope } = ENDPOINT_SETS[route.set];
  return scope === 'user' ? userId : (match.parameters.get(parameter[scope]) ?? '');
}

function render(document: object, route: ApiRoute, query: URLSearchParams): string {
  const enveloped = query.get('envelope') === 'true';
  const content = route.list ? { ...document, status: 200 } : { content: document, status: 200 };
  return JSON.stringify(enveloped ? content : document, null, query.get('pretty') === 'true' ? 2 : 0);
}

function deprecationHeaders({ deprecation, sunset }: Deprecation = {}): Record<string, string> {
  return {
    ...(deprecation === undefined ? {} : { Deprecation: deprecation }),
    ...(sunset === undefined ? {} : { Sunset: sunset }),
  };
}
