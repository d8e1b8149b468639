import type { HttpResponse } from '../transport.ts';

/** What an answer says about its bucket; undefined where it says nothing. */
export interface RateLimitReport {
  limit: number | undefined;
  remaining: number | undefined;
  /** Milliseconds during which nothing may be sent, when the answer is a refusal. */
  pause: number | undefined;
  /** The bucket is empty: 429. */
  exhausted: boolean;
  /** The answer comes from behind the rate limit, not from a gateway or the authentication before it. */
  counted: boolean;
}

/** After a 429 that does not say how long: by then every bucket has had one refill. */
const DEFAULT_PAUSE = 60_000;

/**
 * The longest that one answer can close a bucket: an hour. A message that waits longer has left its queue, and then an
 * answer is needed that says it again.
 */
const LONGEST_PAUSE = 3_600_000;

export function rateLimitReport(answer: HttpResponse): RateLimitReport {
  const exhausted = answer.status === 429;
  const retryAfter = retryAfterOf(answer);
  const limit = wholeNumber(answer.headers['ratelimit-limit']);
  const remaining = wholeNumber(answer.headers['ratelimit-remaining']);
  let pause: number | undefined;
  if (exhausted) pause = retryAfter ?? bucketPause(answer.text) ?? DEFAULT_PAUSE;
  else if (answer.status === 503) pause = retryAfter;
  if (pause !== undefined) pause = Math.min(pause, LONGEST_PAUSE);
  return {
    limit,
    remaining,
    pause,
    exhausted,
    counted: remaining !== undefined || (answer.status < 500 && answer.status !== 401),
  };
}

/** Milliseconds. Atlas gives seconds; the header's other form, a date, would need the server's clock. */
function retryAfterOf(answer: HttpResponse): number | undefined {
  const seconds = wholeNumber(answer.headers['retry-after']);
  return seconds === undefined ? undefined : seconds * 1_000;
}

function wholeNumber(header: string | string[] | undefined): number | undefined {
  if (typeof header !== 'string' || !/^\d{1,9}$/.test(header)) return undefined;
  return Number(header);
}

/** `RATE_LIMITED_TOKEN_BUCKET` has parameters [path, retry seconds, capacity, refill, interval seconds]. */
function bucketPause(body: string): number | undefined {
  try {
    const document: unknown = JSON.parse(body);
    if (typeof document !== 'object' || document === null) return undefined;
    if (!('errorCode' in document) || document.errorCode !== 'RATE_LIMITED_TOKEN_BUCKET') return undefined;
    if (!('parameters' in document) || !Array.isArray(document.parameters)) return undefined;
    const seconds: unknown = document.parameters[1];
    return typeof seconds === 'number' && seconds >= 0 ? seconds * 1_000 : undefined;
  } catch {
    return undefined;
  }
}
