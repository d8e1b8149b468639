import type { Clock } from '../clock.ts';
import type { AtlasLog } from './api.ts';
import type { AtlasTime } from './atlas-time.ts';
import { assertBeforeDeadline, type CallContext } from './call-context.ts';
import type { BodySink } from './download.ts';
import { type AtlasError, AtlasThrottledError } from './errors.ts';
import { rateLimitReport } from './rate-limit/headers.ts';
import type { Permit, RateLimiter } from './rate-limit/limiter.ts';
import type { Bucket } from './rate-limit/sets.ts';
import { apiError } from './responses.ts';
import { MAX_ATTEMPTS } from './retry.ts';
import type { HttpResponse, Outgoing, Transport } from './transport.ts';

/**
 * Cost Explorer sends 102 and 202 for a query that it accepted or has not finished. The authentication handles a 401.
 */
const PASSED_ON = new Set([102, 200, 202, 401]);

/** One attempt at an operation. */
export interface Attempt {
  readonly operation: string;
  readonly bucket: Bucket;
  readonly context: CallContext;
  /** The first is 1. */
  readonly number: number;
  readonly previous: AtlasError | undefined;
  /** Takes the file that the response contains, if it is a 200. */
  readonly sink?: BodySink;
}

/** What every request uses. */
export interface ExchangeTools {
  readonly transport: Transport;
  readonly limiter: RateLimiter;
  readonly clock: Clock;
  readonly log: AtlasLog;
  /** Learns Atlas's time from each response. */
  readonly time: AtlasTime;
}

/** A request that is written when its turn comes, and the secrets in it. */
export interface Request {
  write(): Promise<Outgoing> | Outgoing;
  readonly secrets: readonly string[];
}

/**
 * Sends one HTTP request when its bucket allows it, counts it, and updates the bucket from the response.
 *
 * @returns the response, if its status is 102, 200, 202 or 401
 * @throws AtlasApiError for any other status
 * @throws AtlasThrottledError for the last allowed 429; and what the limiter and the transport throw
 */
export async function exchange(
  tools: ExchangeTools,
  request: Request,
  attempt: Attempt,
): Promise<HttpResponse> {
  const { operation, bucket, context, number, previous, sink } = attempt;
  const permit = await permitFor(tools, attempt);
  let response: HttpResponse | undefined;
  try {
    const outgoing = await request.write();
    assertBeforeDeadline(context, tools.clock, { operation, attempts: number - 1, cause: previous });
    context.traffic.requests += 1;
    const sentAt = tools.clock.now();
    response = await tools.transport.send(outgoing, context, { operation, attempts: number }, sink);
    tools.time.note(response, sentAt);
  } finally {
    permit.release(response === undefined ? undefined : rateLimitReport(response));
  }
  if (PASSED_ON.has(response.status)) return response;

  const secrets = [...request.secrets, ...tools.transport.secrets];
  const error = apiError(response, secrets, { operation, attempts: number });
  const { pause } = rateLimitReport(response);
  if (pause !== undefined) {
    context.traffic.throttled += 1;
    tools.log.info('Atlas asked the client to wait', {
      operation,
      status: response.status,
      bucket: bucket.key,
      milliseconds: pause,
    });
    if (number >= MAX_ATTEMPTS) {
      const errorContext = { operation, attempts: number, cause: error };
      const retryAt = tools.clock.now() + pause;
      context.exhausted.set(bucket.key, retryAt);
      throw new AtlasThrottledError(bucket.key, retryAt, errorContext);
    }
  }
  throw error;
}

/**
 * Waits until the bucket allows the request. Once it has refused a request of the session, it refuses all until then. So
 * work that must wait takes nothing from what can still finish, and the session goes on with other buckets.
 */
async function permitFor(
  { limiter, clock }: ExchangeTools,
  { operation, bucket, context, number, previous }: Attempt,
): Promise<Permit> {
  const attempts = number - 1;
  const retryAt = context.exhausted.get(bucket.key) ?? Number.NEGATIVE_INFINITY;
  if (clock.now() < retryAt)
    throw new AtlasThrottledError(bucket.key, retryAt, { operation, attempts, cause: previous });
  try {
    return await limiter.acquire({ bucket, context, operation, attempts, previous });
  } catch (error) {
    if (error instanceof AtlasThrottledError) context.exhausted.set(bucket.key, error.retryAt);
    throw error;
  }
}
