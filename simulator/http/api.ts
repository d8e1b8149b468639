import { STATUS_CODES } from 'node:http';
import type { DigestGate } from '../auth/digest.ts';
import { authenticate } from '../auth/gate.ts';
import type { Tokens } from '../auth/tokens.ts';
import type { Fault, FaultPlan } from '../faults.ts';
import type { Organisation } from '../organisation/types.ts';
import { ENDPOINT_SETS } from '../rate-limit-sizes.ts';
import type { RateLimiter } from '../rate-limits.ts';
import { ApiError, errorBody } from './api-error.ts';
import type { ApiRequest, ApiRoute } from './api-route.ts';
import type { Answer } from './respond.ts';
import { type RouteMatch, splitTarget } from './router.ts';
import { withUnreadable } from './unreadable-items.ts';
import { negotiateVersion } from './version.ts';

/** A version that is going away, announced in the headers of an operation's answers. */
export interface Deprecation {
  /** The value of the `Deprecation` header. */
  deprecation?: string;
  /** The value of the `Sunset` header. */
  sunset?: string;
}

/** What the API's answers depend on, besides the request. */
export interface ApiState {
  organisation: Organisation;
  tokens: Tokens;
  digest: DigestGate;
  rateLimits: RateLimiter;
  faults: FaultPlan;
  /** By operation. */
  deprecations: Readonly<Record<string, Deprecation>>;
  /** How far off the `totalCount` of a list is. */
  totalCountError: number;
}

/** A request as it came. */
export interface RawRequest {
  method: string;
  /** Path and query as they were sent. */
  target: string;
  authorization: string | undefined;
  accept: string | undefined;
  body: string;
  /** How many requests for this very path came before. */
  earlier(): number;
  /** Scheme, host and port of the simulator. */
  origin: string;
  /** When it came, in milliseconds since 1970. */
  now: number;
}

/** Answers a request: who asks, how often, whether a fault strikes, in which version, and then what. */
export function answerApi(
  state: ApiState,
  request: RawRequest,
  match: RouteMatch,
  strike: () => Fault | undefined,
): { answer: Answer; fault: Fault | undefined } {
  const { path, query } = splitTarget(request.target);
  const { route } = match;
  let headers: Record<string, string> = {};
  let fault: Fault | undefined;
  try {
    const user = authenticate(request, state.tokens, state.digest);
    headers = state.rateLimits.take(route.set, scopeOf(route, match, user.id), path);
    fault = strike();
    if (fault?.kind === 'status') return { answer: faultAnswer(fault), fault };
    const version = negotiateVersion(request.accept, route, path);
    const apiRequest: ApiRequest = {
      organisation: state.organisation,
      now: request.now,
      origin: request.origin,
      path,
      query: new URLSearchParams(query),
      body: request.body,
      earlier: request.earlier,
      parameter: (name) => match.parameters.get(name) ?? '',
      mayRead: user.mayRead,
      vanished: state.faults.vanished,
      totalCountError: state.totalCountError,
    };
    const answered = route.answer(apiRequest);
    const document = fault?.kind === 'unreadable-items' ? withUnreadable(answered, fault.items) : answered;
    const body = render(document, route, apiRequest.query);
    const status = route.status?.(document) ?? 200;
    headers = { ...headers, ...deprecationHeaders(state.deprecations[route.operation]) };
    const contentType = `application/vnd.atlas.${version}+json;charset=utf-8`;
    return { answer: { status, headers: { ...headers, 'Content-Type': contentType }, body }, fault };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { answer: errorAnswer(error, headers), fault };
  }
}

/** The answer that stands for an error. */
export function errorAnswer(error: ApiError, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status: error.status,
    headers: {
      ...headers,
      ...error.headers,
      'Content-Type': 'application/json',
      // The one error that Atlas has been seen to send without it.
      ...(error.status === 401 ? {} : { 'X-Error-Code': error.errorCode }),
    },
    body: JSON.stringify(errorBody(error)),
  };
}

/** The answer of a fault that is a status. */
export function faultAnswer(fault: Fault): Answer {
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
  return errorAnswer(new ApiError(status, code, detail), retry);
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
