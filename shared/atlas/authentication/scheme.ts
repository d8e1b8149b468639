import type { CallContext } from '../call-context.ts';
import type { HttpResponse } from '../transport.ts';

/** One way of proving who asks, with one set of credentials. */
export interface Scheme {
  /** What a request needs to be sent: may ask Atlas for a token, or wait until another request has been challenged. */
  authorize(scope: CallContext): Promise<Authorization>;
}

/** The proof for one request. */
export interface Authorization {
  readonly scheme: Scheme;
  /** What must not show in an error, should the answer repeat it. */
  readonly secrets: readonly string[];
  /**
   * The Authorization header for a request of this target, which is sent at once; undefined for a request that is sent to
   * be challenged. Waits where requests must not be under way together.
   */
  header(method: 'GET' | 'POST', target: string): Promise<string | undefined> | string | undefined;
  /**
   * To be called once, with the answer, or undefined when there was none. True when a 401 refuses nobody: the request was
   * sent only to be challenged, or with a challenge that has been used up or overtaken.
   */
  settle(answer: HttpResponse | undefined): boolean;
}
