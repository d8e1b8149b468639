import type { Clock } from '../clock.ts';
import { apiError } from './answers.ts';
import type { AtlasLog } from './api.ts';
import type { AtlasTime } from './atlas-time.ts';
import { assertBeforeDeadline, type CallContext } from './call-context.ts';
import { type AtlasError, AtlasThrottledError } from './errors.ts';
import { rateLimitReport } from './rate-limit/headers.ts';
import type { RateLimiter } from './rate-limit/limiter.ts';
import type { Bucket } from './rate-limit/sets.ts';
import { MAX_ATTEMPTS } from './retry.ts';
import type { HttpResponse, Outgoing, Transport } from './transport.ts';

/** 102 and 202 are Cost Explorer's: a query was accepted, or is not answered yet. A 401 is for the authentication to judge. */
const PASSED_ON = new Set([102, 200, 202, 401]);

/** One attempt at an operation. */
export interface Attempt {
  readonly operation: string;
  readonly bucket: Bucket;
  readonly scope: CallContext;
  /** The first is 1. */
  readonly number: number;
  readonly previous: AtlasError | undefined;
}

/** What every request needs. */
export interface ExchangeTools {
  readonly transport: Transport;
  readonly limiter: RateLimiter;
  readonly clock: Clock;
  readonly log: AtlasLog;
  /** Learns from each answer what time it is. */
  readonly time: AtlasTime;
}

/** A request that is written when its turn has come, and the secrets that are in it. */
export interface Request {
  write(): Promise<Outgoing> | Outgoing;
  readonly secrets: readonly string[];
}

/**
 * Sends one HTTP request when its bucket allows it, counts it, and tells the bucket what the answer says.
 *
 * @returns the answer, if it is 102, 200, 202 or 401
 * @throws AtlasApiError for any other status; AtlasThrottledError for the last 429 that is put up with; and what the
 *   limiter and the transport throw
 */
export async function exchange(
  tools: ExchangeTools,
  request: Request,
  attempt: Attempt,
): Promise<HttpResponse> {
  const { operation, bucket, scope, number, previous } = attempt;
  const permit = await tools.limiter.acquire({ bucket, scope, operation, attempts: number - 1, previous });
  let answer: HttpResponse | undefined;
  try {
    const outgoing = await request.write();
    assertBeforeDeadline(scope, tools.clock, { operation, attempts: number - 1, cause: previous });
    scope.traffic.requests += 1;
    const sentAt = tools.clock.now();
    answer = await tools.transport.send(outgoing, scope, { operation, attempts: number });
    tools.time.note(answer, sentAt);
  } finally {
    permit.release(answer === undefined ? undefined : rateLimitReport(answer));
  }
  if (PASSED_ON.has(answer.status)) return answer;

  const error = apiError(answer, request.secrets, { operation, attempts: number });
  const { pause } = rateLimitReport(answer);
  if (pause !== undefined) {
    scope.traffic.throttled += 1;
    tools.log.info('Atlas asks to wait', {
      operation,
      status: answer.status,
      bucket: bucket.key,
      milliseconds: pause,
    });
    if (number >= MAX_ATTEMPTS) {
      const errorContext = { operation, attempts: number, cause: error };
      throw new AtlasThrottledError(bucket.key, tools.clock.now() + pause, errorContext);
    }
  }
  throw error;
}
