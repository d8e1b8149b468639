import type { Dispatcher } from 'undici';
// Not from 'undici' itself, which adds fetch, WebSocket, caches and mocks to every function's bundle.
import request from 'undici/lib/api/api-request.js';
import type { HttpsProxy } from '../https-proxy.ts';
import type { OrganisationId } from '../ids.ts';
import type { BaseUrl } from './base-url.ts';
import { ACCEPT_ENCODING, BodyBroken, BodyTooLarge, readWhole, textOf } from './body.ts';
import { type CallContext, deadlineError } from './call-context.ts';
import { connectionsWithin, refusalOfProxy, TIME_LIMITS, type TimeLimits } from './connections.ts';
import { type BodySink, pour, SinkError } from './download.ts';
import { AtlasResponseError, AtlasUnreachableError, type ErrorContext } from './errors.ts';
import { untrustedText } from './untrusted-text.ts';

const USER_AGENT = 'atlas-lake/0.1.0';

const PROCESSING = 102;
const OK = 200;

/** Milliseconds after a 102 in which the final response may follow. */
const PROCESSING_PATIENCE = 2_000;

/** The only POST address beside the token endpoint: creates a query of Cost Explorer, which changes nothing. */
export type CostQueryTarget = `/api/atlas/v2/orgs/${OrganisationId}/billing/costExplorer/usage`;

/** Every request that the client can send: a read, a token request, or a query of Cost Explorer. */
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
  /** Decompressed; empty if a sink took the body. */
  text: string;
}

/** The HTTP connections to one Atlas. Returns redirects like any other response, and does not follow them. */
export class Transport {
  readonly #base: BaseUrl;
  readonly #dispatcher: Dispatcher;
  readonly #total: number;
  /** What every request may contain and no message may repeat. */
  readonly secrets: readonly string[];
  #closed = false;

  /** @param dispatcher sends the requests instead of real connections */
  constructor(
    base: BaseUrl,
    limits: TimeLimits = TIME_LIMITS,
    { dispatcher, proxy }: { dispatcher?: Dispatcher | undefined; proxy?: HttpsProxy | undefined } = {},
  ) {
    this.#base = base;
    this.#total = limits.total;
    this.secrets = proxy?.secrets ?? [];
    this.#dispatcher = dispatcher ?? connectionsWithin(limits, proxy);
  }

  /** Returns the target as in the request line, with the prefix of the base URL. */
  fullTarget(target: string): string {
    return this.#base.prefix + target;
  }

  /**
   * Sends one request and reads the whole response.
   *
   * @param sink takes the file that a 200 contains, piece by piece
   * @throws AtlasUnreachableError when there is no response in time
   * @throws AtlasResponseError when the body is truncated (`incomplete`) or too large (`too-large`)
   * @throws AtlasDeadlineError when the deadline of the call comes first
   */
  async send(
    outgoing: Outgoing,
    context: CallContext,
    errorContext: ErrorContext,
    sink?: BodySink,
  ): Promise<HttpResponse> {
    const processing = new AbortController();
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(this.#total), processing.signal]);
    let hasHeaders = false;
    let isProcessing = false;
    let finalResponseTimer: NodeJS.Timeout | undefined;
    try {
      const response = await request.call(this.#dispatcher, {
        origin: this.#base.origin,
        path: this.fullTarget(outgoing.target),
        method: outgoing.method,
        headers: headersOf(outgoing),
        body: bodyOf(outgoing),
        signal,
        // HTTP allows a final response after a 102, on the same connection. Cost Explorer sends nothing more.
        onInfo: ({ statusCode }) => {
          if (statusCode !== PROCESSING) return;
          isProcessing = true;
          finalResponseTimer ??= setTimeout(() => processing.abort(), PROCESSING_PATIENCE);
        },
      });
      clearTimeout(finalResponseTimer);
      hasHeaders = true;
      const { headers } = response;
      const encoding = [headers['content-encoding'] ?? ''].flat().join(',');
      if (sink !== undefined && response.statusCode === OK) {
        await pour(response, encoding, sink);
        return { status: OK, headers, text: '' };
      }
      const text = await textOf(await readWhole(response.body), encoding);
      return { status: response.statusCode, headers, text };
    } catch (error) {
      if (context.signal.aborted) throw deadlineError(errorContext);
      if (isProcessing && !hasHeaders) return { status: PROCESSING, headers: {}, text: '' };
      if (error instanceof SinkError) throw error.cause;
      if (error instanceof BodyTooLarge)
        throw new AtlasResponseError('too-large', error.message, errorContext);
      const cause = harmless(error, this.secrets);
      const timedOut = signal.aborted || /timeout/i.test(cause.name);
      if (error instanceof BodyBroken || (hasHeaders && !timedOut)) {
        const { message } = error instanceof BodyBroken ? error : new BodyBroken();
        throw new AtlasResponseError('incomplete', message, { ...errorContext, cause });
      }
      const what = timedOut ? 'Atlas did not answer in time' : 'Atlas cannot be reached';
      throw new AtlasUnreachableError(`${what} (${refusalOfProxy(cause) ?? cause.message})`, {
        ...errorContext,
        cause,
        timedOut,
      });
    } finally {
      clearTimeout(finalResponseTimer);
    }
  }

  /** Closes the idle connections now, and the others after their last response. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#dispatcher.close();
  }
}

function headersOf(outgoing: Outgoing): Record<string, string> {
  return {
    accept: outgoing.accept,
    // A file is compressed already.
    'accept-encoding': outgoing.accept.endsWith('+gzip') ? 'identity' : ACCEPT_ENCODING,
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

/**
 * Copies only the name, code and message of an error. undici's errors may contain sockets, or a request with its
 * headers.
 */
function harmless(error: unknown, secrets: readonly string[]): Error {
  // A host with several addresses fails with an aggregate of their errors and an empty message.
  const first = error instanceof AggregateError ? error.errors[0] : undefined;
  const source: unknown = first instanceof Error ? first : error;
  if (!(source instanceof Error)) return new Error('unknown error');
  const code = 'code' in source && typeof source.code === 'string' ? source.code : undefined;
  const copy = new Error(untrustedText(source.message || code || source.name, secrets));
  copy.name = source.name;
  return code === undefined ? copy : Object.assign(copy, { code });
}
