import { HOUR, MINUTE } from '../../durations.ts';
import type { HttpResponse } from '../transport.ts';

/** What a response says about its bucket; undefined where it says nothing. */
export interface RateLimitReport {
  limit: number | undefined;
  remaining: number | undefined;
  /** Milliseconds without requests, if the response is a refusal. */
  pause: number | undefined;
  /** The bucket is empty: 429. */
  exhausted: boolean;
  /** The response comes from behind the rate limit, and not from a gateway or the authentication in front of it. */
  counted: boolean;
}

/** For a 429 that does not say how long to wait: by then every bucket has had one refill. */
const DEFAULT_PAUSE = MINUTE;

/**
 * The longest pause that one response can cause: an hour. A message that waits longer has left its queue, and a later
 * run needs a new response to confirm the pause.
 */
const MAX_PAUSE = HOUR;

export function rateLimitReport(response: HttpResponse): RateLimitReport {
  const exhausted = response.status === 429;
  const retryAfter = retryAfterOf(response);
  const limit = wholeNumber(response.headers['ratelimit-limit']);
  const remaining = wholeNumber(response.headers['ratelimit-remaining']);
  let pause: number | undefined;
  if (exhausted) pause = retryAfter ?? bucketPause(response.text) ?? DEFAULT_PAUSE;
  else if (response.status === 503) pause = retryAfter;
  if (pause !== undefined) pause = Math.min(pause, MAX_PAUSE);
  return {
    limit,
    remaining,
    pause,
    exhausted,
    counted: remaining !== undefined || (response.status < 500 && response.status !== 401),
  };
}

/** Returns milliseconds. Atlas sends seconds; the header's other form, a date, would need the server's clock. */
function retryAfterOf(response: HttpResponse): number | undefined {
  const seconds = wholeNumber(response.headers['retry-after']);
  return seconds === undefined ? undefined : seconds * 1_000;
}

function wholeNumber(header: string | string[] | undefined): number | undefined {
  if (typeof header !== 'string' || !/^\d{1,9}$/.test(header)) return undefined;
  return Number(header);
}

/**
 * Reads `RATE_LIMITED_TOKEN_BUCKET`, whose parameters are [path, retry seconds, capacity, refill, interval seconds].
 */
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
