import type { Traffic } from './api.ts';
import type { AtlasTime } from './atlas-time.ts';
import type { Authentication } from './authentication/authentication.ts';
import { type CallContext, withDeadline } from './call-context.ts';
import { AtlasError } from './errors.ts';
import { type ExchangeTools, exchange } from './exchange.ts';
import { STATUS_BUCKET } from './rate-limit/sets.ts';

const OPERATION = 'learnTime';

/** The API's root, which needs no parameters. Whatever Atlas answers there, it has a date. */
const TARGET = '/api/atlas/v2';

/**
 * Makes sure that Atlas has said lately what time it is. The request for a token says it too, so that a request of its
 * own is seldom needed.
 * Returns why no request can be sent at all, if so: what time it is stays unknown then.
 */
export async function learnTime(
  tools: ExchangeTools & { authentication: Authentication; time: AtlasTime },
  session: { deadline: number; traffic: Traffic },
): Promise<AtlasError | null> {
  if (tools.time.isFresh) return null;
  try {
    return await withDeadline(session, OPERATION, tools.clock, async (scope) => {
      const authorization = await tools.authentication.authorize(scope);
      authorization.settle(undefined);
      if (!tools.time.isFresh) await askRoot(tools, scope, authorization.secrets);
      return null;
    });
  } catch (error) {
    if (!(error instanceof AtlasError)) throw error;
    return error;
  }
}

async function askRoot(tools: ExchangeTools, scope: CallContext, secrets: readonly string[]): Promise<void> {
  // Without credentials: a nonce or a token would be used up for nothing.
  const write = () =>
    ({ method: 'GET', target: TARGET, accept: 'application/json', authorization: undefined }) as const;
  const attempt = { operation: OPERATION, bucket: STATUS_BUCKET, scope, number: 1, previous: undefined };
  try {
    await exchange(tools, { write, secrets }, attempt);
  } catch (error) {
    // An error has a date as well. Where there was no answer, what is asked next meets the same trouble.
    if (!(error instanceof AtlasError)) throw error;
  }
}
