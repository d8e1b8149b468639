import type { CallContext } from '../call-context.ts';
import type { HttpResponse } from '../transport.ts';

/** One way to authenticate, with one set of credentials. */
export interface Scheme {
  /** Prepares a request's authorization. May request a token from Atlas, or wait for another request's challenge. */
  authorize(context: CallContext): Promise<Authorization>;
}

/** The authorization for one request. */
export interface Authorization {
  readonly scheme: Scheme;
  /** Values to redact from errors, in case the response repeats them. */
  readonly secrets: readonly string[];
  /** Whether a new token would not help: this one has just been issued, or there is none. */
  readonly isFresh: boolean;
  /**
   * Returns the Authorization header for a request of this target, which must be sent immediately; undefined for a
   * request that is sent to receive a challenge. Waits if requests must go one at a time.
   */
  header(method: 'GET' | 'POST', target: string): Promise<string | undefined> | string | undefined;
  /**
   * Call once, with the response, or with undefined if there was none. Returns true if a 401 says nothing about the
   * credentials: the request was sent to receive a challenge, or its challenge was used up or overtaken.
   */
  settle(response: HttpResponse | undefined): boolean;
}
