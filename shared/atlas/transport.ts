import type { Dispatcher } from 'undici';
// Not from 'undici' itself, which brings fetch, WebSocket, caches and mocks into every function's bundle.
import request from 'undici/lib/api/api-request.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import type { OrganisationId } from '../ids.ts';
import type { BaseUrl } from './base-url.ts';
import {
  ACCEPT_ENCODING,
  BodyBroken,
  BodyTooLarge,
  MAX_BODY,
  MOST_VALUES,
  readWhole,
  textOf,
} from './body.ts';
import { type CallContext, deadlineError } from './call-context.ts';
import { AtlasResponseError, AtlasUnreachableError, type ErrorContext } from './errors.ts';
import { untrustedText } from './untrusted-text.ts';

/** At most so many requests at a time: Atlas answers one in 0.1 to 0.5 s, the bucket refills 2 in a second. */
export const CONNECTIONS = 10;

const USER_AGENT = 'atlas-lake/0.1.0';

/** Time limits in milliseconds. */
export interface TimeLimits {
  connect: number;
  /** From the request to the answer's headers. */
  headers: number;
  /** Between two parts of the body. */
  body: number;
  /** For the whole of it: a server that sends a byte now and then stays within the other limits. */
  total: number;
}

// Atlas was seen to answer within half a second; a full answer of access logs may take some. With three attempts at a
// request that times out, one target that hangs costs a run a minute.
export const TIME_LIMITS: TimeLimits = { connect: 10_000, headers: 20_000, body: 20_000, total: 60_000 };

const PROCESSING = 102;

/** Milliseconds after a 102 in which the answer itself may follow. */
const PROCESSING_PATIENCE = 2_000;

/** Milliseconds that an idle connection is kept: longer than a request waits for its bucket. */
const KEEP_ALIVE = 20_000;

/** The one address beside the token's that is asked with POST: a query of Cost Explorer, which changes nothing. */
export type CostQueryTarget = `/api/atlas/v2/orgs/${OrganisationId}/billing/costExplorer/usage`;

/** All that can be sent: a read, the request for a token, or a query of Cost Explorer. */
export type Outgoing =
  | { method: 'GET'; target: string; accept: string; authorization: string | undefined }
  | { method: 'POST'; target: '/api/oauth/token'; form: string; accept: string; authorization: string }
  | {
      method: 'POST';
      target: CostQueryTarget;
      json: string;
      accept: string;
      authorization: string | undefined;
    };

export interface HttpResponse {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string | string[] | undefined>;
  /** Decompressed. */
  text: string;
}

/** The HTTP connections to one Atlas. Redirects are answers like any other here, and are not followed. */
export class Transport {
  readonly #base: BaseUrl;
  readonly #dispatcher: Dispatcher;
  readonly #total: number;
  #closed = false;

  /** `dispatcher`: what sends the requests in place of connections of its own. */
  constructor(base: BaseUrl, limits: TimeLimits = TIME_LIMITS, dispatcher?: Dispatcher) {
    this.#base = base;
    this.#total = limits.total;
    this.#dispatcher = dispatcher ?? connectionsWithin(limits);
  }

  /** The target as the request line has it, with the prefix of the base URL. */
  fullTarget(target: string): string {
    return this.#base.prefix + target;
  }

  /**
   * Sends one request and reads the whole answer.
   *
   * @throws AtlasUnreachableError when there is no answer in time
   * @throws AtlasResponseError when the body is cut short (`incomplete`) or too large (`too-large`)
   * @throws AtlasDeadlineError when the scope's deadline comes first
   */
  async send(outgoing: Outgoing, scope: CallContext, errorContext: ErrorContext): Promise<HttpResponse> {
    const processing = new AbortController();
    const signal = AbortSignal.any([scope.signal, AbortSignal.timeout(this.#total), processing.signal]);
    let answering = false;
    let isProcessing = false;
    let patience: NodeJS.Timeout | undefined;
    try {
      const response = await request.call(this.#dispatcher, {
        origin: this.#base.origin,
        path: this.fullTarget(outgoing.target),
        method: outgoing.method,
        headers: headersOf(outgoing),
        body: bodyOf(outgoing),
        signal,
        // HTTP lets another answer follow a 102, on the same connection. Cost Explorer says no more.
        onInfo: ({ statusCode }) => {
          if (statusCode !== PROCESSING) return;
          isProcessing = true;
          patience ??= setTimeout(() => processing.abort(), PROCESSING_PATIENCE);
        },
      });
      clearTimeout(patience);
      answering = true;
      const { headers } = response;
      const encoding = [headers['content-encoding'] ?? ''].flat().join(',');
      const text = await textOf(await readWhole(response.body), encoding);
      return { status: response.statusCode, headers, text };
    } catch (error) {
      if (scope.signal.aborted) throw deadlineError(errorContext);
      if (isProcessing && !answering) return { status: PROCESSING, headers: {}, text: '' };
      if (error instanceof BodyTooLarge) {
        const most = `${MAX_BODY} bytes or ${MOST_VALUES} values`;
        throw new AtlasResponseError('too-large', `the answer is larger than ${most}`, errorContext);
      }
      const cause = harmless(error);
      const timedOut = signal.aborted || /timeout/i.test(cause.name);
      if (error instanceof BodyBroken || (answering && !timedOut)) {
        throw new AtlasResponseError('incomplete', 'the answer was cut short', { ...errorContext, cause });
      }
      const what = timedOut ? 'Atlas did not answer in time' : 'Atlas cannot be reached';
      throw new AtlasUnreachableError(`${what} (${cause.message})`, { ...errorContext, cause, timedOut });
    } finally {
      clearTimeout(patience);
    }
  }

  /** Ends the idle connections, and the others with their last answer. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#dispatcher.close();
  }
}

function connectionsWithin(limits: TimeLimits): Dispatcher {
  return new Agent({
    allowH2: true,
    connections: CONNECTIONS,
    connectTimeout: limits.connect,
    headersTimeout: limits.headers,
    bodyTimeout: limits.body,
    keepAliveTimeout: KEEP_ALIVE,
  });
}

function headersOf(outgoing: Outgoing): Record<string, string> {
  return {
    accept: outgoing.accept,
    'accept-encoding': ACCEPT_ENCODING,
    'user-agent': USER_AGENT,
    ...(outgoing.authorization === undefined ? {} : { authorization: outgoing.authorization }),
    ...contentTypeOf(outgoing),
  };
}

function bodyOf(outgoing: Outgoing): string | null {
  if (outgoing.method === 'GET') return null;
  return 'form' in outgoing ? outgoing.form : outgoing.json;
}

function contentTypeOf(outgoing: Outgoing): Record<string, string> {
  if (outgoing.method === 'GET') return {};
  return { 'content-type': 'form' in outgoing ? 'application/x-www-form-urlencoded' : 'application/json' };
}

/** Name, code and message of an error and nothing else: undici's may hold sockets, or a request with its headers. */
function harmless(error: unknown): Error {
  // A host with several addresses fails with all of their errors, under an empty message.
  const first = error instanceof AggregateError ? error.errors[0] : undefined;
  const source: unknown = first instanceof Error ? first : error;
  if (!(source instanceof Error)) return new Error('unknown error');
  const code = 'code' in source && typeof source.code === 'string' ? source.code : undefined;
  const copy = new Error(untrustedText(source.message || code || source.name));
  copy.name = source.name;
  return code === undefined ? copy : Object.assign(copy, { code });
}
