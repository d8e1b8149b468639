import * as z from 'zod';
import type { Clock } from '../../clock.ts';
import { AtlasApiError, AtlasAuthenticationError } from '../errors.ts';
import { type ExchangeTools, exchange } from '../exchange.ts';
import { TOKEN_BUCKET } from '../rate-limit/sets.ts';
import { apiError, parseJson, validated } from '../responses.ts';
import { withRetries } from '../retry.ts';
import { CredentialsRefused } from './authentication.ts';
import { basicCredentials, type RequestToken } from './service-account.ts';

/** Seconds that Atlas documents for its tokens. A token that expires earlier is renewed after a 401. */
const USUAL_LIFETIME = 3_600;

const tokenResponse = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  /** Seconds. RFC 6749 only recommends it, so no value of it makes a token useless. */
  expires_in: z
    .union([z.number(), z.string()])
    .transform(Number)
    .pipe(z.number().positive())
    .catch(USUAL_LIFETIME),
  token_type: z
    .string()
    .regex(/^bearer$/i)
    .nullish(),
});

const OPERATION = 'requestToken';

/** Returns a function that requests a token from Atlas (OAuth 2 client credentials) and retries transient failures. */
export function tokenRequester(tools: ExchangeTools & { clock: Clock; random: () => number }): RequestToken {
  return (clientId, clientSecret, context) => {
    const basic = basicCredentials(clientId, clientSecret);
    const request = {
      write: () =>
        ({
          method: 'POST',
          target: '/api/oauth/token',
          form: 'grant_type=client_credentials',
          accept: 'application/json',
          authorization: `Basic ${basic}`,
        }) as const,
      secrets: [basic, clientSecret, clientId, ...tools.transport.secrets],
    };
    return withRetries(OPERATION, context, tools, async (number, previous) => {
      const errorContext = { operation: OPERATION, attempts: number };
      const attempt = { operation: OPERATION, bucket: TOKEN_BUCKET, context, number, previous };
      const response = await exchange(tools, request, attempt).catch((error: unknown) => {
        if (error instanceof AtlasApiError && error.errorCode === 'invalid_client') throw refused(error);
        throw error;
      });
      if (response.status === 401) throw refused(apiError(response, request.secrets, errorContext));
      const token = validated(tokenResponse, parseJson(response, errorContext), errorContext);
      return { value: token.access_token, lifetime: token.expires_in * 1_000 };
    });
  };
}

function refused(error: AtlasApiError): CredentialsRefused {
  const { operation, attempts, detail } = error;
  const text = `Atlas refuses the service account${detail === null ? '' : `: ${detail}`}`;
  return new CredentialsRefused(new AtlasAuthenticationError(text, { operation, attempts, cause: error }));
}
