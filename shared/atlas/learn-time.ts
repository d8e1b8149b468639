import type { AtlasTime } from './atlas-time.ts';
import type { Authentication } from './authentication/authentication.ts';
import { type CallContext, type SessionContext, withDeadline } from './call-context.ts';
import { AtlasError } from './errors.ts';
import { type ExchangeTools, exchange } from './exchange.ts';
import { STATUS_BUCKET } from './rate-limit/sets.ts';

const OPERATION = 'learnTime';

/** The API's root, which needs no parameters. Every response has a date, whatever its status. */
const TARGET = '/api/atlas/v2';

/**
 * Makes sure that a recent response has shown Atlas's time. A token request shows it too, so this rarely needs a
 * request of its own.
 *
 * Returns the error if no request can be sent. Atlas's time then stays unknown.
 */
export async function learnTime(
  tools: ExchangeTools & { authentication: Authentication; time: AtlasTime },
  session: SessionContext,
): Promise<AtlasError | null> {
  if (tools.time.isFresh) return null;
  try {
    return await withDeadline(session, OPERATION, tools.clock, async (context) => {
      const authorization = await tools.authentication.authorize(context);
      authorization.settle(undefined);
      if (!tools.time.isFresh) await requestRoot(tools, context, authorization.secrets);
      return null;
    });
  } catch (error) {
    if (!(error instanceof AtlasError)) throw error;
    return error;
  }
}

async function requestRoot(
  tools: ExchangeTools,
  context: CallContext,
  secrets: readonly string[],
): Promise<void> {
  // Sent without credentials, so as not to use up a nonce or token.
  const write = () =>
    ({ method: 'GET', target: TARGET, accept: 'application/json', authorization: undefined }) as const;
  const attempt = { operation: OPERATION, bucket: STATUS_BUCKET, context, number: 1, previous: undefined };
  try {
    await exchange(tools, { write, secrets }, attempt);
  } catch (error) {
    // An error response has a date as well. If there was no response, the next request fails the same way.
    if (!(error instanceof AtlasError)) throw error;
  }
}
