import type { Traffic } from './api.ts';
import type { AtlasTime } from './atlas-time.ts';
import type { Authentication } from './authentication/authentication.ts';
import { AtlasError } from './errors.ts';
import { type ExchangeTools, exchange } from './exchange.ts';
import { STATUS_BUCKET } from './rate-limit/sets.ts';
import { withDeadline } from './scope.ts';

const OPERATION = 'learnTime';

/** The API's root, which needs no parameters. Whatever Atlas answers there, it has a date. */
const TARGET = '/api/atlas/v2';

/**
 * Makes sure that Atlas has said lately what time it is. The request for a token says it too, so that a request of its
 * own is seldom needed. Where Atlas does not answer, what is asked next will meet the same trouble.
 */
export async function learnTime(
  tools: ExchangeTools & { authentication: Authentication; time: AtlasTime },
  session: { deadline: number; traffic: Traffic },
): Promise<void> {
  if (tools.time.isFresh) return;
  try {
    await withDeadline(session, OPERATION, tools.clock, async (scope) => {
      const authorization = await tools.authentication.authorize(scope);
      authorization.settle(undefined);
      if (tools.time.isFresh) return;
      // Without credentials: a nonce or a token would be used up for nothing.
      const request = {
        write: () =>
          ({
            method: 'GET',
            target: TARGET,
            accept: 'application/json',
            authorization: undefined,
          }) as const,
        secrets: authorization.secrets,
      };
      await exchange(tools, request, {
        operation: OPERATION,
        bucket: STATUS_BUCKET,
        scope,
        number: 1,
        previous: undefined,
      });
    });
  } catch (error) {
    if (!(error instanceof AtlasError)) throw error;
  }
}
